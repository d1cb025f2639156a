"""The entries of write-offs and adjustments: to which accounts, with which lines, and what they say of themselves.

Losses and gains are lines of their own, so that an entry tells both and none comes to nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, select

from recon.ledger.refusals import AccountUnknown
from recon.model.ledger import Book, PostEntry, WantedLine
from recon.money import to_text
from recon.store import write_offs
from recon.store.ledger_tables import account
from recon.store.write_offs import WriteOff
from recon.workflows.post_entries import post_together

NAMED_AT_MOST: Final = 20
"""Discrepancies an entry names; all of them name the entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where an amount goes: above 0 a debit of the account and a credit of the counter account, below 0 the reverse."""

    book: Book
    account_id: UUID
    counter_account_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryOfWriteOffs:
    """An entry to be, and the write-offs it is for."""

    places: Places
    currency: str
    rows: tuple[WriteOff, ...]
    txn_id: str
    key: str
    metadata: Mapping[str, Any]


def named_places(conn: Connection, reconciliation_id: int) -> dict[str, Places]:
    """Currency -> where write-offs of the reconciliation are posted."""
    return {
        currency: Places(
            book=Book(named.book), account_id=named.account_id, counter_account_id=named.counter_account_id
        )
        for currency, named in write_offs.accounts_of(conn, reconciliation_id).items()
    }


def lines_of(places: Places, currency: str, amounts: Iterable[int]) -> tuple[WantedLine, ...]:
    """The lines of these amounts (minor units, not all 0): a pair for the losses and a pair for the gains."""
    known = list(amounts)
    parts = (sum(one for one in known if one > 0), sum(one for one in known if one < 0))
    return tuple(
        WantedLine(account_id=account_id, amount=to_text(signed, currency), currency=currency)
        for part in parts
        if part
        for account_id, signed in ((places.account_id, part), (places.counter_account_id, -part))
    )


def chosen_places(conn: Connection, accounts: tuple[UUID, UUID]) -> Places:
    """Accounts somebody chose. Raises AccountUnknown; the ledger refuses two of different books or currencies."""
    book = conn.execute(select(account.c.book).where(account.c.id == accounts[0])).scalar_one_or_none()
    if book is None:
        raise AccountUnknown(accounts[0])
    return Places(book=Book(book), account_id=accounts[0], counter_account_id=accounts[1])


def entry_of(places: Places, currency: str, rows: Sequence[WriteOff], metadata: Mapping[str, Any]) -> EntryOfWriteOffs:
    """One entry for all of them."""
    return EntryOfWriteOffs(
        places=places,
        currency=currency,
        rows=tuple(rows),
        txn_id=f"write-off {rows[0].id} {currency}",
        key=f"write-offs-from-{rows[0].id}",
        metadata=metadata,
    )


def post_all(conn: Connection, entries: Sequence[EntryOfWriteOffs], *, actor: str, today: date) -> tuple[int, ...]:
    """Their numbers. The accounts of a book are locked together, so that two who post never wait for each other."""
    posted = []
    for book in sorted({entry.places.book for entry in entries}):
        own = [entry for entry in entries if entry.places.book == book]
        commands = [
            PostEntry(
                key=entry.key,
                book=book,
                lines=lines_of(entry.places, entry.currency, (row.amount for row in entry.rows)),
                source_txn_id=entry.txn_id,
                metadata=entry.metadata,
            )
            for entry in own
        ]
        for entry, event in zip(own, post_together(conn, book, commands, actor=actor, today=today), strict=True):
            write_offs.put_into_entry(conn, [row.id for row in entry.rows], event.id)
            posted.append(event.id)
    return tuple(posted)


def told_of(rows: Sequence[WriteOff]) -> dict[str, Any]:
    """What the entry says of the rows it is for."""
    triaged = [row.discrepancy_id for row in rows if row.discrepancy_id is not None]
    decided = sorted({row.decision_id for row in rows if row.decision_id is not None})
    told: dict[str, Any] = {"runs": sorted({row.run_id for row in rows})[:NAMED_AT_MOST]}
    if triaged:
        told |= {"discrepancies": sorted(triaged)[:NAMED_AT_MOST], "discrepancy_count": len(triaged)}
    if decided:
        told |= {"decisions": decided[:NAMED_AT_MOST], "decision_count": len(decided)}
    return told
