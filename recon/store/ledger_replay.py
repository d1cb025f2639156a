"""Projections made again from the events, beside the stored ones: compared, and if asked put in their place.

The replayed rows live in temporary tables of the caller's transaction, which sees one moment of the ledger throughout
(`snapshot`), so that a replay may run while others post.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import Connection, Engine, Table, select

from recon.model.ledger import AccountOpened, LedgerEvent, Posting, TableDifference
from recon.store import books_replay, roles
from recon.store.books_replay import BooksReplayed
from recon.store.books_tables import holding, holding_movement
from recon.store.ledger import event_from, protected_side
from recon.store.ledger_tables import account, account_balance, journal_entry, journal_line, ledger_event

PROJECTIONS: Final = (account, journal_entry, journal_line, account_balance, *books_replay.PROJECTIONS)
"""In the order in which rows may be added; what refers to others comes after them."""

BATCH: Final = 5_000
EXAMPLES: Final = 5


@contextmanager
def snapshot(engine: Engine, *, is_alone: bool) -> Iterator[Connection]:
    """A transaction that sees one moment; with `is_alone`, commands wait until it ends."""
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as conn, conn.begin():
        if is_alone:
            roles.as_owner(conn)  # what a rebuild corrects, the application may not
            # Before anything is read: the moment is the one after the wait. Every command that posts takes row locks in
            # the table of balances before it holds anything others wait for, and every other command in its own table.
            locked = ", ".join(table.name for table in (account_balance, *books_replay.LOCKED))
            conn.exec_driver_sql(f"lock table {locked} in exclusive mode")
        for table in PROJECTIONS:
            conn.exec_driver_sql(f"create temporary table {_replayed(table)} (like {table.name}) on commit drop")
        yield conn


def batches(conn: Connection) -> Iterator[Sequence[LedgerEvent]]:
    """Every event in the order of its id."""
    last = 0
    while True:
        query = select(ledger_event).where(ledger_event.c.id > last).order_by(ledger_event.c.id).limit(BATCH)
        events = [event_from(row) for row in conn.execute(query).mappings()]
        if not events:
            return
        yield events
        last = events[-1].id


class Replayed:
    """Takes projected events in order; `finish` when the last is in."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn
        self._books = BooksReplayed()
        self._balances: dict[UUID, int] = defaultdict(int)
        self._sides: dict[UUID, int] = {}
        self.event_count = self.account_count = self.entry_count = 0

    def add(self, projected: Iterable[tuple[LedgerEvent, Posting | None]]) -> None:
        """Entries and lines of facts with a posting; of the others accounts, and what is kept beside the journal."""
        accounts, entries, lines = [], [], []
        for event, posting in projected:
            self.event_count += 1
            if posting is not None:
                entries.append(_entry_row(event.id, posting))
                lines += _line_rows(event.id, posting)
                for line in posting.lines:
                    self._balances[line.account_id] += line.amount
            elif isinstance(event.fact, AccountOpened):
                accounts.append(_account_row(event.id, event.fact))
                self._sides[event.fact.account_id] = protected_side(event.fact)
            else:
                self._books.add(event.id, event.fact)
        self.account_count += len(accounts)
        self.entry_count += len(entries)
        journal = ((account, accounts), (journal_entry, entries), (journal_line, lines))
        for table, rows in (*journal, *self._books.ready()):
            _copy(self._conn, table, rows)

    def finish(self) -> None:
        """Balances are known once every event is, and so is what is held."""
        _copy(self._conn, account_balance, [(id_, self._balances[id_], side) for id_, side in self._sides.items()])
        for table, rows in self._books.rest(self._balances):
            _copy(self._conn, table, rows)
        held = books_replay.HELD.format(holdings=_replayed(holding), movements=_replayed(holding_movement))
        self._conn.exec_driver_sql(held)


def differences(conn: Connection) -> tuple[TableDifference, ...]:
    """The projections that are not what was replayed."""
    found = (_difference(conn, table) for table in PROJECTIONS)
    return tuple(difference for difference in found if difference.missing_count or difference.extra_count)


def put_in_place(conn: Connection) -> None:
    """Make the stored projections what was replayed; rows that are right already are not touched."""
    for table in reversed(PROJECTIONS):
        conn.exec_driver_sql(
            f"delete from {table.name} t "  # noqa: S608 - our own tables' names, here and below
            f"where not exists (select from {_replayed(table)} r where {_same_key(table)})"
        )
    for table in PROJECTIONS:
        key = [column.name for column in table.primary_key]
        others = [column.name for column in table.columns if column.name not in key]
        conn.exec_driver_sql(
            f"insert into {table.name} as t select * from {_replayed(table)} "  # noqa: S608
            f"on conflict ({', '.join(key)}) do update set {', '.join(f'{name} = excluded.{name}' for name in others)} "
            "where (t.*) is distinct from (excluded.*)"
        )


def _difference(conn: Connection, table: Table) -> TableDifference:
    missing_count, missing = _surplus(conn, table, of=_replayed(table), over=table.name)
    extra_count, extra = _surplus(conn, table, of=table.name, over=_replayed(table))
    return TableDifference(
        table=table.name,
        missing_count=missing_count,
        extra_count=extra_count,
        examples=tuple(sorted({*missing, *extra})[:EXAMPLES]),
    )


def _surplus(conn: Connection, table: Table, *, of: str, over: str) -> tuple[int, list[str]]:
    """How many rows the first has that the second has not, and the keys of some."""
    key = " || '/' || ".join(f"{column.name}::text" for column in table.primary_key)
    count, keys = conn.exec_driver_sql(
        f"select count(*), (array_agg({key} order by {key}))[:{EXAMPLES}] "  # noqa: S608
        f"from (select * from {of} except all select * from {over}) as surplus"
    ).one()
    return int(count), keys or []


def _account_row(event_id: int, fact: AccountOpened) -> tuple[Any, ...]:
    return (
        *(fact.account_id, event_id, fact.book.value, fact.currency, fact.type.value, fact.allows_overdraft),
        Jsonb(dict(fact.metadata)),
    )


def _entry_row(event_id: int, posting: Posting) -> tuple[Any, ...]:
    return (
        *(event_id, posting.book.value, posting.booked_on, posting.source_system, posting.source_txn_id),
        *(posting.reverses_id, Jsonb(dict(posting.metadata))),
    )


def _line_rows(event_id: int, posting: Posting) -> list[tuple[Any, ...]]:
    return [
        (event_id, number, line.account_id, posting.book.value, posting.booked_on, line.currency, line.amount)
        for number, line in enumerate(posting.lines, start=1)
    ]


def _copy(conn: Connection, table: Table, rows: Iterable[tuple[Any, ...]]) -> None:
    columns = ", ".join(column.name for column in table.columns)
    cursor: Any = conn.connection.cursor()
    with cursor, cursor.copy(f"copy {_replayed(table)} ({columns}) from stdin") as copy:
        for row in rows:
            copy.write_row(row)


def _replayed(table: Table) -> str:
    return f"replayed_{table.name}"


def _same_key(table: Table) -> str:
    return " and ".join(f"r.{column.name} = t.{column.name}" for column in table.primary_key)
