"""The REST application, mounted at `/api/v1`; thin: it reads with `queries` and changes with `workflows`."""

from __future__ import annotations

from typing import Final

from fastapi import FastAPI

from recon import __version__

API_PATH: Final = "/api/v1"


def create_api() -> FastAPI:
    """The API; it opens nothing until it is asked."""
    api = FastAPI(title="Tieout", version=__version__, docs_url=None, redoc_url=None)

    @api.get("/health")
    def health() -> dict[str, str]:
        """Whether the web server answers; says nothing about the database or the sidecar."""
        return {"status": "ok", "version": __version__}

    return api
