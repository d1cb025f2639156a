"""What a run begins with: the rows of both sides, what people decided about them, and the open items it carries.

There is one way into the engine: a reconciliation that carries nothing replays what people decided just the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from sqlalchemy import Engine

from recon.matching.decided import decided_rows
from recon.model.decisions import Decided, Decision
from recon.model.due import Due
from recon.model.transactions import Side
from recon.store import decisions
from recon.store.evidence import Evidence
from recon.store.runs import Claim, Run
from recon.workflows.carry_forward import Carrying, carry_items, look_around, names_of_like
from recon.workflows.plan_run import plan_again


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """`rows`: what is matched. `decided` is None where no decision stands; `carrying` where nothing is carried."""

    rows: Mapping[Side, pa.Table]
    decided: Decided | None
    carrying: Carrying | None

    @property
    def due(self) -> Mapping[Side, Due] | None:
        """When the counterparts of each side's rows are due, where items are carried."""
        return self.carrying.due if self.carrying else None

    @property
    def decision_ids(self) -> tuple[int, ...]:
        """The decisions that have a say in the run."""
        return self.decided.decision_ids if self.decided else ()

    def parts(self) -> dict[str, pa.Table]:
        """What of it is kept as evidence beside the files."""
        return self.carrying.parts() if self.carrying else {}

    def document(self) -> dict[str, Any]:
        """What else decided the result, as JSON takes it: with this and `parts` the run can be done again."""
        carried = self.carrying.document() if self.carrying else None
        lost = sorted(one.decision_id for one in self.decided.lost) if self.decided else []
        return {"carried": carried, "decisions": list(self.decision_ids), "lost": lost}


def begin_run(
    engine: Engine, evidence: Evidence, claim: Claim, run: Run, keys: Mapping[Side, str], files: Mapping[Side, pa.Table]
) -> Begun:
    """What the run begins with as things stand now.

    `keys` and `files`: the key and the rows of each side's reading. Raises `RunIsThere` when another run has meanwhile
    done what this one would do.
    """
    with engine.begin() as conn:
        plan = plan_again(conn, claim, run, keys)
        standing = decisions.standing(conn, run.reconciliation_id)
        around = None if plan.carry is None else look_around(conn, run, plan.carry, files)
    if plan.carry is None or around is None:
        return Begun(rows=files, decided=_decided(files, standing), carrying=None)
    carrying = carry_items(evidence, run, plan.carry, around, files, standing)
    rows = {side: carrying.sides[side].rows for side in Side}
    return Begun(rows=rows, decided=carrying.decided, carrying=carrying)


def _decided(files: Mapping[Side, pa.Table], standing: Sequence[Decision]) -> Decided | None:
    if not standing:
        return None
    names = {side: names_of_like(files[side], standing, side) for side in Side}
    return decided_rows(names[Side.SOURCE], names[Side.REFERENCE], standing)
