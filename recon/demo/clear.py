"""What the sample company's office has cleared by now: some discrepancies of each kind, with a reason and a comment."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from sqlalchemy import Engine

from recon.model.outcome import DiscrepancyKind
from recon.model.settlement import Ask, SettleMove
from recon.model.transactions import Side
from recon.model.triage import Command, DiscrepancyStatus, Move, Resolution, Seen
from recon.queries.discrepancies import DiscrepancyFilter, Order, Sort, page
from recon.queries.open_rows import PaneFilter, pane_rows
from recon.store.evidence import Evidence
from recon.workflows.prepare_workbench import prepare_workbench
from recon.workflows.resolve_discrepancies import resolve_discrepancies
from recon.workflows.settle_rows import settle_rows

ENOUGH: Final = 1_000
"""Discrepancies looked at: a week of the company has fewer."""

DECIDED: Final = {
    DiscrepancyKind.AMOUNT_MISMATCH: (Resolution.WRITTEN_OFF, "Too small to claim back."),
    DiscrepancyKind.INCOMPLETE_GROUP: (Resolution.TIMING, "The rest of the payout is in next week's file."),
    DiscrepancyKind.FEE_VARIANCE: (Resolution.DATA_ISSUE, "Claimed back from the gateway."),
    DiscrepancyKind.FEE: (Resolution.ADJUSTED, "Booked as bank charges."),
    DiscrepancyKind.FX_VARIANCE: (Resolution.FX, "The bank's own rate; booked as an exchange difference."),
    DiscrepancyKind.FX_CONVERSION: (Resolution.FX, "Booked between the currency accounts."),
    DiscrepancyKind.SUGGESTION: (Resolution.MATCHED, "The customer confirmed which payment this is."),
}
"""What is decided in triage."""

IGNORED: Final = {
    DiscrepancyKind.MISSING_IN_REFERENCE: "Given back to the customer: nothing follows.",
    DiscrepancyKind.MISSING_IN_SOURCE: "The export left it out; seen in the original.",
    DiscrepancyKind.DUPLICATE: "Exported twice, booked once.",
}
"""Rows that are done with, on the workbench: they are not carried any more."""


def clear_some(engine: Engine, evidence: Evidence, run_id: int, *, tenths: int, actor: str) -> None:
    """Decide on so many tenths of a run's discrepancies, spread over all of them; a second time changes nothing."""
    wanted = DiscrepancyFilter(run_id=run_id, statuses=tuple(DiscrepancyStatus))
    rows = page(engine, wanted, Order(by=Sort.ID), limit=ENOUGH)
    chosen: defaultdict[DiscrepancyKind, list[Seen]] = defaultdict(list)
    for position, row in enumerate(rows):
        if position * tenths % 10 < tenths:
            chosen[DiscrepancyKind(row.kind)].append(row.seen)
    for kind, (resolution, comment) in DECIDED.items():
        command = Command(
            move=Move.RESOLVE, resolution=resolution, comment=comment, action_key=f"sample {run_id} {kind}"
        )
        resolve_discrepancies(engine, command, chosen[kind], actor=actor)
    prepare_workbench(engine, evidence, run_id)
    for kind in IGNORED:
        _ignore(engine, run_id, kind, {row.id for row in chosen[kind]}, actor=actor)


def _ignore(engine: Engine, run_id: int, kind: DiscrepancyKind, ids: set[int], *, actor: str) -> None:
    found = (pane_rows(engine, PaneFilter(run_id=run_id, side=side, kinds=(kind,)), limit=ENOUGH) for side in Side)
    rows = tuple(row.seen for rows in found for row in rows if row.discrepancy_id in ids)
    if rows:
        ask = Ask(
            run_id=run_id,
            move=SettleMove.IGNORE,
            rows=rows,
            reason=IGNORED[kind],
            action_key=f"sample {run_id} {kind}",
        )
        settle_rows(engine, ask, actor=actor)
