"""Opens the two places everything is kept: PostgreSQL for state, the evidence store for files and rows."""

from __future__ import annotations

from sqlalchemy import Engine

from recon.config import Settings
from recon.store.engine import connect
from recon.store.evidence import Evidence

__all__ = ["Evidence", "open_stores"]


def open_stores(settings: Settings) -> tuple[Engine, Evidence]:
    """The engine and the evidence store these settings name; starts no server."""
    return connect(settings), Evidence(settings.evidence_location())
