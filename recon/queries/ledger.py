"""The ledger as pages and scripts read it: balances as of a day, the journal, one entry, the log of events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    RowMapping,
    Select,
    Text,
    and_,
    cast,
    func,
    literal,
    or_,
    select,
    text,
    tuple_,
)

from recon.model.ledger import AccountBalance, AccountType, Book, LedgerEvent, Line
from recon.store import ledger as store
from recon.store.ledger_tables import account, account_balance, journal_entry, journal_line, ledger_event


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalFilter:
    """Which entries; what is None does not matter. Both days are included.

    `search` is an entry's number, or text anywhere in its source transaction or metadata.
    """

    book: Book | None = None
    account_id: UUID | None = None
    booked_from: date | None = None
    booked_to: date | None = None
    source_system: str | None = None
    source_txn_id: str | None = None
    search: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A journal entry with its lines; its id is that of the event that posted it."""

    id: int
    book: Book
    booked_on: date
    recorded_at: datetime
    recorded_by: str
    kind: str  # TransferPosted, EntryPosted, EntryReversed
    source_system: str
    source_txn_id: str
    reverses_id: int | None
    reversed_by: int | None
    metadata: Mapping[str, Any]
    lines: tuple[Line, ...]

    def change(self, account_id: UUID) -> int:
        """What it adds to the account's balance."""
        return sum(line.amount for line in self.lines if line.account_id == account_id)


def account_balances(
    engine: Engine, *, book: Book | None = None, account_id: UUID | None = None, as_of: date | None = None
) -> tuple[AccountBalance, ...]:
    """Accounts in the order they were opened, each with its balance at the end of `as_of`; now, when None.

    An account is listed for days before its opening too: entries may be booked on earlier days than they are recorded.
    """
    balance = account_balance.c.balance if as_of is None else _balance_on(as_of)
    query = (
        select(*(c for c in account.c if c.name != "event_id"), balance.label("balance"))
        .join_from(account, account_balance)
        .where(*_only({account.c.book: book, account.c.id: account_id}))
        .order_by(account.c.event_id)
    )
    with engine.connect() as conn:
        return tuple(
            AccountBalance(
                **row | {"book": Book(row["book"]), "type": AccountType(row["type"]), "balance": int(row["balance"])}
            )
            for row in map(dict, conn.execute(query).mappings())
        )


def journal(
    engine: Engine, wanted: JournalFilter, *, limit: int, after: tuple[date, int] | None = None
) -> tuple[Entry, ...]:
    """Some entries, the latest day first; `after` is day and id of the last entry of the page before."""
    query = _entries().where(*_conditions(wanted)).order_by(*_LATEST_FIRST).limit(limit)
    if after is not None:
        place = tuple_(journal_entry.c.booked_on, journal_entry.c.id)
        query = query.where(place < tuple_(literal(after[0]), literal(after[1])))
    with engine.connect() as conn:
        return _with_lines(conn, conn.execute(query).mappings().all())


def entry_count(engine: Engine, wanted: JournalFilter) -> int:
    """How many entries fit."""
    query = select(func.count()).select_from(_places(wanted).subquery())
    with engine.connect() as conn:
        return conn.execute(query).scalar_one()


def entry_page(engine: Engine, wanted: JournalFilter, *, limit: int, offset: int) -> tuple[Entry, ...]:
    """Some of the entries that fit, the latest day first."""
    places = _places(wanted)
    day, number = places.selected_columns["booked_on"], places.selected_columns["id"]
    place = places.order_by(day.desc(), number.desc()).limit(limit).offset(offset).cte("place")
    query = _entries().join(place, place.c.id == journal_entry.c.id)
    with engine.connect() as conn:
        return _with_lines(conn, conn.execute(query.order_by(*_LATEST_FIRST)).mappings().all())


def source_systems(engine: Engine) -> tuple[str, ...]:
    """Every system that entries come from, by name; a step along an index for each, however many entries there are."""
    with engine.connect() as conn:
        return tuple(conn.execute(_SYSTEMS).scalars())


def entry(engine: Engine, entry_id: int) -> Entry | None:
    """One entry; None when there is none with this number."""
    with engine.connect() as conn:
        found = _with_lines(conn, conn.execute(_entries().where(journal_entry.c.id == entry_id)).mappings().all())
    return next(iter(found), None)


def events(
    engine: Engine, *, book: Book | None = None, account_id: UUID | None = None, limit: int, before: int | None = None
) -> tuple[LedgerEvent, ...]:
    """Some events before event `before`, the newest first; of an account, its opening and all that moved it."""
    query = select(ledger_event).order_by(ledger_event.c.id.desc()).limit(limit)
    query = query.where(*_only({ledger_event.c.book: book}))
    if account_id is not None:
        opened = select(account.c.event_id).where(account.c.id == account_id)
        moved = select(journal_line.c.entry_id).where(journal_line.c.account_id == account_id)
        query = query.where(or_(ledger_event.c.id.in_(opened), ledger_event.c.id.in_(moved)))
    if before is not None:
        query = query.where(ledger_event.c.id < before)
    with engine.connect() as conn:
        return tuple(store.event_from(row) for row in conn.execute(query).mappings())


def _balance_on(day: date) -> ColumnElement[Any]:
    """Of the account's row beside it: every line booked by the end of the day."""
    total = select(func.coalesce(func.sum(journal_line.c.amount), 0)).where(
        journal_line.c.account_id == account.c.id, journal_line.c.booked_on <= day
    )
    return total.correlate(account).scalar_subquery()


def _only(wanted: Mapping[Any, object]) -> list[ColumnElement[bool]]:
    return [column == value for column, value in wanted.items() if value is not None]


def _conditions(wanted: JournalFilter) -> list[ColumnElement[bool]]:
    columns = journal_entry.c
    conditions = _only(
        {
            columns.book: wanted.book,
            columns.source_system: wanted.source_system,
            columns.source_txn_id: wanted.source_txn_id,
        }
    )
    conditions += _of_period(columns.booked_on, wanted)
    if search := wanted.search.strip():
        conditions.append(_searched(search))
    if wanted.account_id is not None:
        line = and_(journal_line.c.entry_id == columns.id, journal_line.c.account_id == wanted.account_id)
        conditions.append(select(journal_line.c.entry_id).where(line).exists())
    return conditions


def _of_period(day: ColumnElement[date], wanted: JournalFilter) -> list[ColumnElement[bool]]:
    conditions = []
    if wanted.booked_from is not None:
        conditions.append(day >= wanted.booked_from)
    if wanted.booked_to is not None:
        conditions.append(day <= wanted.booked_to)
    return conditions


def _searched(search: str) -> ColumnElement[bool]:
    places = (journal_entry.c.source_txn_id, cast(journal_entry.c.metadata, Text))
    found = [place.icontains(search, autoescape=True) for place in places]
    if search.isascii() and search.isdecimal() and int(search) < 2**63:
        found.append(journal_entry.c.id == int(search))
    return or_(*found)


def _places(wanted: JournalFilter) -> Select[Any]:
    """Number and day of the entries that fit, from an index alone where one has it, however many pages are turned."""
    if wanted.account_id is None:
        query = select(journal_entry.c.id, journal_entry.c.booked_on).where(*_conditions(wanted))
    else:
        query = _places_of_account(wanted, wanted.account_id)
    if not wanted.search.strip():
        return query
    found = query.cte("found").prefix_with(
        "materialized"
    )  # else few hits are looked for day by day through all entries
    return select(found.c.id, found.c.booked_on)


def _places_of_account(wanted: JournalFilter, account_id: UUID) -> Select[Any]:
    line = journal_line.c
    query = select(line.entry_id.label("id"), line.booked_on).where(line.account_id == account_id)
    query = query.where(*_of_period(line.booked_on, wanted)).group_by(line.booked_on, line.entry_id)
    others = _conditions(replace(wanted, account_id=None, booked_from=None, booked_to=None))
    if others:
        query = query.join(journal_entry, journal_entry.c.id == line.entry_id).where(*others)
    return query


def _entries() -> Select[Any]:
    reversal = journal_entry.alias("reversal")
    return (
        select(
            journal_entry,
            ledger_event.c.at.label("recorded_at"),
            ledger_event.c.actor.label("recorded_by"),
            ledger_event.c.kind,
            reversal.c.id.label("reversed_by"),
        )
        .join_from(journal_entry, ledger_event, ledger_event.c.id == journal_entry.c.id)
        .outerjoin(reversal, reversal.c.reverses_id == journal_entry.c.id)
    )


def _with_lines(conn: Connection, rows: Iterable[RowMapping]) -> tuple[Entry, ...]:
    found = list(rows)
    lines: dict[int, list[Line]] = defaultdict(list)
    for row in conn.execute(
        select(journal_line)
        .where(journal_line.c.entry_id.in_([row["id"] for row in found]))
        .order_by(journal_line.c.entry_id, journal_line.c.line_no)
    ):
        lines[row.entry_id].append(Line(account_id=row.account_id, amount=row.amount, currency=row.currency))
    return tuple(Entry(**dict(row) | {"book": Book(row["book"]), "lines": tuple(lines[row["id"]])}) for row in found)


_LATEST_FIRST: Final = (journal_entry.c.booked_on.desc(), journal_entry.c.id.desc())

_SYSTEMS: Final = text("""
    with recursive system (book, name) as (
        (select book, source_system from journal_entry order by book, source_system limit 1)
        union all
        select later.book, later.source_system from system
          cross join lateral (select book, source_system from journal_entry
                               where (book, source_system) > (system.book, system.name)
                               order by book, source_system limit 1) as later)
    select distinct name from system order by name
""")
