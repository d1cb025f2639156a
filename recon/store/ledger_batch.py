"""Many journal entries in one transaction: all their accounts locked at once, all their rows written at once.

The same rules and the same rows as `recon.store.ledger`, for files of entries. Runs in its caller's transaction.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, select

from recon.model.ledger import AccountState, Book, EntryPosted, LedgerEvent, PostEntry, body_of, origin_of
from recon.store.account_states import account_state
from recon.store.ledger import event_from
from recon.store.ledger_tables import ledger_event

Origin = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchStanding:
    """What the entries are decided on: their accounts, locked; what their keys did; whose transactions are taken."""

    accounts: dict[UUID, AccountState]
    earlier: dict[str, LedgerEvent]
    taken: dict[Origin, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """An entry that may be posted."""

    key: str
    fingerprint: str
    fact: EntryPosted


def standing_of(conn: Connection, book: Book, commands: Sequence[PostEntry]) -> BatchStanding:
    """Locks the accounts of all commands in the order of their ids, as every command does."""
    ids = sorted({line.account_id for command in commands for line in command.lines})
    accounts = conn.exec_driver_sql(_LOCK, {"ids": ids}).all()
    keys = [command.key for command in commands]
    known = conn.execute(select(ledger_event).where(ledger_event.c.command_key.in_(keys))).mappings()
    systems, txn_ids = zip(*map(origin_of, commands), strict=True)
    taken = conn.exec_driver_sql(_TAKEN, {"book": book.value, "systems": list(systems), "txn_ids": list(txn_ids)})
    return BatchStanding(
        accounts={row.id: account_state(row) for row in accounts},
        earlier={row["command_key"]: event_from(row) for row in known},
        taken={(row.source_system, row.source_txn_id): row.id for row in taken},
    )


def append_all(conn: Connection, decided: Sequence[Decided], *, actor: str) -> dict[str, LedgerEvent]:
    """Record the facts in their order and write what they project to; the event of each key."""
    if not decided:
        return {}
    lines = [(one.key, number, line) for one in decided for number, line in enumerate(one.fact.lines, start=1)]
    said: dict[str, list[Any]] = {
        "keys": [one.key for one in decided],
        "fingerprints": [one.fingerprint for one in decided],
        "books": [one.fact.book.value for one in decided],
        "bodies": [json.dumps(body_of(one.fact)) for one in decided],
        "days": [one.fact.booked_on for one in decided],
        "systems": [one.fact.source_system for one in decided],
        "txn_ids": [one.fact.source_txn_id for one in decided],
        "metadata": [json.dumps(dict(one.fact.metadata)) for one in decided],
        "line_keys": [key for key, _, _ in lines],
        "line_nos": [number for _, number, _ in lines],
        "accounts": [line.account_id for _, _, line in lines],
        "currencies": [line.currency for _, _, line in lines],
        "amounts": [line.amount for _, _, line in lines],
    }
    rows = conn.exec_driver_sql(_POST, said | {"actor": actor, "kind": EntryPosted.__name__}).all()
    recorded = {row.command_key: row for row in rows}
    return {
        one.key: LedgerEvent(
            id=recorded[one.key].id,
            at=recorded[one.key].at,
            actor=actor,
            command_key=one.key,
            fingerprint=one.fingerprint,
            fact=one.fact,
        )
        for one in decided
    }


_LOCK: Final = """
select a.id, a.book, a.currency, a.type, a.allows_overdraft, b.balance
  from account_balance b join account a on a.id = b.account_id
 where b.account_id = any(cast(%(ids)s as uuid[])) order by b.account_id for no key update of b
"""

_TAKEN: Final = """
select e.id, e.source_system, e.source_txn_id
  from unnest(cast(%(systems)s as text[]), cast(%(txn_ids)s as text[])) as given (system, txn_id)
  join journal_entry e on e.book = %(book)s and e.source_system = given.system and e.source_txn_id = given.txn_id
"""

_POST: Final = """
with given as (
    select * from unnest(
        cast(%(keys)s as text[]), cast(%(fingerprints)s as text[]), cast(%(books)s as text[]),
        cast(%(bodies)s as text[]), cast(%(days)s as date[]), cast(%(systems)s as text[]), cast(%(txn_ids)s as text[]),
        cast(%(metadata)s as text[])
    ) with ordinality as entry (key, fingerprint, book, body, booked_on, system, txn_id, metadata, place)),
event as (
    insert into ledger_event (command_key, fingerprint, actor, kind, book, body)
    select key, fingerprint, %(actor)s, %(kind)s, book, cast(body as jsonb) from given order by place
    returning id, at, command_key),
entry as (
    insert into journal_entry (id, book, booked_on, source_system, source_txn_id, reverses_id, metadata)
    select event.id, book, booked_on, system, txn_id, null, cast(metadata as jsonb)
      from event join given on given.key = event.command_key),
given_line as (
    select * from unnest(
        cast(%(line_keys)s as text[]), cast(%(line_nos)s as int[]), cast(%(accounts)s as uuid[]),
        cast(%(currencies)s as text[]), cast(%(amounts)s as bigint[])
    ) as line (key, line_no, account_id, currency, amount)),
line as (
    insert into journal_line (entry_id, line_no, account_id, book, booked_on, currency, amount)
    select event.id, line_no, account_id, book, booked_on, currency, amount
      from given_line join given using (key) join event on event.command_key = given_line.key),
change as (select account_id, sum(amount) as amount from given_line group by account_id),
balance as (
    update account_balance b set balance = b.balance + change.amount
      from change where b.account_id = change.account_id),
wallet as (
    update wallet w set balance = w.balance + change.amount from change where w.account_id = change.account_id)
select id, at, command_key from event
"""
