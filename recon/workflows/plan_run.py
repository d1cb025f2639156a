"""What decides a run beside its files and rules, and the key that says so: open items, and what people decided.

What people decided is replayed whether or not open items are carried. While nobody has decided anything, and nothing is
carried, the key is that of the files and the rules alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from recon.errors import RunIsThere
from recon.model.transactions import Side
from recon.store import carry, decisions, runs
from recon.store.runs import Claim, Run
from recon.workflows.carry_plan import Asked, CarryPlan, plan_carry, write_plan
from recon.workflows.run_key import run_key


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlan:
    """`carry` is None where the reconciliation carries nothing."""

    key: str
    carry: CarryPlan | None

    @property
    def same_id(self) -> int | None:
        """A run in effect that has done just this."""
        return self.carry.same.run_id if self.carry and self.carry.same else None


def plan_run(conn: Connection, asked: Asked) -> RunPlan:
    """What the run would begin with as things stand now."""
    carried = plan_carry(conn, asked)
    if carried is not None:
        return RunPlan(key=carried.key, carry=carried)
    decided = decisions.decisions_hash(conn, asked.reconciliation_id)
    began = None
    if decided != decisions.NO_DECISIONS:
        began = {"reconciliation": asked.reconciliation_id, "decisions": decided}
    keys = asked.reading_keys
    key = run_key(source_key=keys[Side.SOURCE], reference_key=keys[Side.REFERENCE], rules=asked.rules, began=began)
    return RunPlan(key=key, carry=None)


def plan_again(conn: Connection, claim: Claim, run: Run, keys: Mapping[Side, str]) -> RunPlan:
    """The plan as of now, kept with the run: since it was asked for, others were published, or people decided.

    Raises `RunIsThere` when another run has meanwhile done what this one would do.
    """
    asked_for = carry.find(conn, run.id)
    asked = Asked(
        reconciliation_id=run.reconciliation_id,
        reading_keys=keys,
        rules=run.rules,
        as_of=asked_for.as_of if asked_for else None,
        rerun_of_id=run.rerun_of_id,
    )
    plan = plan_run(conn, asked)
    if plan.key != run.run_key:
        other = plan.same_id or runs.standing(conn, plan.key)
        if other is not None and run.rerun_of_id is None:
            raise RunIsThere(other)
        runs.rekey(conn, claim, plan.key)
    if plan.carry is not None:
        write_plan(conn, run.id, run.reconciliation_id, plan.carry)
    elif asked_for is not None:
        carry.drop(conn, run.id)
    return plan
