"""What entries moved accounts by, in the days of a period: read for the ledger's connector."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection

from recon.model.books import Book


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """What one entry moved one account by, in minor units; `other` is the name of its only other account."""

    source_txn_id: str
    booked_on: date
    kind: str  # of the event: TransferPosted, EntryPosted, EntryReversed
    amount: int
    currency: str
    other: str | None
    metadata: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedAccount:
    id: UUID
    name: str  # its id where it has none


def named(conn: Connection, book: Book, name: str) -> tuple[NamedAccount, ...]:
    """The accounts of a book with this id, code or name."""
    rows = conn.exec_driver_sql(_NAMED, {"book": book.value, "name": name}).mappings()
    return tuple(NamedAccount(**row) for row in rows)


def movements(
    conn: Connection, account_ids: Sequence[UUID], *, first_on: date | None, last_on: date | None
) -> tuple[Movement, ...]:
    """By day and entry; both days are included, None is no limit."""
    said = {"accounts": list(account_ids), "first_on": first_on, "last_on": last_on}
    rows = conn.exec_driver_sql(_MOVEMENTS, said).mappings()
    return tuple(Movement(**{**row, "amount": int(row["amount"])}) for row in rows)


_NAMED: Final = """
select id, coalesce(metadata ->> 'name', id::text) as name from account
 where book = %(book)s
   and (id::text = lower(%(name)s) or metadata ->> 'code' = %(name)s or metadata ->> 'name' = %(name)s)
 order by id
"""

_MOVEMENTS: Final = """
with moved as (
    select entry_id, account_id, currency, sum(amount) as amount
      from journal_line
     where account_id = any(cast(%(accounts)s as uuid[]))
       and booked_on between coalesce(cast(%(first_on)s as date), '-infinity')
                         and coalesce(cast(%(last_on)s as date), 'infinity')
     group by entry_id, account_id, currency),
other as (
    select moved.entry_id, moved.account_id, min(account.metadata ->> 'name') as name
      from moved
      join journal_line line on line.entry_id = moved.entry_id and line.account_id <> moved.account_id
      join account on account.id = line.account_id
     group by moved.entry_id, moved.account_id having count(distinct line.account_id) = 1)
select entry.booked_on, entry.source_txn_id, entry.metadata, event.kind, moved.currency, moved.amount,
       other.name as other
  from moved
  join journal_entry entry on entry.id = moved.entry_id
  join ledger_event event on event.id = moved.entry_id
  left join other on other.entry_id = moved.entry_id and other.account_id = moved.account_id
 order by entry.booked_on, entry.id, moved.account_id
"""
