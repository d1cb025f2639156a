"""Bringing the database to the tables this version knows: once, whoever asks and however many ask at the same time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from recon.config import settings
from recon.errors import TieoutError
from recon.store import roles
from recon.store.engine import DatabaseUnreachable, connect

LOCK = 7_305_801_402_110
"""Advisory lock of migrations; any number that nobody else uses in our database."""

LOCK_TIMEOUT = "5s"
"""For that lock and for every table a step changes: readers never queue behind a waiting migration for longer."""

TRIES = 12


class DatabaseIsNewer(TieoutError):
    code = "DATABASE_NEWER"

    def __init__(self, revision: str) -> None:
        super().__init__(
            f"The database is at step {revision}, which this Tieout does not know: a newer one made it. Update Tieout."
        )


class MigrationBlocked(TieoutError):
    code = "MIGRATION_BLOCKED"

    def __init__(self) -> None:
        super().__init__(
            "The database could not be brought up to date: something else kept its tables locked for a minute. "
            "Stop what is running on it and try again."
        )


def migrate(engine: Engine) -> bool:
    """Take the missing steps, all or none of them. Whether there were any. Any number of processes may call it."""
    for _ in range(TRIES):
        try:
            with engine.begin() as connection:
                roles.as_owner(connection)
                return _migrate(connection)
        except OperationalError as error:
            match getattr(error.orig, "sqlstate", None):
                case None:
                    raise DatabaseUnreachable(_sentence(error.orig)) from None
                case "55P03":  # lock_not_available
                    time.sleep(0.1)
                case _:
                    raise
    raise MigrationBlocked


def is_current(connection: Connection) -> bool:
    """Whether the database is at this version's last step; raises when it is past it."""
    scripts = ScriptDirectory.from_config(_config())
    current = MigrationContext.configure(connection).get_current_revision()
    if current is not None and current not in {script.revision for script in scripts.walk_revisions()}:
        raise DatabaseIsNewer(current)
    return current == scripts.get_current_head()


def is_ours(name: str | None, kind: str, _parents: Any) -> bool:
    """Keeps Alembic's comparisons off the job queue's tables, which procrastinate defines."""
    return not (kind == "table" and name is not None and name.startswith("procrastinate_"))


@contextmanager
def command_line_connection() -> Iterator[Connection]:
    """For the `alembic` command: the database of the settings, in one transaction."""
    with connect(settings()).begin() as connection:
        roles.as_owner(connection)
        yield connection
        roles.grant(connection)


def _migrate(connection: Connection) -> bool:
    if is_current(connection) and roles.is_settled(connection):
        return False
    connection.execute(text(f"set local lock_timeout = '{LOCK_TIMEOUT}'"))
    connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": LOCK})
    is_behind = not is_current(connection)  # while we waited, another process may have taken the steps
    if is_behind:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    roles.grant(connection)
    return is_behind


def _sentence(error: BaseException | None) -> str:
    """The driver's first line, which names host and port but no password."""
    first, *_ = str(error).splitlines() or [""]
    return first.rstrip(".") + "."


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config
