"""What a sign-off of a period is about, put together: proof, what is open by age, decisions, rules and files."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Engine

from recon.errors import TieoutError
from recon.model.close import Change, ClosePack
from recon.queries.after_close import changes_after
from recon.queries.closes import (
    PublishedRun,
    approvals,
    decided_together,
    deciders_of,
    open_rows,
    outcome_counts,
    rule_version,
    runs_in_effect,
    signed_before,
    write_offs,
)
from recon.queries.runs import run_detail
from recon.store import reading_files
from recon.store.evidence import Evidence
from recon.workflows import close_sections as section


class NothingToClose(TieoutError):
    code = "NOTHING_TO_CLOSE"

    def __init__(self, first_on: date, last_on: date) -> None:
        super().__init__(
            f"No published run has rows dated {first_on} to {last_on}. Run the files of that period first."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """The pack as it would be signed, and the figures a person looks at first. Unexplained is by currency.

    `deciders`: whose decisions are in it, which whoever signs should not be alone.
    """

    pack: ClosePack
    run_ids: tuple[int, ...]
    open_count: int
    write_off_count: int
    change_count: int
    unexplained: dict[str, int]
    deciders: tuple[str, ...]


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
        by_hand = decided_together(conn, reconciliation_id, last_on)
        approved = approvals(conn, reconciliation_id, runs)
        changes, is_first = _changes(conn, evidence, reconciliation_id)
        counts = outcome_counts(conn, runs)
        details = [run_detail(engine, one.id) for one in runs]
        versions = {one.run.id: rule_version(conn, reconciliation_id, dict(one.rules)) for one in details}
        deciders = deciders_of(conn, reconciliation_id, runs, last_on)
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
            "Decided by": ", ".join(deciders) or "nobody",
            "Changed after an earlier close": f"{len(changes):,}",
        },
        sections=(
            section.proof(details),
            section.explained(details),
            section.outcomes(counts),
            section.by_age(items, last_on),
            section.open_items(items, last_on),
            section.written_off(written_off),
            section.by_hand(by_hand),
            section.approved(approved),
            section.after_close(changes, is_first=is_first),
            section.rules(details, versions),
            section.files(details),
        ),
    )
    return Gathered(
        pack=pack,
        run_ids=tuple(one.id for one in runs),
        open_count=len(items),
        write_off_count=len(written_off),
        change_count=len(changes),
        unexplained=dict(unexplained),
        deciders=deciders,
    )


def _changes(conn: Connection, evidence: Evidence, reconciliation_id: int) -> tuple[tuple[Change, ...], bool]:
    """What was changed about signed days since the last sign-off, and whether there was none before."""
    signed = signed_before(conn, reconciliation_id)
    if not signed:
        return (), True
    return changes_after(conn, evidence, signed, since=max(one.at for one in signed)), False


def _has_rows(evidence: Evidence, run: PublishedRun, first_on: date, last_on: date) -> bool:
    spans = [reading_files.days(evidence, key) for key in run.keys]
    return any(span is not None and span[0] <= last_on and span[1] >= first_on for span in spans)
