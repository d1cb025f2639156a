"""`migrate`: bring the database to the tables this version knows."""

from __future__ import annotations

from recon.cli.database import served
from recon.cli.options import AsJson
from recon.cli.screen import emit, say, warn
from recon.config import settings
from recon.store import migrate as migrations
from recon.store import roles
from recon.store.engine import connect


def migrate(as_json: AsJson = False) -> None:
    """Bring the database up to date. Doing it twice, or from two machines at once, is harmless."""
    chosen = settings()
    with served(chosen):
        engine = connect(chosen)
        try:
            changed = migrations.migrate(engine)
            shortfall = roles.shortfall(engine)
        finally:
            engine.dispose()
    if as_json:
        emit({"changed": changed, "shortfall": shortfall})
    else:
        say("The database was brought up to date." if changed else "The database is up to date.")
        if shortfall:
            warn(shortfall)
