"""The tables of a close pack: what was gathered, as a person reads it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from recon.model.close import Change, Section
from recon.model.correction import Booking
from recon.money import Money, to_display
from recon.queries.closes import ITEMS, Approval, DecidedTogether, OpenRow, WriteOff
from recon.queries.runs import RunDetail

AGES: Final = ((7, "up to 7 days"), (30, "8 to 30 days"), (90, "31 to 90 days"))
OLDER: Final = "over 90 days"


def proof(details: Sequence[RunDetail]) -> Section:
    """Source less reference by run and currency, and what nothing explains, to be read at a glance."""
    return Section(
        title="Proof",
        columns=(
            *("Run", "Source rows", "Source total", "Reference rows", "Reference total"),
            *("Difference", "Explained", "Unexplained"),
        ),
        rows=tuple(
            (
                one.run.id,
                line.source_count,
                Money(amount=line.source_total, currency=line.currency),
                line.reference_count,
                Money(amount=line.reference_total, currency=line.currency),
                Money(amount=line.source_total - line.reference_total, currency=line.currency),
                Money(amount=line.source_total - line.reference_total - line.unexplained, currency=line.currency),
                Money(amount=line.unexplained, currency=line.currency),
            )
            for one in details
            for line in one.proof
        ),
    )


def explained(details: Sequence[RunDetail]) -> Section:
    """The discrepancies that explain each difference, by kind."""
    rows = tuple(
        (one.run.id, _words(kind.value), count, Money(amount=amount, currency=line.currency))
        for one in details
        for line in one.proof
        for kind, count, amount in line.by_kind
    )
    return Section(
        title="What explains the difference",
        columns=("Run", "Kind", "Rows", "Amount"),
        rows=rows,
        note="" if rows else "There is no difference to explain.",
    )


def outcomes(counts: Sequence[tuple[int, str, str, str, int, int]]) -> Section:
    """Discrepancies by kind and how they ended."""
    return Section(
        title="Discrepancies as decided",
        columns=("Run", "Kind", "How it ended", "Rows", "Amount"),
        rows=tuple(
            (run_id, _words(kind), _words(ended), count, Money(amount=amount, currency=currency))
            for run_id, kind, ended, currency, count, amount in counts
        ),
        note="" if counts else "These runs have no discrepancy.",
    )


def by_age(items: Sequence[OpenRow], last_on: date) -> Section:
    """What is open, in sums."""
    names = [name for _, name in AGES] + [OLDER]
    totals: dict[tuple[int, str], list[int]] = {}
    for item in items:
        total = totals.setdefault((names.index(_age(item, last_on)), item.currency), [0, 0])
        total[0] += 1
        total[1] += item.amount
    return Section(
        title="Open by age",
        columns=("Age at the period's end", "Rows", "Amount"),
        rows=tuple(
            (names[place], count, Money(amount=amount, currency=currency))
            for (place, currency), (count, amount) in sorted(totals.items())
        ),
        note="" if items else "Nothing is open.",
    )


def open_items(items: Sequence[OpenRow], last_on: date) -> Section:
    """What is open, row by row."""
    return Section(
        title="Open items",
        columns=("What", "Date", "Age in days", "Reference", "Description", "Amount"),
        rows=tuple(
            (
                _words(item.what),
                item.date,
                max((last_on - item.date).days, 0),
                item.reference,
                item.description,
                Money(amount=item.amount, currency=item.currency),
            )
            for item in items[:ITEMS]
        ),
        note=f"The {ITEMS:,} largest of {len(items):,}." if len(items) > ITEMS else "" if items else "Nothing is open.",
    )


def written_off(found: Sequence[WriteOff]) -> Section:
    """Write-offs and adjustments with the entries that book them; where there is none, why."""
    lacking = sum(one.booking == Booking.POSTED and one.entry_id is None for one in found)
    are = "1 is not in the ledger" if lacking == 1 else f"{lacking:,} are not in the ledger"
    return Section(
        title="Write-offs and adjustments",
        columns=("When", "By", "Approved by", "What", "Why", "Amount", "Journal entry"),
        rows=tuple(
            (
                f"{one.at:%Y-%m-%d %H:%M} UTC",
                one.actor,
                one.approved_by,
                _words(one.resolution),
                one.reason,
                Money(amount=one.amount, currency=one.currency),
                _entry(one),
            )
            for one in found
        ),
        note=f"{are}: no accounts are named for their currency." if lacking else "" if found else "There are none.",
    )


def by_hand(found: Sequence[DecidedTogether]) -> Section:
    """What people decided on the workbench, a line a command."""
    return Section(
        title="Decisions by hand",
        columns=("When", "By", "Approved by", "What", "Decisions", "Rows", "Why"),
        rows=tuple(
            (
                f"{one.at:%Y-%m-%d %H:%M} UTC",
                one.actor,
                one.approved_by,
                _words(one.kind),
                one.decision_count,
                one.row_count,
                one.reason,
            )
            for one in found
        ),
        note="" if found else "No row was decided by hand.",
    )


def approved(found: Sequence[Approval]) -> Section:
    """Who approved what of whom."""
    return Section(
        title="Approvals",
        columns=("When", "Asked by", "Approved by", "What", "Amounts", "Why"),
        rows=tuple(
            (
                f"{one.at:%Y-%m-%d %H:%M} UTC",
                one.proposed_by,
                one.approved_by,
                one.subject,
                ", ".join(to_display(amount, currency) for currency, amount in sorted(one.amounts.items())),
                one.reason,
            )
            for one in found
        ),
        note="" if found else "Nothing needed a second person.",
    )


def after_close(found: Sequence[Change], *, is_first: bool) -> Section:
    """What was changed about signed days since the last sign-off, which this one takes in."""
    nothing = "No period was signed off before." if is_first else "Nothing of a closed period was changed since."
    return Section(
        title="After an earlier close",
        columns=("When", "By", "What", "About", "Closed by", "Rows", "Amount"),
        rows=tuple(
            (
                f"{one.at:%Y-%m-%d %H:%M} UTC",
                one.actor,
                f"{one.what[:1].upper()}{one.what[1:]}",
                one.about,
                f"close {one.close_id}",
                one.row_count,
                one.amount,
            )
            for one in found
        ),
        note="" if found else nothing,
    )


def rules(details: Sequence[RunDetail], versions: Mapping[int, int | None]) -> Section:
    """Which rules each run followed, and the digest of what it found."""
    rows = [
        (
            one.run.id,
            f"version {versions[one.run.id]}" if versions[one.run.id] else "not saved",
            ", ".join(f"{name} {_rule(value)}" for name, value in one.rules.items()),
            one.digest,
        )
        for one in details
    ]
    return Section(
        title="Runs and rules", columns=("Run", "Rules", "They say", "Digest of the result"), rows=tuple(rows)
    )


def files(details: Sequence[RunDetail]) -> Section:
    """What was reconciled, by sha256."""
    return Section(
        title="Files",
        columns=("Run", "Side", "File", "Received by", "Rows read", "Rejected", "sha256"),
        rows=tuple(
            (one.run.id, file.side, file.filename, file.received_by, file.rows_read, file.rows_rejected, file.sha256)
            for one in details
            for file in one.files
        ),
    )


def _entry(one: WriteOff) -> str:
    if one.entry_id is None:
        return "not posted" if one.booking == Booking.POSTED else "outside the ledger"
    return str(one.entry_id)


def _age(item: OpenRow, last_on: date) -> str:
    days = (last_on - item.date).days
    return next((name for limit, name in AGES if days <= limit), OLDER)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _rule(value: Any) -> str:
    if isinstance(value, list):
        return " > ".join(str(one) for one in value) or "none"
    return str(value)
