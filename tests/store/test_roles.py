"""The application owns nothing: history it may only add to, and whatever else goes on as before."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Barrier

import psycopg
import pytest
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.exc import ProgrammingError

from recon.store import roles
from recon.store.migrate import migrate
from recon.store.postgres import cluster
from tests.server import TestServer

HISTORY = ("ledger_event", "audit_event", "discrepancy_event", "feed_mapping", "reconciliation_rules")
JOURNAL = ("account", "journal_entry", "journal_line", "customer", "holding_movement")
REFUSED = ("delete from {}", "truncate {} cascade", "alter table {} disable trigger all", "drop table {} cascade")


@pytest.mark.parametrize("statement", REFUSED)
@pytest.mark.parametrize("table", [*HISTORY, *JOURNAL])
def test_history_is_not_the_applications_to_change(engine: Engine, table: str, statement: str) -> None:
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), engine.begin() as conn:
        conn.exec_driver_sql(statement.format(table))


@pytest.mark.parametrize("table", [*HISTORY, *JOURNAL])
def test_no_column_of_history_is_the_applications_to_change(engine: Engine, table: str) -> None:
    query = text("select privilege_type from information_schema.column_privileges where table_name = :table")
    with engine.connect() as conn:
        assert set(conn.execute(query, {"table": table}).scalars()) == {"SELECT", "INSERT"}


@pytest.mark.parametrize("column", ["id", "at"])
def test_number_and_time_of_an_event_are_the_databases_to_give(engine: Engine, column: str) -> None:
    query = text("select has_column_privilege('ledger_event', :column, 'INSERT')")
    with engine.connect() as conn:
        assert conn.execute(query, {"column": column}).scalar_one() is False


def test_what_is_no_history_is_changed_but_never_truncated_or_dropped(engine: Engine) -> None:
    with engine.begin() as conn:
        conn.execute(text("insert into heartbeat values ('web', 'web', now(), now())"))
        conn.execute(text("update heartbeat set role = 'sidecar'"))
        conn.execute(text("delete from heartbeat"))
    for statement in ("truncate heartbeat", "drop table heartbeat", "create table mine (n int)"):
        with pytest.raises(ProgrammingError), engine.begin() as conn:
            conn.execute(text(statement))


def test_the_application_owns_no_table_and_none_is_out_of_its_sight(engine: Engine) -> None:
    query = text("""
        select count(*), count(*) filter (where has_table_privilege(oid, 'select')),
               count(*) filter (where pg_has_role(relowner, 'usage'))
          from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace
    """)
    with engine.connect() as conn:
        tables, readable, owned = conn.execute(query).one()
    assert tables == readable > 20
    assert owned == 0


def test_a_connection_keeps_its_role_whatever_becomes_of_a_transaction(engine: Engine) -> None:
    with engine.connect() as conn:
        conn.execute(text("select 1"))
        conn.rollback()
        assert conn.execute(text("select current_user")).scalar() == cluster.APPLICATION
    with engine.begin() as conn:
        roles.as_owner(conn)
        assert conn.execute(text("select current_user")).scalar() == cluster.OWNER
    with engine.connect() as conn:
        assert conn.execute(text("select current_user")).scalar() == cluster.APPLICATION


def test_the_job_queues_connections_are_the_applications_too(database_url: str) -> None:
    async def ask() -> list[str]:
        async with await psycopg.AsyncConnection.connect(database_url) as connection:
            await roles.step_down_async(connection)
            await connection.execute("update procrastinate_jobs set priority = 0")
            await connection.rollback()
            return [row[0] async for row in await connection.execute("select current_user")]

    assert asyncio.run(ask()) == [cluster.APPLICATION]


class Tenant:
    """Someone with a login of their own on a server that others use too, and an empty database or two."""

    def __init__(self, server: TestServer, closing: ExitStack) -> None:
        self._server, self._closing = server, closing
        self.login = f"tenant_{uuid.uuid4().hex[:12]}"
        self.role = f"{self.login}_app"
        self.run(f"create role {self.login} login")
        closing.callback(self.run, f"drop role if exists {self.role}", f"drop role {self.login}")

    def run(self, *statements: str) -> None:
        """As the server's administrator."""
        with self._server.superuser() as connection:
            for statement in statements:
                connection.execute(statement)  # type: ignore[call-overload]

    def database(self) -> Engine:
        """Connections to an empty database of theirs, as the application makes them."""
        url = self._closing.enter_context(self._server.clone("template0"))
        self.run(f"alter database {url.database} owner to {self.login}")
        engine = create_engine(url.set(drivername="postgresql+psycopg", username=cluster.SUPERUSER))
        event.listen(engine, "connect", self._connected)
        self._closing.callback(engine.dispose)
        return engine

    def _connected(self, connection: psycopg.Connection, _record: object) -> None:
        connection.execute(f"set session authorization {self.login}")  # type: ignore[call-overload]
        connection.commit()
        roles.step_down(connection)


@pytest.fixture
def tenant(postgres: TestServer) -> Iterator[Tenant]:
    with ExitStack() as closing:
        yield Tenant(postgres, closing)


def test_two_databases_of_a_server_make_the_role_at_the_same_moment(tenant: Tenant) -> None:
    tenant.run(f"alter role {tenant.login} createrole")
    engines = [tenant.database(), tenant.database()]
    together = Barrier(2)

    def one(engine: Engine) -> None:
        with engine.begin() as conn:
            together.wait()
            roles.grant(conn)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(one, engines))
    for engine in engines:
        assert migrate(engine) is True
        assert _acts_as(engine) == (tenant.role, False)


def test_where_no_role_may_be_made_the_triggers_hold_alone_and_one_line_says_so(tenant: Tenant) -> None:
    engine = tenant.database()
    assert [migrate(engine), migrate(engine)] == [True, False]
    assert _acts_as(engine) == (tenant.login, True)
    assert f'grant "{tenant.role}" to "{tenant.login}"; then migrate again' in str(roles.shortfall(engine))


def test_a_role_that_comes_later_is_taken_on_by_the_next_migration(tenant: Tenant) -> None:
    engine = tenant.database()
    migrate(engine)
    tenant.run(f"create role {tenant.role} nologin role {tenant.login}")
    assert migrate(engine) is False  # no step was missing
    assert _acts_as(engine) == (tenant.role, False)
    assert roles.shortfall(engine) is None


def _acts_as(engine: Engine) -> tuple[str, bool]:
    """Who a new connection is, and whether it may delete events."""
    engine.dispose()
    with engine.connect() as conn:
        who, may = conn.execute(text("select current_user, has_table_privilege('ledger_event', 'delete')")).one()
    return who, may
