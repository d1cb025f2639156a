"""The ledger's writes: how things stand, locked; and a fact with everything projected from it, in one statement.

Rules it keeps: balances are locked in the order of account ids, before anything else that another command may wait for,
so that commands never wait for each other in a circle; events, journal and balances change together or not at all.
Every function runs in its caller's transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, RowMapping, insert, select
from sqlalchemy.exc import DBAPIError

from recon.model.ledger import (
    AccountOpened,
    Book,
    Command,
    EntryPosted,
    EntryReversed,
    EntryState,
    Fact,
    LedgerEvent,
    Line,
    OpenAccount,
    PostEntry,
    Posting,
    PostingCommand,
    ReverseEntry,
    Standing,
    Transfer,
    TransferPosted,
    body_of,
    fact_from,
    origin_of,
)
from recon.store import books
from recon.store.account_states import account_state
from recon.store.ledger_tables import account, account_balance, journal_entry, journal_line, ledger_event

RACES: Final = frozenset({"23505", "40001", "40P01"})
"""What PostgreSQL says to the loser of a race: a key taken meanwhile, a serialization failure, a deadlock."""


def lost_a_race(error: DBAPIError) -> bool:
    """Whether another command came first, so that deciding again is worth it."""
    return getattr(error.orig, "sqlstate", None) in RACES


def standing(conn: Connection, command: Command) -> Standing:
    """Everything the command is decided on; its accounts are locked until the transaction ends."""
    if isinstance(command, OpenAccount):
        return Standing(earlier=event_of(conn, command.key))
    if not isinstance(command, Transfer | PostEntry | ReverseEntry):
        return books.standing(conn, command, earlier=event_of(conn, command.key))
    entry = _entry(conn, command.entry_id) if isinstance(command, ReverseEntry) else None
    system, txn_id = origin_of(command)
    ids = sorted(set(_accounts_of(command, entry)))
    rows = conn.exec_driver_sql(_LOCK, {"ids": ids, "key": command.key, "system": system, "txn_id": txn_id}).all()
    first = rows[0]
    return Standing(
        accounts={row.id: account_state(row) for row in rows if row.id is not None},
        earlier=None if first.earlier_id is None else event_of(conn, command.key),
        taken_by=first.taken_by,
        entry=entry,
    )


def append(
    conn: Connection, fact: Fact, posting: Posting | None, *, key: str, fingerprint: str, actor: str
) -> LedgerEvent:
    """Record the fact and write what it projects to."""
    event = {
        "key": key,
        "fingerprint": fingerprint,
        "actor": actor,
        "kind": type(fact).__name__,
        "book": fact.book.value,
        "body": json.dumps(body_of(fact)),
    }
    match fact:
        case TransferPosted() | EntryPosted() | EntryReversed():
            assert posting is not None, "it posts an entry"
            id_, at = conn.exec_driver_sql(_POST, event | _posted(posting)).one()
        case AccountOpened():
            id_, at = _open(conn, fact, event)
        case _:
            id_, at = conn.exec_driver_sql(_EVENT, event).one()
            books.project(conn, id_, fact)
    return LedgerEvent(id=id_, at=at, actor=actor, command_key=key, fingerprint=fingerprint, fact=fact)


def event_of(conn: Connection, key: str) -> LedgerEvent | None:
    """What the command with this key did; None when none was carried out."""
    found = conn.execute(select(ledger_event).where(ledger_event.c.command_key == key)).mappings().one_or_none()
    return None if found is None else event_from(found)


def event_from(row: RowMapping) -> LedgerEvent:
    """A row of `ledger_event` as its value."""
    said = {name: row[name] for name in ("id", "at", "actor", "command_key", "fingerprint")}
    return LedgerEvent(**said, fact=fact_from(row["kind"], row["body"]))


def protected_side(opened: AccountOpened) -> int:
    """The side of zero the database keeps the balance on; 0 for either."""
    return 0 if opened.allows_overdraft else opened.type.normal_side


def _accounts_of(command: PostingCommand, entry: EntryState | None) -> Iterable[UUID]:
    match command:
        case Transfer():
            return (command.source_account_id, command.destination_account_id)
        case PostEntry():
            return (line.account_id for line in command.lines)
        case ReverseEntry():
            return (line.account_id for line in entry.lines) if entry else ()


def _entry(conn: Connection, entry_id: int) -> EntryState | None:
    reversal = journal_entry.alias("reversal")
    rows = conn.execute(
        select(journal_entry.c.book, reversal.c.id.label("reversed_by"), journal_line)
        .join_from(journal_entry, journal_line, journal_line.c.entry_id == journal_entry.c.id)
        .outerjoin(reversal, reversal.c.reverses_id == journal_entry.c.id)
        .where(journal_entry.c.id == entry_id)
        .order_by(journal_line.c.line_no)
    ).all()
    if not rows:
        return None
    return EntryState(
        id=entry_id,
        book=Book(rows[0].book),
        lines=tuple(Line(account_id=row.account_id, amount=row.amount, currency=row.currency) for row in rows),
        reversed_by=rows[0].reversed_by,
    )


def _open(conn: Connection, fact: AccountOpened, event: dict[str, Any]) -> tuple[int, datetime]:
    id_, at = conn.exec_driver_sql(_EVENT, event).one()
    conn.execute(
        insert(account).values(
            id=fact.account_id,
            event_id=id_,
            book=fact.book.value,
            currency=fact.currency,
            type=fact.type.value,
            allows_overdraft=fact.allows_overdraft,
            metadata=dict(fact.metadata),
        )
    )
    conn.execute(
        insert(account_balance).values(account_id=fact.account_id, balance=0, protected_side=protected_side(fact))
    )
    return id_, at


def _posted(posting: Posting) -> dict[str, Any]:
    return {
        "booked_on": posting.booked_on,
        "system": posting.source_system,
        "txn_id": posting.source_txn_id,
        "reverses_id": posting.reverses_id,
        "metadata": json.dumps(dict(posting.metadata)),
        "accounts": [line.account_id for line in posting.lines],
        "currencies": [line.currency for line in posting.lines],
        "amounts": [line.amount for line in posting.lines],
    }


# In the driver's own form: a command is mostly these two statements, and its cost is counted in tenths of milliseconds.
_LOCK: Final = """
with locked as materialized (
    select a.id, a.book, a.currency, a.type, a.allows_overdraft, b.balance
      from account_balance b join account a on a.id = b.account_id
     where b.account_id = any(cast(%(ids)s as uuid[])) order by b.account_id for no key update of b)
select (select id from ledger_event where command_key = %(key)s) as earlier_id,
       (select max(id) from journal_entry where source_system = %(system)s and source_txn_id = %(txn_id)s
                                            and book = any(array(select book from locked))) as taken_by,
       locked.*
  from (values (1)) as always left join locked on true
"""
"""A key or transaction recorded while we waited for the locks is not seen here; the unique indexes catch it."""

_EVENT: Final = """
insert into ledger_event (command_key, fingerprint, actor, kind, book, body)
values (%(key)s, %(fingerprint)s, %(actor)s, %(kind)s, %(book)s, cast(%(body)s as jsonb)) returning id, at
"""

_POST: Final = f"""
with event as ({_EVENT}),
entry as (
    insert into journal_entry (id, book, booked_on, source_system, source_txn_id, reverses_id, metadata)
    select id, %(book)s, %(booked_on)s, %(system)s, %(txn_id)s, cast(%(reverses_id)s as bigint),
           cast(%(metadata)s as jsonb) from event),
given as (
    select * from unnest(cast(%(accounts)s as uuid[]), cast(%(currencies)s as text[]), cast(%(amounts)s as bigint[]))
                  with ordinality as line (account_id, currency, amount, line_no)),
line as (
    insert into journal_line (entry_id, line_no, account_id, book, booked_on, currency, amount)
    select event.id, line_no, account_id, %(book)s, %(booked_on)s, currency, amount from event, given),
change as (select account_id, sum(amount) as amount from given group by account_id),
balance as (
    update account_balance b set balance = b.balance + change.amount
      from change where b.account_id = change.account_id),
wallet as (
    update wallet w set balance = w.balance + change.amount from change where w.account_id = change.account_id)
select id, at from event
"""  # noqa: S608 - put together from our own text alone
