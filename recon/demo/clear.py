"""What the sample company's office has cleared by now: some discrepancies of each kind, with a reason and a comment."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from sqlalchemy import Engine

from recon.model.outcome import DiscrepancyKind
from recon.model.triage import Command, DiscrepancyStatus, Move, Resolution, Seen
from recon.queries.discrepancies import DiscrepancyFilter, Order, Sort, page
from recon.workflows.resolve_discrepancies import resolve_discrepancies

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
