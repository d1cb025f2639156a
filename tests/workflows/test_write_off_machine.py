"""Whatever is written off, adjusted, reopened and undone, in triage and on the workbench, in any order: the books say
what stands, and no more."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import Engine, exists, select

from recon.errors import WriteOffRefused
from recon.model.correction import Booking, Correction
from recon.model.outcome import DiscrepancyKind
from recon.model.settlement import SettleMove
from recon.model.triage import Command, Move, Resolution, Seen, Verdict
from recon.store.evidence import Evidence
from recon.store.settlement_tables import workbench_row
from recon.store.tables import discrepancy, run
from recon.store.write_off_tables import write_off
from recon.workflows.post_waiting import post_waiting
from recon.workflows.resolve_discrepancies import resolve_discrepancies
from recon.workflows.settle_rows import settle_rows
from recon.workflows.undo_decision import undo_decision
from recon.workflows.undo_settlement import undo_settlement
from tests.builders import Item, published_run, readings_of
from tests.workflows.bench import ask, open_lines, opened
from tests.workflows.books import account_total, accounts, ledger_sum, named_accounts, no_accounts, standing_sum
from tests.workflows.test_settle_machine import AMOUNTS, rows

PLACES = range(len(AMOUNTS))
BOTH = st.sampled_from(("run", "again"))
SOME = st.sets(st.sampled_from(PLACES), min_size=1, max_size=3)
RESOLUTIONS = st.sampled_from((Resolution.WRITTEN_OFF, Resolution.ADJUSTED, Resolution.DISMISSED))


class Desk(RuleBasedStateMachine):
    """Two runs show the same rows. The model: what of each row stands in the books, however it came there."""

    engine: ClassVar[Engine]
    runs: ClassVar[dict[str, int]]
    accounts: ClassVar[tuple[UUID, UUID]]

    def __init__(self) -> None:
        super().__init__()
        for decision_id in sorted(self.decided(), reverse=True):
            undo_settlement(self.engine, decision_id, actor="ana")
        for name in self.runs:
            self.reopen(name, PLACES)
        no_accounts(self.engine)
        self.before = account_total(self.engine, self.accounts)
        self.serial = 0
        self.last: list[Verdict] = []

    def seen(self, name: str, places: Collection[int]) -> list[Seen]:
        with self.engine.connect() as conn:
            query = select(discrepancy.c.id, discrepancy.c.version).where(
                discrepancy.c.run_id == self.runs[name], discrepancy.c.source_line.in_([place + 2 for place in places])
            )
            return [Seen(id=row.id, version=row.version) for row in conn.execute(query)]

    def send(self, name: str, places: Collection[int], **said: object) -> Verdict | None:
        type(self).sent += 1
        command = Command(**{"comment": "Said.", "action_key": f"key {self.sent}"} | said)  # type: ignore[arg-type]
        rows = self.seen(name, places)
        try:
            verdict = resolve_discrepancies(self.engine, command, rows, actor="ana")
        except WriteOffRefused:
            return None
        again = resolve_discrepancies(self.engine, command, rows, actor="ana")
        assert again.applied == (), "sent again it does nothing"
        return verdict

    sent: ClassVar[int] = 0

    @rule(name=BOTH, places=SOME, resolution=RESOLUTIONS)
    def resolve(self, name: str, places: set[int], resolution: Resolution) -> None:
        correction = Correction(booking=Booking.POSTED) if resolution is Resolution.ADJUSTED else None
        verdict = self.send(name, places, move=Move.RESOLVE, resolution=resolution, correction=correction)
        self.last += [verdict] if verdict and verdict.is_undoable else []

    @rule(name=BOTH, places=SOME)
    def reopen(self, name: str, places: Collection[int]) -> None:
        verdict = self.send(name, places, move=Move.REOPEN)
        if verdict and verdict.is_undoable and hasattr(self, "last"):
            self.last.append(verdict)

    @precondition(lambda self: self.last)
    @rule()
    def undo(self) -> None:
        type(self).sent += 1
        try:
            undo_decision(self.engine, self.last.pop(), action_key=f"undo {self.sent}", actor="ana")
        except WriteOffRefused:
            return

    @rule(place=st.sampled_from(PLACES))
    def write_off_on_the_workbench(self, place: int) -> None:
        run_id, line = self.runs["run"], place + 2
        if line not in open_lines(self.engine, run_id)["source"] or self.is_resolved(line):
            return
        wanted = ask(self.engine, run_id, SettleMove.WRITE_OFF, source=[line], reason_code=Resolution.FEE)
        try:
            settle_rows(self.engine, wanted, actor="ana")
        except WriteOffRefused:
            return

    @precondition(lambda self: self.decided())
    @rule()
    def take_back_on_the_workbench(self) -> None:
        undo_settlement(self.engine, self.decided()[-1], actor="ana")

    @rule()
    def name_accounts_and_post(self) -> None:
        named_accounts(self.engine, self.runs["run"])
        post_waiting(self.engine, self.reconciliation_id(), "EUR", actor="ana")

    @rule()
    def forget_accounts(self) -> None:
        no_accounts(self.engine)

    @invariant()
    def the_ledger_sums_to_nothing(self) -> None:
        assert ledger_sum(self.engine) == 0

    @invariant()
    def the_books_say_what_stands(self) -> None:
        assert account_total(self.engine, self.accounts) - self.before == standing_sum(self.engine)

    @invariant()
    def what_stands_is_what_is_resolved_so_and_each_row_once(self) -> None:
        w, d = write_off.c, discrepancy.c
        with self.engine.connect() as conn:
            standing = conn.execute(
                select(w.discrepancy_id, w.source_row, w.decision_id, w.booking).where(w.taken_back_at.is_(None))
            ).all()
            is_settled = exists().where(
                workbench_row.c.discrepancy_id == d.id, workbench_row.c.decision_id.is_not(None)
            )
            booked = d.resolution.in_(("written_off", "adjusted"))
            resolved = conn.execute(select(d.id).where(booked, ~is_settled)).scalars()
            assert {row.discrepancy_id for row in standing if row.discrepancy_id} == set(resolved)
        names = [row.source_row for row in standing if row.booking == "posted" and row.source_row]
        assert len(names) == len(set(names))

    def decided(self) -> list[int]:
        with self.engine.connect() as conn:
            query = select(write_off.c.decision_id).where(
                write_off.c.decision_id.is_not(None), write_off.c.taken_back_at.is_(None)
            )
            return sorted(conn.execute(query).scalars())

    def is_resolved(self, line: int) -> bool:
        with self.engine.connect() as conn:
            d = discrepancy.c
            query = select(d.status).where(d.run_id == self.runs["run"], d.source_line == line)
            return bool(conn.execute(query).scalar_one() == "resolved")

    def reconciliation_id(self) -> int:
        with self.engine.connect() as conn:
            return int(conn.execute(select(run.c.reconciliation_id).where(run.c.id == self.runs["run"])).scalar_one())


def test_the_books_follow_whatever_is_decided(engine: Engine, evidence: Evidence) -> None:
    run_id = opened(engine, evidence, source=rows("s"), reference=())
    source, reference = readings_of(engine, run_id)
    same = [
        Item(kind=DiscrepancyKind.MISSING_IN_REFERENCE, amount=amount, source_line=place + 2)
        for place, amount in enumerate(AMOUNTS)
    ]
    again = published_run(engine, same, source_reading_id=source, reference_reading_id=reference)
    Desk.engine, Desk.runs, Desk.accounts = engine, {"run": run_id, "again": again}, accounts(engine)
    run_state_machine_as_test(
        Desk,
        settings=settings(
            max_examples=9, stateful_step_count=16, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
