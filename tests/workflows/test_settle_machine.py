"""Whatever people do on the workbench, in any order: what is open is what a naive model of it says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import Engine, func, select

from recon.errors import SettlementRefused
from recon.model.settlement import SettleMove
from recon.model.transactions import Side
from recon.model.triage import Resolution
from recon.store.evidence import Evidence
from recon.store.workbench_tables import decision, decision_member
from recon.workflows.settle_rows import settle_rows
from recon.workflows.undo_settlement import undo_settlement
from tests.workflows.bench import ask, open_lines, opened
from tests.workflows.sides import DAY, Row

SETTLING = ("manual_match", "ignore", "write_off", "net")
AMOUNTS = (100, 200, 300, -300)
Key = tuple[str, int]


def rows(name: str) -> tuple[Row, ...]:
    """Rows of one currency nobody matches by machine: their dates are far from those of the other side."""
    day = DAY if name == "s" else DAY.replace(month=6)
    return tuple((None, day, amount, "EUR", f"{name} {place} zz{'q' * place}") for place, amount in enumerate(AMOUNTS))


class Workbench(RuleBasedStateMachine):
    """The model: what is open of each row, and the decisions that stand with what each of them covers."""

    engine: ClassVar[Engine]
    run_id: ClassVar[int]

    def __init__(self) -> None:
        super().__init__()
        for number in standing(self.engine):  # what the example before left
            undo_settlement(self.engine, number, actor="ana")
        while left := standing(self.engine):
            undo_settlement(self.engine, left[-1], actor="ana")
        self.full = {(side, line): amount for side, own in open_now(self).items() for line, amount in own.items()}
        self.open = dict(self.full)
        self.history: list[tuple[int, dict[Key, int]]] = []

    def act(self, move: SettleMove, source: Sequence[int], reference: Sequence[int]) -> None:
        before = dict(self.open)
        chosen = [("source", line) for line in source] + [("reference", line) for line in reference]
        if not all(key in self.open for key in chosen):
            return
        wanted = ask(
            self.engine,
            self.run_id,
            move,
            source=source,
            reference=reference,
            reason_code=Resolution.FEE if move is SettleMove.WRITE_OFF else None,
            reason="Said.",
        )
        sums = {side: sum(self.open[key] for key in chosen if key[0] == side) for side in ("source", "reference")}
        try:
            done = settle_rows(self.engine, wanted, actor="ana")
        except SettlementRefused:
            assert not self.is_plain(move, source, reference, sums)
            return
        rest = sums["source"] - sums["reference"]
        for key in chosen:
            del self.open[key]
        if move is SettleMove.SPLIT:
            side = "source" if abs(sums["source"]) > abs(sums["reference"]) else "reference"
            largest = max((key for key in chosen if key[0] == side), key=lambda key: (abs(before[key]), -key[1]))
            self.open[largest] = rest if side == "source" else -rest
        elif move in (SettleMove.MATCH, SettleMove.NET):
            assert rest == 0
        self.history.append((done.decision_id, before))

    @staticmethod
    def is_plain(move: SettleMove, source: Sequence[int], reference: Sequence[int], sums: dict[str, int]) -> bool:
        """Whether nothing may stand in the way of it."""
        if move is SettleMove.MATCH:
            return bool(source and reference) and sums["source"] == sums["reference"]
        return move is SettleMove.IGNORE and bool(source or reference)

    @rule(
        move=st.sampled_from(SettleMove),
        source=st.sets(st.integers(2, 5), max_size=3),
        reference=st.sets(st.integers(2, 5), max_size=3),
    )
    def settle(self, move: SettleMove, source: set[int], reference: set[int]) -> None:
        if source or reference:
            self.act(move, sorted(source), sorted(reference))

    @rule(line=st.integers(2, 5))
    def match_equals(self, line: int) -> None:
        self.act(SettleMove.MATCH, [line], [line])

    @precondition(lambda self: self.history)
    @rule()
    def undo_the_last(self) -> None:
        number, before = self.history.pop()
        undo_settlement(self.engine, number, actor="ana")
        self.open = before
        # a decision that gave way to the one undone holds again, under another number
        self.history = [(current(self.engine, one, place), was) for place, (one, was) in enumerate(self.history)]

    @invariant()
    def what_is_open_is_what_the_model_says(self) -> None:
        assert {(side, line): n for side, own in open_now(self).items() for line, n in own.items()} == self.open

    @invariant()
    def no_row_is_in_two_decisions(self) -> None:
        m = decision_member.c
        query = (
            select(m.side, m.fingerprint)
            .join_from(decision_member, decision)
            .where(decision.c.revoked_at.is_(None), decision.c.kind.in_(SETTLING))
            .group_by(m.side, m.fingerprint)
            .having(func.count() > 1)
        )
        with self.engine.connect() as conn:
            assert conn.execute(query).all() == []


def open_now(machine: Workbench) -> dict[str, dict[int, int]]:
    return open_lines(machine.engine, machine.run_id)


def standing(engine: Engine) -> list[int]:
    with engine.connect() as conn:
        query = select(decision.c.id).where(decision.c.revoked_at.is_(None)).order_by(decision.c.id.desc())
        return list(conn.execute(query).scalars())


def current(engine: Engine, number: int, place: int) -> int:
    """The decision that holds what `number` held: itself, or the one taken again in its place."""
    with engine.connect() as conn:
        again = conn.execute(
            select(decision.c.id)
            .where(decision.c.action_key.like(f"{number}-after-%"), decision.c.revoked_at.is_(None))
            .order_by(decision.c.id.desc())
            .limit(1)
        ).scalar_one_or_none()
    return int(again) if again is not None else number


def test_any_order_of_moves_keeps_the_books_straight(engine: Engine, evidence: Evidence) -> None:
    Workbench.engine = engine
    Workbench.run_id = opened(engine, evidence, source=rows("s"), reference=rows("r"))
    assert {*Side} == {Side(side) for side in open_lines(engine, Workbench.run_id)}
    run_state_machine_as_test(
        Workbench,
        settings=settings(
            max_examples=9, stateful_step_count=14, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
