"""What a sign-off of a period is about, put together: proof, what is open by age, write-offs, rules and files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Engine

from recon.errors import TieoutError
from recon.model.close import Cell, ClosePack, Section
from recon.money import Money
from recon.queries.closes import (
    ITEMS,
    OpenRow,
    PublishedRun,
    WriteOff,
    open_rows,
    outcome_counts,
    rule_version,
    runs_in_effect,
    write_offs,
)
from recon.queries.runs import RunDetail, run_detail
from recon.store import reading_files
from recon.store.evidence import Evidence

AGES: Final = ((7, "up to 7 days"), (30, "8 to 30 days"), (90, "31 to 90 days"))
OLDER: Final = "over 90 days"


class NothingToClose(TieoutError):
    code = "NOTHING_TO_CLOSE"

    def __init__(self, first_on: date, last_on: date) -> None:
        super().__init__(
            f"No published run has rows dated {first_on} to {last_on}. Run the files of that period first."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """The pack as it would be signed, and the figures a person looks at first. Unexplained is by currency."""

    pack: ClosePack
    run_ids: tuple[int, ...]
    open_count: int
    write_off_count: int
    unexplained: dict[str, int]


def gather_close(
    engine: Engine, evidence: Evidence, *, reconciliation_id: int, name: str, first_on: date, last_on: date
) -> Gathered:
    """Raises NothingToClose where no published run has rows of the period."""
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as conn:
        every = runs_in_effect(conn, reconciliation_id)
        runs = tuple(one for one in every if _has_rows(evidence, one, first_on, last_on))
        if not runs:
            raise NothingToClose(first_on, last_on)
        items = open_rows(conn, reconciliation_id, runs, first_on=first_on, last_on=last_on)
        written_off = write_offs(conn, reconciliation_id, runs, last_on)
        counts = outcome_counts(conn, runs)
        details = [run_detail(engine, one.id) for one in runs]
        versions = {one.run.id: rule_version(conn, reconciliation_id, dict(one.rules)) for one in details}
    unexplained: dict[str, int] = defaultdict(int)
    for one in details:
        for line in one.proof:
            unexplained[line.currency] += line.unexplained
    pack = ClosePack(
        title=f"{name}: {first_on} to {last_on}",
        facts={
            "Reconciliation": name,
            "Period": f"{first_on} to {last_on}, both included",
            "Runs": ", ".join(str(one.id) for one in runs),
            "Open": f"{len(items):,}",
            "Write-offs": f"{len(written_off):,}",
        },
        sections=(
            _proof(details),
            _outcomes(counts),
            _by_age(items, last_on),
            _items(items, last_on),
            _written_off(written_off),
            _rules(details, versions),
            _files(details),
        ),
    )
    return Gathered(
        pack=pack,
        run_ids=tuple(one.id for one in runs),
        open_count=len(items),
        write_off_count=len(written_off),
        unexplained=dict(unexplained),
    )


def _has_rows(evidence: Evidence, run: PublishedRun, first_on: date, last_on: date) -> bool:
    spans = [reading_files.days(evidence, key) for key in run.keys]
    return any(span is not None and span[0] <= last_on and span[1] >= first_on for span in spans)


def _proof(details: Sequence[RunDetail]) -> Section:
    rows: list[tuple[Cell, ...]] = []
    for one in details:
        for line in one.proof:
            said: list[tuple[str, int | None, int]] = [
                ("Source total", line.source_count, line.source_total),
                ("Reference total", line.reference_count, line.reference_total),
                ("Difference", None, line.source_total - line.reference_total),
                *((f"of which {kind.value.replace('_', ' ')}", count, amount) for kind, count, amount in line.by_kind),
                ("Unexplained", None, line.unexplained),
            ]
            rows += [
                (one.run.id, what, count, Money(amount=amount, currency=line.currency)) for what, count, amount in said
            ]
    return Section(title="Proof", columns=("Run", "What", "Rows", "Amount"), rows=tuple(rows))


def _outcomes(counts: Sequence[tuple[int, str, str, str, int, int]]) -> Section:
    return Section(
        title="Discrepancies as decided",
        columns=("Run", "Kind", "How it ended", "Rows", "Amount"),
        rows=tuple(
            (run_id, _words(kind), _words(ended), count, Money(amount=amount, currency=currency))
            for run_id, kind, ended, currency, count, amount in counts
        ),
        note="" if counts else "These runs have no discrepancy.",
    )


def _by_age(items: Sequence[OpenRow], last_on: date) -> Section:
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


def _items(items: Sequence[OpenRow], last_on: date) -> Section:
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


def _written_off(found: Sequence[WriteOff]) -> Section:
    return Section(
        title="Write-offs",
        columns=("When", "By", "Approved by", "Why", "Amount", "Journal entry"),
        rows=tuple(
            (
                f"{one.at:%Y-%m-%d %H:%M} UTC",
                one.actor,
                one.approved_by,
                one.reason,
                Money(amount=one.amount, currency=one.currency),
                one.entry_id,
            )
            for one in found
        ),
        note="" if found else "Nothing was written off.",
    )


def _rules(details: Sequence[RunDetail], versions: dict[int, int | None]) -> Section:
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


def _files(details: Sequence[RunDetail]) -> Section:
    return Section(
        title="Files",
        columns=("Run", "Side", "File", "Received by", "Rows read", "Rejected", "sha256"),
        rows=tuple(
            (one.run.id, file.side, file.filename, file.received_by, file.rows_read, file.rows_rejected, file.sha256)
            for one in details
            for file in one.files
        ),
    )


def _age(item: OpenRow, last_on: date) -> str:
    days = (last_on - item.date).days
    return next((name for limit, name in AGES if days <= limit), OLDER)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _rule(value: Any) -> str:
    return " > ".join(str(one) for one in value) if isinstance(value, list) else str(value)
