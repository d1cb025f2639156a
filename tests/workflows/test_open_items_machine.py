"""Whatever files come, in whatever order, again or corrected, and whatever people decide in between: what is open is
what was ever seen and neither met its counterpart nor was settled."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine, select

from recon.calendar import calendar_of
from recon.model.decisions import DecisionKind, Member
from recon.model.transactions import Side
from recon.queries.kept import kept_runs
from recon.store import carry, decisions, open_items, runs
from recon.store.carry import CarrySettings
from recon.store.evidence import Evidence
from recon.store.tables import run_proof
from recon.workflows.replay_run import replay_run
from tests.workflows.pool import Pool, row

IDS = range(8)
FILES = st.frozensets(st.sampled_from(IDS), max_size=6)
DAYS = st.integers(1, 14).map(lambda day: date(2026, 3, day))
DUE_DAYS = 2

End = tuple[Side, int]
"""A row of the model: its side, and which movement it is of."""


def rows(ids: frozenset[int]) -> list[dict[str, Any]]:
    return [row(f"M{one}", 100 + one, one + 1) for one in sorted(ids)]


class OpenItemsMachine(RuleBasedStateMachine):
    """The model keeps the files of the runs in effect and the decisions that stand, and nothing else."""

    engine: ClassVar[Engine]
    evidence: ClassVar[Evidence]
    number: ClassVar[int] = 0

    @initialize()
    def begin(self) -> None:
        type(self).number += 1
        self.pool = Pool(
            engine=self.engine, evidence=self.evidence, source_due_days=DUE_DAYS, name=f"Machine {self.number}"
        )
        self.runs: list[tuple[int, frozenset[int], frozenset[int]]] = []
        self.as_of = date(2026, 3, 1)
        self.settled: dict[int, frozenset[End]] = {}
        self.is_run = False

    @rule(source=FILES, reference=FILES, as_of=DAYS)
    def files_come(self, source: frozenset[int], reference: frozenset[int], as_of: date) -> None:
        self._popped = []
        if self.runs and self.runs[-1][1:] == (source, reference):
            self._popped = [self.runs.pop()]  # another try of the newest files takes its place
        asked = self.pool.submit(rows(source), rows(reference), as_of=as_of)
        if asked.cached:  # an older run of these files, on that day
            self.runs += self._popped
            return
        assert self.pool.execute(asked.run_id).status == "succeeded"
        self._ran(asked.run_id, source, reference, as_of)

    @precondition(lambda self: self.runs)
    @rule(source=FILES, reference=FILES, as_of=DAYS)
    def the_newest_files_are_corrected(self, source: frozenset[int], reference: frozenset[int], as_of: date) -> None:
        newest, _, _ = self.runs.pop()
        number = self.pool.run(rows(source), rows(reference), as_of=as_of, rerun_of=newest)
        self._ran(number, source, reference, as_of)

    @precondition(lambda self: self.runs and self.is_run)
    @rule()
    def the_same_is_asked_again(self) -> None:
        number, source, reference = self.runs[-1]
        again = self.pool.submit(rows(source), rows(reference), as_of=self.as_of)
        with self.engine.connect() as conn:
            is_linked = runs.get(conn, number).rerun_of_id is not None
        assert is_linked or (again.run_id, again.cached) == (number, True)
        if not again.cached:
            self.pool.execute(again.run_id)
            self.runs[-1] = (again.run_id, source, reference)

    @rule(source=FILES, reference=FILES)
    def a_run_carries_nothing_for_once(self, source: frozenset[int], reference: frozenset[int]) -> None:
        before = self.pool.items()
        self._switch(is_on=False)
        number = self.pool.run(rows(source), rows(reference))
        self._switch(is_on=True)
        assert self.pool.items() == before
        self._ties_out(number)
        (kept,) = kept_runs(self.engine, run_id=number)
        assert replay_run(self.engine, self.evidence, kept).is_same

    def _switch(self, *, is_on: bool) -> None:
        due = {Side.SOURCE: DUE_DAYS, Side.REFERENCE: None}
        with self.engine.begin() as conn:
            carry.save_settings(conn, self.pool.id, CarrySettings(is_on=is_on, calendar="", due_days=due))

    @precondition(lambda self: self.is_run)
    @rule(data=st.data())
    def somebody_decides(self, data: st.DataObject) -> None:
        decided = self._named()
        standing = [item for item in self.pool.items() if item.state != "cleared" and _end(item) not in decided]
        ours, theirs = ([item for item in standing if item.side == side.value] for side in Side)
        if ours and theirs and data.draw(st.booleans()):
            chosen, kind = (
                [data.draw(st.sampled_from(ours)), data.draw(st.sampled_from(theirs))],
                DecisionKind.MANUAL_MATCH,
            )
        elif standing:
            chosen, kind = [data.draw(st.sampled_from(standing))], DecisionKind.IGNORE
        else:
            return
        with self.engine.begin() as conn:
            open_items.lock(conn, self.pool.id)
            number = decisions.add(
                conn,
                reconciliation_id=self.pool.id,
                kind=kind,
                members=[
                    Member(side=Side(one.side), fingerprint=one.fingerprint, amount=one.amount, currency=one.currency)
                    for one in chosen
                ],
                reason="Settled.",
                actor="ana",
                action_key=f"{self.runs[-1][0]} {kind} {[one.id for one in chosen]}",
            )
        self.settled[number] = frozenset(map(_end, chosen))
        self.is_run = False

    @precondition(lambda self: self.settled)
    @rule(data=st.data())
    def somebody_takes_it_back(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.settled)))
        with self.engine.begin() as conn:
            assert decisions.revoke(conn, number, actor="ben")
        del self.settled[number]
        self.is_run = False

    @invariant()
    def what_is_open_is_what_the_model_says(self) -> None:
        if not getattr(self, "is_run", False):
            return
        calendar = calendar_of(None)
        expected = []
        for side, one in self._open():
            due = calendar.due_on(date(2026, 3, one + 1), DUE_DAYS)
            is_awaited = side is Side.SOURCE and due > self.as_of
            expected.append(("~" if is_awaited else "") + f"M{one}")
        assert self.pool.open() == sorted(expected)

    def _ran(self, number: int, source: frozenset[int], reference: frozenset[int], as_of: date) -> None:
        self.runs.append((number, source, reference))
        self.as_of, self.is_run = as_of, True
        self._ties_out(number)

    def _ties_out(self, number: int) -> None:
        with self.engine.connect() as conn:
            proof = conn.execute(select(run_proof.c.unexplained).where(run_proof.c.run_id == number)).scalars()
            assert not any(proof)

    def _named(self) -> set[End]:
        """Rows somebody has decided about; also what is left of a match that lost a row."""
        return {end for members in self.settled.values() for end in members}

    def _open(self) -> list[End]:
        seen = {(side, one) for _, *files in self.runs for side, ids in zip(Side, files, strict=True) for one in ids}
        settled = {end for members in self.settled.values() if members <= seen for end in members}
        free = seen - settled
        other = {Side.SOURCE: Side.REFERENCE, Side.REFERENCE: Side.SOURCE}
        return [(side, one) for side, one in free if (other[side], one) not in free]


def _end(item: Any) -> End:
    return Side(item.side), int(item.description[1:])


@pytest.mark.parametrize("steps", [8])
def test_what_is_open_follows_from_the_files_in_effect_and_the_decisions_that_stand(
    engine: Engine, evidence: Evidence, steps: int
) -> None:
    OpenItemsMachine.engine, OpenItemsMachine.evidence = engine, evidence
    run_state_machine_as_test(
        OpenItemsMachine, settings=settings(max_examples=12, stateful_step_count=steps, deadline=None, database=None)
    )
