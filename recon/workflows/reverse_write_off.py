"""Take back what was written off or adjusted: its entry is reversed, or as much of it as is taken back.

An entry whose write-offs are all taken back together is reversed; of one that others still stand in, the opposite of
those that go is posted. An entry that was only named stays: it was not posted for this. In the caller's transaction,
which holds the lock of the reconciliations.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection

from recon.model.correction import Booking
from recon.model.ledger import Book, PostEntry, ReverseEntry
from recon.model.triage import Command, Move
from recon.store import discrepancies, write_off_rows, write_offs
from recon.store.write_offs import EntryBehind, WriteOff
from recon.triage import decide
from recon.workflows.command_ledger import carry_out
from recon.workflows.write_off_entries import NAMED_AT_MOST, Places, lines_of


def unbook(
    conn: Connection, discrepancy_ids: Sequence[int], *, action_key: str, actor: str
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Take back what was booked for discrepancies that are reopened, before they are: the entries posted for it, and
    the discrepancies of other runs that are open with them, because the same rows were written off once."""
    found = write_off_rows.behind(conn, discrepancy_ids)
    if not found:
        return (), ()
    standing = write_offs.standing(conn, found)
    reversals = reverse(conn, standing, actor=actor, today=datetime.now(UTC).date())
    tied = {row.discrepancy_id for row in standing if row.discrepancy_id is not None} - {*discrepancy_ids}
    return reversals, _reopen(conn, tied, action_key=action_key, actor=actor)


def reverse(conn: Connection, standing: Sequence[WriteOff], *, actor: str, today: date) -> tuple[int, ...]:
    """Take these back; the entries posted for it. Raises a `LedgerRefusal`."""
    by_entry: dict[int, list[WriteOff]] = defaultdict(list)
    for row in standing:
        if row.booking is Booking.POSTED and row.entry_id is not None:
            by_entry[row.entry_id].append(row)
    write_offs.take_back(conn, [row.id for row in standing], actor=actor)
    posted = []
    for entry in write_offs.entries_behind(conn, by_entry):
        own = by_entry[entry.id]
        reversal_id = entry.reversed_by
        if reversal_id is None:
            reversal_id = carry_out(conn, _opposite(entry, own), actor=actor, today=today).id
            posted.append(reversal_id)
        write_offs.say_reversed(conn, [row.id for row in own], reversal_id)
    return tuple(posted)


def _reopen(conn: Connection, discrepancy_ids: Iterable[int], *, action_key: str, actor: str) -> tuple[int, ...]:
    ids = sorted(discrepancy_ids)
    if not ids:
        return ()
    said = Command(move=Move.REOPEN, comment="Its rows were reopened in another run.", action_key=action_key)
    stands = discrepancies.lock(conn, ids, action_key)
    verdict = decide(said, [row.seen for row in stands], stands)
    discrepancies.apply(conn, said, verdict, actor=actor)
    return verdict.applied


def _opposite(entry: EntryBehind, rows: Sequence[WriteOff]) -> PostEntry | ReverseEntry:
    if len(rows) == entry.write_off_count:
        return ReverseEntry(key=f"write-off-{entry.id}-reversed", entry_id=entry.id, metadata=_told(rows))
    places = Places(book=Book(entry.book), account_id=entry.account_id, counter_account_id=entry.counter_account_id)
    currency = rows[0].currency
    return PostEntry(
        key=f"write-off-{entry.id}-without-{rows[0].id}",
        book=places.book,
        lines=lines_of(places, currency, (-row.amount for row in rows)),
        source_txn_id=f"write-off {rows[0].id} {currency} taken back",
        metadata={"takes_back_part_of": entry.id} | _told(rows),
    )


def _told(rows: Sequence[WriteOff]) -> dict[str, Any]:
    decided = {row.decision_id for row in rows}
    if len(decided) == 1 and None not in decided:
        return {"decision_id": rows[0].decision_id}
    triaged = sorted(row.discrepancy_id for row in rows if row.discrepancy_id is not None)
    return {"discrepancies": triaged[:NAMED_AT_MOST], "discrepancy_count": len(triaged)}
