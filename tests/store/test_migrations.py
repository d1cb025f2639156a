"""Migrations lead to the tables the code knows, once, whoever runs them; what must never change is refused."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from recon.config import Settings
from recon.store import (  # noqa: F401 - add their tables
    alert_tables,
    books_tables,
    check_tables,
    close_tables,
    definition_tables,
    feed_tables,
    lesson_tables,
    people_tables,
    schedule_tables,
    settlement_tables,
    triage_tables,
    workbench_tables,
)
from recon.store import migrate as migrations
from recon.store.engine import DatabaseUnreachable
from recon.store.migrate import DatabaseIsNewer, MigrationBlocked, migrate
from recon.store.tables import metadata
from tests.server import TestServer

CATALOGUE = {
    "columns": """
        select table_name, column_name, data_type, is_nullable, column_default, is_identity, identity_generation,
               numeric_precision, numeric_scale
        from information_schema.columns where table_schema = 'public'""",
    "constraints": """
        select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint
        where connamespace = 'public'::regnamespace and contype not in ('n', 't')""",
    "indexes": "select tablename, indexname, indexdef from pg_indexes where schemaname = 'public'",
}
OTHERS = ("procrastinate_", "alembic_version")


@pytest.fixture
def empty(postgres: TestServer) -> Iterator[Engine]:
    """A database without any table."""
    with postgres.clone("template0") as url:
        engine = _engine(url)
        yield engine
        engine.dispose()


@pytest.mark.parametrize("part", CATALOGUE)
def test_migrations_equal_the_table_definitions(engine: Engine, empty: Engine, part: str) -> None:
    """The catalogue is the same, names included, as if the definitions were created directly."""
    metadata.create_all(empty)
    assert _catalogue(engine, part) == _catalogue(empty, part) != set()


def test_the_job_queue_is_the_installed_procrastinates(engine: Engine) -> None:
    """Fails after an upgrade of procrastinate: add a migration that executes its new `sql/migrations` files."""
    ours = files("recon.store.migrations").joinpath("versions", "0003_job_queue.sql").read_text()
    assert ours == files("procrastinate").joinpath("sql", "schema.sql").read_text()


def test_a_second_migration_finds_nothing_to_do(empty: Engine) -> None:
    assert migrate(empty) is True
    assert migrate(empty) is False


def test_of_many_migrations_at_once_one_does_the_work(empty: Engine) -> None:
    together = threading.Barrier(4)

    def one() -> bool:
        together.wait()
        return migrate(empty)

    with ThreadPoolExecutor(4) as pool:
        done = [task.result() for task in [pool.submit(one) for _ in range(4)]]
    assert sorted(done) == [False, False, False, True]


def test_the_alembic_command_takes_the_steps_for_good(empty: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    address = empty.url.render_as_string(hide_password=False)
    monkeypatch.setattr(migrations, "settings", lambda: Settings(DATABASE_URL=address, _env_file=None))
    config = Config()
    config.set_main_option("script_location", str(files("recon.store.migrations")))
    command.upgrade(config, "head")
    assert migrate(empty) is False


def test_a_failed_step_leaves_nothing_behind(empty: Engine) -> None:
    with empty.begin() as connection:
        connection.execute(text("create table audit_event (in_the_way int)"))
    with pytest.raises(DBAPIError, match="already exists"):
        migrate(empty)
    assert {name for name, *_ in _catalogue(empty, "columns")} == {"audit_event"}


def test_a_database_of_a_newer_version_is_left_alone(engine: Engine, owner: Engine) -> None:
    with owner.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(DatabaseIsNewer, match="step 9999"):
        migrate(engine)


def test_a_migration_that_finds_tables_locked_tries_again_and_then_says_so(
    empty: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "LOCK_TIMEOUT", "20ms")
    monkeypatch.setattr(migrations, "TRIES", 2)
    with empty.begin() as other:
        other.execute(text("select pg_advisory_xact_lock(:key)"), {"key": migrations.LOCK})
        with pytest.raises(MigrationBlocked, match="tables locked"):
            migrate(empty)
    assert migrate(empty) is True


def test_a_server_that_does_not_answer_is_one_sentence_without_the_password() -> None:
    engine = create_engine("postgresql+psycopg://ann:geheim@127.0.0.1:1/books")
    with pytest.raises(DatabaseUnreachable, match=r"does not answer: .*127\.0\.0\.1.*Check that it runs") as raised:
        migrate(engine)
    assert "geheim" not in str(raised.value)


CHANGES = {
    "audit_event": ("update audit_event set actor = 'x'", "delete from audit_event", "truncate audit_event"),
    "discrepancy_event": (
        "update discrepancy_event set comment = ''",
        "delete from discrepancy_event",
        "truncate discrepancy_event",
    ),
    "feed_mapping": ("update feed_mapping set version = 2", "delete from feed_mapping", "truncate feed_mapping"),
    "reconciliation_rules": (
        "update reconciliation_rules set version = 2",
        "delete from reconciliation_rules",
        "truncate reconciliation_rules",
    ),
    "check_variance": (
        "update check_variance set note = 'x'",
        "delete from check_variance",
        "truncate check_variance",
    ),
    "variance_event": (
        "update variance_event set comment = 'x'",
        "delete from variance_event",
        "truncate variance_event",
    ),
    "period_close": ("update period_close set reason = 'x'", "delete from period_close", "truncate period_close"),
    "audit_seal": ("update audit_seal set digest = 'x'", "delete from audit_seal", "truncate audit_seal"),
    "ledger_event": (
        "update ledger_event set actor = 'x'",
        "delete from ledger_event",
        "truncate ledger_event cascade",
    ),
}


@pytest.mark.parametrize("statement", [statement for group in CHANGES.values() for statement in group])
def test_history_is_append_only_for_the_owner_of_its_tables(owner: Engine, statement: str) -> None:
    with pytest.raises(DBAPIError, match="is append-only"), owner.begin() as connection:
        connection.execute(text(statement))


@pytest.mark.parametrize(
    "statement", [*CHANGES["audit_event"], *CHANGES["ledger_event"], "truncate discrepancy cascade"]
)
def test_history_is_append_only_for_a_superuser_that_poses_as_a_replica_too(
    postgres: TestServer, database: URL, statement: str
) -> None:
    with postgres.superuser(str(database.database)) as connection:
        connection.execute("set session_replication_role = replica")
        with pytest.raises(psycopg.errors.RestrictViolation):
            connection.execute(statement)  # type: ignore[call-overload]


ALLOWED = [
    ("queued", "running"),
    ("queued", "cancelled"),
    ("running", "queued"),
    ("running", "succeeded"),
    ("running", "failed"),
    ("running", "cancelled"),
]
FINISHED = ("succeeded", "failed", "cancelled")


@pytest.mark.parametrize(("before", "after"), ALLOWED)
def test_a_run_moves_on(engine: Engine, before: str, after: str) -> None:
    with engine.begin() as connection:
        run_id = _run(connection, before)
        _move(connection, run_id, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [(before, after) for before in FINISHED for after in ("queued", "running", *FINISHED) if before != after]
    + [("queued", "succeeded")],
)
def test_a_finished_run_stays_finished(engine: Engine, before: str, after: str) -> None:
    with engine.begin() as connection:
        run_id = _run(connection, before)
    with pytest.raises(DBAPIError, match="is refused"), engine.begin() as connection:
        _move(connection, run_id, after)


def test_what_was_published_stays_published(engine: Engine) -> None:
    with engine.begin() as connection:
        run_id = _run(connection, "succeeded")
    with pytest.raises(DBAPIError, match="attempt 1 stays"), engine.begin() as connection:
        connection.execute(text("update run set published_attempt = 2 where id = :id"), {"id": run_id})


def test_attempts_only_go_up(engine: Engine) -> None:
    with engine.begin() as connection:
        run_id = _run(connection, "running")
    with pytest.raises(DBAPIError, match="attempt 0 comes after 1"), engine.begin() as connection:
        connection.execute(text("update run set attempt = 0 where id = :id"), {"id": run_id})


def _engine(url: URL) -> Engine:
    return create_engine(url.set(drivername="postgresql+psycopg"))


def _catalogue(engine: Engine, part: str) -> set[tuple[object, ...]]:
    with engine.connect() as connection:
        rows = connection.execute(text(CATALOGUE[part])).all()
    return {tuple(row) for row in rows if not row[0].startswith(OTHERS)}


def _run(connection: Connection, status: str) -> int:
    """A run in this state, with all it refers to; its attempt is 1."""
    found = connection.execute(
        text("""
            with r as (insert into reconciliation (name, created_by) values ('bank', 'me') returning id),
            u as (insert into upload (sha256, filename, size_bytes, received_by)
                  values (repeat('0', 64), 'a.csv', 1, 'me') returning id),
            d as (insert into reading (upload_id, reading_key, format, mapping, rows_read, rows_accepted, rows_rejected,
                                       rows_ignored, notes)
                  select id, 'k', 'csv', '{}', 0, 0, 0, 0, '[]' from u returning id)
            insert into run (reconciliation_id, run_key, source_reading_id, reference_reading_id, rules, requested_by,
                             status, attempt, published_attempt)
            select r.id, 'key', d.id, d.id, '{}', 'me', :status, 1, case when :status = 'succeeded' then 1 end
            from r, d returning id
        """),
        {"status": status},
    )
    return int(found.scalar_one())


def _move(connection: Connection, run_id: int, status: str) -> None:
    connection.execute(
        text("""
            update run set status = :status, published_attempt = case when :status = 'succeeded' then attempt end
            where id = :id
        """),
        {"status": status, "id": run_id},
    )
