"""What Alembic runs for every command: our tables, on the connection that `recon.store.migrate` hands over."""

from __future__ import annotations

from alembic import context

from recon.store import (
    alert_tables,  # noqa: F401 - adds its tables to the metadata, as the others do
    books_tables,  # noqa: F401 - and the ledger's
    check_tables,  # noqa: F401
    close_tables,  # noqa: F401
    migrate,
    schedule_tables,  # noqa: F401
    workbench_tables,  # noqa: F401
)
from recon.store.tables import metadata


def run() -> None:
    given = context.config.attributes.get("connection")
    if given is not None:
        context.configure(connection=given, target_metadata=metadata, include_name=migrate.is_ours)
        context.run_migrations()
        return
    with migrate.command_line_connection() as connection:
        context.configure(connection=connection, target_metadata=metadata, include_name=migrate.is_ours)
        with context.begin_transaction():
            context.run_migrations()


run()
