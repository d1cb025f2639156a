"""Everybody at once: people settle, take back, resolve, reopen, propose and approve while files are run, with threads.

Who is late is told so in a sentence; nobody waits for ever, and the books do not lie.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine

from recon.errors import TieoutError
from recon.model.settlement import Ask
from recon.model.triage import Command, Move, Resolution, Seen, Verdict
from recon.queries.discrepancies import DiscrepancyFilter, totals
from recon.store.evidence import Evidence
from recon.workflows.decide_on_filter import can_change, decide_on_filter
from recon.workflows.proposals import approve
from recon.workflows.propose_settlement import propose_settlement
from recon.workflows.resolve_discrepancies import resolve_discrepancies
from recon.workflows.settle_rows import settle_rows
from recon.workflows.undo_decision import undo_decision
from recon.workflows.undo_settlement import undo_settlement
from recon.workflows.unmatch_rows import unmatch_rows
from recon.workflows.verify import verify
from tests.scenarios.desk_books import broken
from tests.scenarios.desk_draws import PLANS
from tests.scenarios.desk_world import (
    ADMIN,
    APPROVER,
    OPERATORS,
    OWN_PROPOSALS,
    REFERENCE,
    SOURCE,
    World,
    on,
    refused_or_done,
    token,
)

PEOPLE, TURNS = 6, 14


class Person:
    """Somebody who does one thing after another, drawn by chance."""

    def __init__(self, world: World, number: int) -> None:
        self.world, self.chance = world, Random(number)
        self.engine, self.name = world.engine, OPERATORS[number % 2]
        self.verdicts: list[Verdict] = []

    def work(self, start: Barrier) -> int:
        """How many commands were carried out."""
        start.wait()
        done = [refused_or_done(self.chance.choice(self.moves())) for _ in range(TURNS)]
        return sum(not isinstance(one, TieoutError) for one in done)

    def moves(self) -> tuple[Callable[[], Any], ...]:
        return (
            self.settle,
            self.settle,
            self.take_back,
            self.decide,
            self.decide_all,
            self.undo,
            self.approve,
            self.part,
        )

    def settle(self) -> Any:
        move, source, reference, reason = self.chance.choice(PLANS)
        rows = self.world.fitting(source, reference)
        ask = Ask(
            run_id=self.world.run_id, move=move, rows=rows, reason_code=reason, reason="Said.", action_key=token()
        )
        act = self.chance.choice((settle_rows, propose_settlement))
        return act(self.engine, ask, actor=self.name) if rows else None

    def take_back(self) -> Any:
        found = self.world.decisions()
        return undo_settlement(self.engine, self.chance.choice(found), actor=self.name) if found else None

    def decide(self) -> Any:
        rows = self.world.rows("select id, version from discrepancy where run_id = :run order by id")
        seen = [Seen(id=row.id, version=row.version) for row in self.chance.sample(rows, min(3, len(rows)))]
        verdict = resolve_discrepancies(self.engine, self.command(), seen, actor=self.name)
        self.verdicts.append(verdict)
        return verdict

    def decide_all(self) -> Any:
        command = self.command()
        wanted = can_change(command, DiscrepancyFilter(run_id=self.world.run_id))
        shown = totals(self.engine, wanted)
        return decide_on_filter(self.engine, command, wanted, shown, actor=self.name) if shown else None

    def command(self) -> Command:
        move = self.chance.choice((Move.RESOLVE, Move.RESOLVE, Move.REOPEN, Move.ASSIGN))
        answer = self.chance.choice((Resolution.WRITTEN_OFF, Resolution.ADJUSTED, Resolution.TIMING))
        return self.world.command(move, answer, self.chance.randrange(99))

    def undo(self) -> Any:
        known = [verdict for verdict in self.verdicts if verdict.is_undoable]
        if known:
            undo_decision(self.engine, self.chance.choice(known), action_key=token(), actor=self.name)

    def approve(self) -> Any:
        rows = self.world.rows(OWN_PROPOSALS)
        if rows:
            row = self.chance.choice(rows)
            approve(self.engine, self.world.evidence, row.id, digest=row.digest, actor=APPROVER)

    def part(self) -> Any:
        source, reference = self.chance.choice(self.world.booked() or [(0, 0)])
        return unmatch_rows(
            self.engine,
            self.world.evidence,
            self.world.run_id,
            source_line=source,
            reference_line=reference,
            actor=self.name,
            action_key=token(),
        )


@pytest.mark.parametrize("carries", [True, False])
def test_when_everybody_does_everything_at_once_the_books_do_not_lie(
    engine: Engine, evidence_url: str, carries: bool
) -> None:
    world = World(engine=engine, evidence=Evidence(evidence_url), carries=carries)
    world.run(SOURCE, REFERENCE, as_of=on(20))
    world.name_accounts()
    start = Barrier(PEOPLE + 1)

    def files_come() -> int:
        start.wait()
        for day in range(21, 25):
            world.run(SOURCE[: day - 18], REFERENCE[day - 22 :], as_of=on(day))
        return 1

    with ThreadPoolExecutor(PEOPLE + 1) as pool:
        working = [pool.submit(Person(world, number).work, start) for number in range(PEOPLE)]
        working.append(pool.submit(files_come))
        assert all(done.result() for done in working)
    for run_id in world.runs:
        assert broken(engine, reconciliation_id=world.pool.id, run_id=run_id) == {}
    (row,) = world.rows(
        "select balance from account_balance where account_id = :account", account=(world.accounts or (None,))[0]
    )
    assert row.balance == world.posted()
    assert verify(engine, world.evidence, actor=ADMIN, all_runs=True).problems == ()
