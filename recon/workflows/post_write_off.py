"""Put what is written off or adjusted into the books: one entry for each reconciliation and currency of a command.

The entry and the decision name each other. In the caller's transaction, which holds the lock of the reconciliations:
both are there, or neither. A row is in the books once, whatever run shows it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Final

from sqlalchemy import Connection

from recon.errors import WriteOffRefused
from recon.model.correction import Booking, Correction
from recon.model.settlement import OpenRow
from recon.model.triage import Command, Resolution, Verdict
from recon.money import to_display
from recon.store import write_off_rows, write_offs
from recon.store.write_off_rows import ToWriteOff
from recon.store.write_offs import WriteOff
from recon.workflows.write_off_entries import (
    EntryOfWriteOffs,
    Places,
    chosen_places,
    entry_of,
    named_places,
    post_all,
    told_of,
)

REASON_AT_MOST: Final = 200
"""Characters of the reason that the entry repeats."""

BOOKED: Final = frozenset({Resolution.WRITTEN_OFF, Resolution.ADJUSTED})
"""Resolutions that say something of the books."""


def book(conn: Connection, command: Command, verdict: Verdict, *, actor: str) -> Verdict:
    """Book what a command just resolved, as it says; the verdict with the entries, also where it was sent before.

    Raises WriteOffRefused where the rows are booked in another run already or no accounts are to be had, and a
    `LedgerRefusal`. A write-off in a currency without accounts is kept, to be posted once they are named.
    """
    if verdict.applied:
        _book(conn, command, verdict.applied, actor=actor, today=datetime.now(UTC).date())
    entry_ids, unposted = write_offs.of_command(conn, command.action_key)
    return replace(verdict, entry_ids=entry_ids, unposted=unposted)


def plan_booking(conn: Connection, command: Command, discrepancy_ids: Sequence[int]) -> list[dict[str, Any]]:
    """What `book` would post for these discrepancies as things stand, as JSON takes it: what an approver is shown."""
    correction = command.correction or Correction()
    is_adjusted = command.resolution is Resolution.ADJUSTED
    if command.resolution not in BOOKED or (is_adjusted and correction.booking is not Booking.POSTED):
        return []
    amounts: dict[tuple[int, str], list[int]] = defaultdict(list)
    for row in write_off_rows.to_write_off(conn, discrepancy_ids):
        if row.held_by is None and row.amount:
            amounts[row.reconciliation_id, row.currency].append(row.amount)
    return [
        {
            "reconciliation_id": reconciliation_id,
            "currency": currency,
            "losses": sum(one for one in own if one > 0),
            "gains": sum(one for one in own if one < 0),
            "accounts": _told_accounts(conn, reconciliation_id, currency, correction),
        }
        for (reconciliation_id, currency), own in sorted(amounts.items())
    ]


def book_decision(
    conn: Connection,
    decision_id: int,
    amounts: Mapping[str, int],
    *,
    run_id: int,
    reconciliation_id: int,
    dated_on: date,
    action_key: str,
    reason: str,
    reason_code: str,
    actor: str,
    today: date,
) -> tuple[tuple[int, ...], bool]:
    """Book what a decision of the workbench writes off, by currency: the entries, and whether any has no accounts.

    Raises a `LedgerRefusal`.
    """
    kept = write_offs.keep_decision(
        conn,
        decision_id,
        amounts,
        run_id=run_id,
        reconciliation_id=reconciliation_id,
        dated_on=dated_on,
        action_key=action_key,
        actor=actor,
        reason=reason,
    )
    places = named_places(conn, reconciliation_id)
    entries = [
        EntryOfWriteOffs(
            places=places[row.currency],
            currency=row.currency,
            rows=(row,),
            txn_id=f"decision {decision_id} {row.currency}",
            key=f"write-off-{decision_id}-{row.currency}",
            metadata={"decision_id": decision_id, "reason_code": reason_code},
        )
        for row in kept
        if row.currency in places
    ]
    return post_all(conn, entries, actor=actor, today=today), len(entries) < len(kept)


def book_waiting(
    conn: Connection, reconciliation_id: int, currency: str, waiting: Sequence[WriteOff], *, actor: str, today: date
) -> int:
    """Post in one entry what was written off before accounts were named. Raises WriteOffRefused without accounts."""
    places = named_places(conn, reconciliation_id).get(currency)
    if places is None:
        raise WriteOffRefused(f"No accounts are named for {currency} yet. Name them on the Workbench page.")
    metadata = told_of(waiting) | {"resolution": "written_off", "posted_later": True}
    (entry_id,) = post_all(conn, [entry_of(places, currency, waiting, metadata)], actor=actor, today=today)
    return entry_id


def refuse_booked(conn: Connection, run_id: int, rows: Iterable[OpenRow]) -> None:
    """Raises WriteOffRefused where triage has written a row off in another run: it would be in the books twice."""
    found = write_off_rows.held_rows(conn, run_id, [(row.side.value, row.line) for row in rows])
    if found is not None:
        raise WriteOffRefused(
            f"One of these rows was written off or adjusted in run {found} already. Reopen it there on Triage first."
        )


def refuse_rest_booked(conn: Connection, discrepancy_ids: Iterable[int | None]) -> None:
    """Raises WriteOffRefused where triage has written off what a decision left open of these: it would be more now."""
    for row in write_offs.of_discrepancies(conn, sorted({one for one in discrepancy_ids if one is not None})):
        raise WriteOffRefused(
            f"Discrepancy {row.discrepancy_id} of run {row.run_id} was written off or adjusted on Triage, with what "
            "this left open of it. Reopen it there first."
        )


def _book(conn: Connection, command: Command, discrepancy_ids: Sequence[int], *, actor: str, today: date) -> None:
    correction = command.correction or Correction()
    is_adjusted = command.resolution is Resolution.ADJUSTED
    booking = correction.booking if is_adjusted else Booking.POSTED
    found = write_off_rows.to_write_off(conn, discrepancy_ids)
    _refuse_held(found, command.resolution)
    if booking is Booking.NAMED:
        _refuse_entry(conn, correction.entry_id, [row for row in found if row.held_by is None])
    kept = write_offs.keep(
        conn,
        found,
        resolution=str(command.resolution),
        booking=booking,
        entry_id=correction.entry_id if booking is Booking.NAMED else None,
        action_key=command.action_key,
        actor=actor,
        reason=command.comment.strip(),
    )
    if booking is not Booking.POSTED:
        return
    chosen = chosen_places(conn, correction.accounts) if correction.accounts else None
    wanted = [row for row in kept if row.booking is Booking.POSTED and row.amount]
    _post_by_currency(conn, wanted, chosen, command, must_post=is_adjusted, actor=actor, today=today)


def _post_by_currency(
    conn: Connection,
    rows: Sequence[WriteOff],
    chosen: Places | None,
    command: Command,
    *,
    must_post: bool,
    actor: str,
    today: date,
) -> None:
    groups: dict[tuple[int, str], list[WriteOff]] = defaultdict(list)
    for row in rows:
        groups[row.reconciliation_id, row.currency].append(row)
    entries = []
    for (reconciliation_id, currency), own in sorted(groups.items()):
        places = chosen or named_places(conn, reconciliation_id).get(currency)
        if places is not None:
            entries.append(entry_of(places, currency, own, told_of(own) | _said(command)))
        elif must_post:
            raise WriteOffRefused(
                f"No accounts are named for {currency}. Choose the two accounts, or say where it was corrected."
            )
    post_all(conn, entries, actor=actor, today=today)


def _said(command: Command) -> dict[str, Any]:
    reason = command.comment.strip()[:REASON_AT_MOST]
    return {"resolution": str(command.resolution)} | ({"reason": reason} if reason else {})


def _told_accounts(conn: Connection, reconciliation_id: int, currency: str, correction: Correction) -> list[str] | None:
    if correction.accounts is not None:
        return [str(one) for one in correction.accounts]
    places = named_places(conn, reconciliation_id).get(currency)
    return None if places is None else [str(places.account_id), str(places.counter_account_id)]


def _refuse_held(found: Sequence[ToWriteOff], resolution: Resolution | None) -> None:
    """What another run's write-off holds may follow it, and nothing else: it would be in the books twice."""
    for row in found:
        if row.held_by is None:
            continue
        follows = row.holds_same and row.held_as == resolution == Resolution.WRITTEN_OFF
        if not follows:
            done = "written off" if row.held_as == Resolution.WRITTEN_OFF else "adjusted"
            raise WriteOffRefused(
                f"A row of discrepancy {row.discrepancy_id} was {done} in run {row.held_in} already. "
                "Reopen it there first: the books would have it twice."
            )


def _refuse_entry(conn: Connection, entry_id: int | None, rows: Sequence[ToWriteOff]) -> None:
    """An entry corrects no more than it moves, in the currencies it moves."""
    assert entry_id is not None, "checked with the command"
    write_offs.entries_behind(conn, [entry_id])  # locks its accounts: nobody reverses it meanwhile
    debits, standing = write_offs.debits_of(conn, entry_id), write_offs.standing_in(conn, entry_id)
    if not debits:
        raise WriteOffRefused(
            f"There is no entry {entry_id}, or it is reversed. Name an entry that stands in the journal."
        )
    if any(row.booking is Booking.POSTED for row in standing):
        raise WriteOffRefused(f"Entry {entry_id} is a write-off itself. Name the entry that corrected this.")
    for currency in sorted({row.currency for row in rows}):
        amounts = [row.amount for row in rows if row.currency == currency]
        amounts += [row.amount for row in standing if row.currency == currency]
        most = max(sum(one for one in amounts if one > 0), -sum(one for one in amounts if one < 0))
        moved = debits.get(currency, 0)
        if most > moved:
            raise WriteOffRefused(
                f"Entry {entry_id} moves {to_display(moved, currency)}, and would correct {to_display(most, currency)}."
                " Name another entry, or correct fewer at once."
            )
