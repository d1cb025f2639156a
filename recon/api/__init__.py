"""The HTTP border: the REST application under `/api/v1` and the middleware in front of everything."""
