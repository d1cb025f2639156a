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
from recon.queries.open_rows import PaneFilter, PaneSort, pane_rows
from recon.store.evidence import Evidence
from recon.workflows.prepare_workbench import prepare_workbench
from recon.workflows.resolve_discrepancies import resolve_discrepancies
from recon.workflows.settle_rows import settle_rows

ENOUGH: Final = 1_000
"""Discrepancies looked at: a week of the company has fewer."""

DECIDED: Final = {
    DiscrepancyKind.AMOUNT_MISMATCH: (Resolution.ADJUSTED, "Corrected in the books, approved by the controller."),
    DiscrepancyKind.MISSING_IN_REFERENCE: (Resolution.TIMING, "Arrives with next week's file."),
    DiscrepancyKind.MISSING_IN_SOURCE: (Resolution.DATA_ISSUE, "The export left it out; a full one is on its way."),
    DiscrepancyKind.DUPLICATE: (Resolution.DATA_ISSUE, "Exported twice, booked once."),
    DiscrepancyKind.INCOMPLETE_GROUP: (Resolution.TIMING, "The rest of the payout is in next week's file."),
    DiscrepancyKind.FEE_VARIANCE: (Resolution.DATA_ISSUE, "Claimed back from the gateway."),
    DiscrepancyKind.FEE: (Resolution.ADJUSTED, "Booked as bank charges."),
    DiscrepancyKind.FX_VARIANCE: (Resolution.FX, "The bank's own rate; booked as an exchange difference."),
    DiscrepancyKind.FX_CONVERSION: (Resolution.FX, "Booked between the currency accounts."),
    DiscrepancyKind.SUGGESTION: (Resolution.MATCHED, "The customer confirmed which payment this is."),
}


def settle_one(engine: Engine, evidence: Evidence, run_id: int, *, action_key: str, actor: str) -> bool:
    """Say on the workbench that the smallest row the reference lacks needs no counterpart; False if that was said."""
    prepare_workbench(engine, evidence, run_id)
    lacking = PaneFilter(run_id=run_id, side=Side.SOURCE, kinds=(DiscrepancyKind.MISSING_IN_REFERENCE,))
    rows = pane_rows(engine, lacking, sort=PaneSort.AMOUNT, limit=1)
    if not rows:
        return False
    ask = Ask(
        run_id=run_id,
        move=SettleMove.IGNORE,
        rows=tuple(row.seen for row in rows),
        reason="Our own test payment: nothing follows from it.",
        action_key=action_key,
    )
    return not settle_rows(engine, ask, actor=actor).was_known


def clear_some(engine: Engine, run_id: int, *, tenths: int, actor: str) -> None:
    """Resolve so many tenths of a run's discrepancies, spread over all of them; a second time changes nothing."""
    wanted = DiscrepancyFilter(run_id=run_id, statuses=tuple(DiscrepancyStatus))
    rows = page(engine, wanted, Order(by=Sort.ID), limit=ENOUGH)
    chosen: defaultdict[DiscrepancyKind, list[Seen]] = defaultdict(list)
    for position, row in enumerate(rows):
        if position * tenths % 10 < tenths:
            chosen[DiscrepancyKind(row.kind)].append(row.seen)
    for kind, seen in chosen.items():
        resolution, comment = DECIDED[kind]
        command = Command(
            move=Move.RESOLVE, resolution=resolution, comment=comment, action_key=f"sample {run_id} {kind}"
        )
        resolve_discrepancies(engine, command, seen, actor=actor)
