"""The read side for pages and the API: frozen rows and frames; never writes."""
