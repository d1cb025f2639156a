"""Where the database is, and the pool of connections to it. Starts nothing: `recon up` or `serving` does that."""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from recon.config import Settings
from recon.errors import TieoutError
from recon.store import roles
from recon.store.postgres.problems import refuse_unsupported_system

POOL_SIZE = 5
POOL_OVERFLOW = 10
CONNECT_ARGUMENTS = {
    "application_name": "tieout",
    "connect_timeout": 5,
    "keepalives": 1,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""A server that is gone or frozen is noticed in a minute, not in hours."""


class NotADatabaseUrl(TieoutError):
    code = "DATABASE_URL"

    def __init__(self) -> None:
        super().__init__(
            "DATABASE_URL is not the address of a PostgreSQL database. It looks like postgresql://user:password@host/name."
        )


class DatabaseNotStarted(TieoutError):
    code = "DATABASE_NOT_STARTED"

    def __init__(self, home: object) -> None:
        super().__init__(
            f"The database of {home} was never started. Run `python -m recon up` (or `make run`), or set DATABASE_URL."
        )


class DatabaseUnreachable(TieoutError):
    code = "DATABASE_UNREACHABLE"

    def __init__(self, reason: str) -> None:
        super().__init__(f"The database does not answer: {reason} Check that it runs, and DATABASE_URL if that is set.")


def database_url(settings: Settings) -> URL:
    """SQLAlchemy's address of DATABASE_URL, or of the embedded server's socket."""
    if settings.database_url:
        try:
            url = make_url(settings.database_url)
        except ArgumentError:
            raise NotADatabaseUrl from None
        if url.get_backend_name() not in ("postgresql", "postgres"):
            raise NotADatabaseUrl
        return url.set(drivername="postgresql+psycopg")
    refuse_unsupported_system()
    from recon.store.postgres import cluster, layout  # needs users as Unix has them

    found = layout.find(settings.home)
    if not found.run.is_dir():
        raise DatabaseNotStarted(settings.home)
    return URL.create(
        "postgresql+psycopg",
        username=cluster.OWNER,
        database=cluster.OWNER,
        query={"host": str(found.run), "port": str(layout.PORT)},
    )


def connection_string(settings: Settings) -> str:
    """The same address as libpq and psycopg take it, for what does not go through SQLAlchemy."""
    return database_url(settings).set(drivername="postgresql").render_as_string(hide_password=False)


def connect(settings: Settings) -> Engine:
    """A pool of connections in the application's role; the first is made when one is asked for.

    Each is checked before it is handed out.
    """
    engine = create_engine(
        database_url(settings),
        pool_pre_ping=True,
        pool_recycle=1800,
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        pool_timeout=10,
        connect_args=CONNECT_ARGUMENTS,
    )
    event.listen(engine, "connect", _step_down)
    return engine


def _step_down(connection: Any, _record: object) -> None:
    roles.step_down(connection)
