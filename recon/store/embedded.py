"""The PostgreSQL that comes with Tieout, for those who need it to be running. Linux and macOS.

with own(home):          # makes the cluster on the first start; stops it at the end
    ...                  # connect through recon.store.engine.connect

with serving(settings):  # the same, unless DATABASE_URL names a server or another process has it running
    ...
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from recon.config import Settings
from recon.store.postgres.problems import AlreadyOwned, refuse_unsupported_system

if TYPE_CHECKING:
    from recon.store.postgres.supervisor import Supervisor

PATIENCE_SECONDS = 30
"""For a database that another process is just starting."""


def _silent(_text: str) -> None:
    """Says nothing."""


def own(home: Path, *, say: Callable[[str], None] = _silent) -> Supervisor:
    """The owner of the PostgreSQL of this home, not started yet. `say` is told what a person waits for."""
    refuse_unsupported_system()
    from recon.store.postgres.supervisor import Supervisor  # needs users and locks as Unix has them

    return Supervisor(home, say=say)


@contextlib.contextmanager
def serving(settings: Settings, *, say: Callable[[str], None] = _silent) -> Iterator[None]:
    """For the length of the block there is a database: DATABASE_URL's, a running Tieout's, else one started for it."""
    if settings.database_url:
        yield
        return
    owner = own(settings.home, say=say)
    try:
        owner.start()
    except AlreadyOwned:
        if not _answers_soon(settings.home):
            raise
    try:
        yield
    finally:
        owner.stop()


def _answers_soon(home: Path) -> bool:
    from recon.store.postgres import layout, postmaster

    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        if postmaster.answers(layout.find(home)):
            return True
        time.sleep(0.1)
    return False
