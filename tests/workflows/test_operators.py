"""Twenty operators on one queue, with real threads on PostgreSQL: what they were told is what the database holds.

Each looks at a page that may be old by the time they decide, decides on some of it, on one, or on all a filter holds,
now and then clicks twice, and takes back what they did.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from recon.errors import QueueChanged
from recon.model.outcome import DiscrepancyKind
from recon.model.triage import Command, DiscrepancyStatus, Move, Resolution, Seen, Verdict
from recon.queries.discrepancies import DiscrepancyFilter, Order, page, totals
from recon.store.tables import audit_event, discrepancy, discrepancy_event
from recon.workflows.decide_on_filter import can_change, decide_on_filter
from recon.workflows.resolve_discrepancies import resolve_discrepancies
from recon.workflows.undo_decision import undo_decision
from tests.builders import Item, published_run

OPERATORS = 20
TURNS = 12
BOTH = tuple(DiscrepancyStatus)


@dataclass
class Operator:
    """Somebody at work: what they were answered, by the key of the command."""

    engine: Engine
    run_id: int
    number: int
    answers: dict[str, Verdict] = field(default_factory=dict)

    def work(self, start: Barrier) -> dict[str, Verdict]:
        chance = Random(self.number)
        start.wait()
        screen = self._look()
        for turn in range(TURNS):
            if chance.random() < 0.5:
                screen = self._look()
            key = f"{self.name} {turn}"
            moves = (self._on_some, self._on_some, self._on_one, self._on_all, self._back, self._twice)
            chance.choice(moves)(chance, screen, key)
        return self.answers

    @property
    def name(self) -> str:
        return f"person {self.number}"

    def _look(self) -> Sequence[Seen]:
        wanted = DiscrepancyFilter(run_id=self.run_id, statuses=BOTH)
        return [row.seen for row in page(self.engine, wanted, Order(), limit=100)]

    def _on_some(self, chance: Random, screen: Sequence[Seen], key: str) -> None:
        seen = chance.sample(screen, chance.randint(2, 8))
        self._decide(self._command(chance, key), seen)

    def _on_one(self, chance: Random, screen: Sequence[Seen], key: str) -> None:
        self._decide(self._command(chance, key), [chance.choice(screen)])

    def _twice(self, chance: Random, screen: Sequence[Seen], key: str) -> None:
        command, seen = self._command(chance, key), chance.sample(screen, 3)
        first = self._decide(command, seen)
        again = resolve_discrepancies(self.engine, command, seen, actor=self.name)
        assert not again.applied
        assert set(first.applied) <= set(again.repeated)

    def _on_all(self, chance: Random, _: Sequence[Seen], key: str) -> None:
        command = self._command(chance, key)
        person = chance.choice((None, self.name))
        wanted = DiscrepancyFilter(run_id=self.run_id, statuses=BOTH, assignee=person, is_unassigned=person is None)
        wanted = can_change(command, wanted)
        shown = totals(self.engine, wanted)
        try:
            self.answers[key] = decide_on_filter(self.engine, command, wanted, shown, actor=self.name)
        except QueueChanged:
            return  # it says so, and does nothing

    def _back(self, chance: Random, _: Sequence[Seen], key: str) -> None:
        done = [verdict for verdict in self.answers.values() if verdict.is_undoable]
        if done:
            self.answers[key] = undo_decision(self.engine, chance.choice(done), action_key=key, actor=self.name)

    def _decide(self, command: Command, seen: Sequence[Seen]) -> Verdict:
        verdict = resolve_discrepancies(self.engine, command, seen, actor=self.name)
        self.answers[command.action_key] = verdict
        return verdict

    def _command(self, chance: Random, key: str) -> Command:
        move = chance.choice((Move.RESOLVE, Move.RESOLVE, Move.REOPEN, Move.ASSIGN, Move.COMMENT))
        return Command(
            move=move,
            resolution=chance.choice((Resolution.FEE, Resolution.TIMING)) if move is Move.RESOLVE else None,
            assignee=chance.choice((None, self.name, "somebody")) if move is Move.ASSIGN else None,
            comment=f"Said by {key}." if move is Move.COMMENT else "",
            action_key=key,
        )


@dataclass
class Story:
    """A discrepancy as its events tell it."""

    status: str = "open"
    resolution: str | None = None
    resolved_by: str | None = None
    assignee: str | None = None
    version: int = 1

    def tell(self, event: Any) -> None:
        """Go on by one event; fails where it could not have followed."""
        match Move(event.action):
            case Move.RESOLVE:
                assert self.status == "open", "resolved twice"
                self.status, self.resolution, self.resolved_by = "resolved", event.resolution, event.actor
            case Move.REOPEN:
                assert self.status == "resolved", "reopened twice"
                self.status, self.resolution, self.resolved_by = "open", None, None
            case Move.ASSIGN:
                assert self.status == "open", "assigned after it was resolved"
                self.assignee = event.assignee
            case Move.COMMENT:
                return
        self.version += 1


@pytest.fixture
def answers(engine: Engine) -> dict[str, Verdict]:
    """What all of them were answered, by the key of the command."""
    items = [Item(kind=DiscrepancyKind.DUPLICATE, amount=100 + n) for n in range(40)]
    run_id = published_run(engine, items)
    start = Barrier(OPERATORS)
    people = [Operator(engine, run_id, number) for number in range(OPERATORS)]
    with ThreadPoolExecutor(OPERATORS) as desks:
        told = list(desks.map(lambda one: one.work(start), people))
    return {key: verdict for each in told for key, verdict in each.items()}


def rows_of(engine: Engine, table: Any) -> Sequence[Any]:
    with engine.connect() as connection:
        return connection.execute(select(table).order_by(table.c.id)).all()


def test_twenty_operators_lose_no_update_and_are_told_the_truth(engine: Engine, answers: dict[str, Verdict]) -> None:
    events = rows_of(engine, discrepancy_event)
    assert {event.actor for event in events} == {f"person {number}" for number in range(OPERATORS)}
    _every_row_is_what_its_events_say(engine, events)
    _every_answer_is_true(events, answers)
    _the_figures_follow(engine, events)


def _every_row_is_what_its_events_say(engine: Engine, events: Sequence[Any]) -> None:
    stories: dict[int, Story] = {row.id: Story() for row in rows_of(engine, discrepancy)}
    for event in events:
        stories[event.discrepancy_id].tell(event)
    assert {
        row.id: Story(row.status, row.resolution, row.resolved_by, row.assignee, row.version)
        for row in rows_of(engine, discrepancy)
    } == stories


def _every_answer_is_true(events: Sequence[Any], answers: dict[str, Verdict]) -> None:
    """What was said to be done is in the history once, under its command; nothing else is."""
    done = Counter((_command(event.action_key), event.discrepancy_id) for event in events)
    claimed = Counter((key, id_) for key, verdict in answers.items() for id_ in verdict.applied)
    assert done == claimed
    assert max(done.values()) == 1
    conflicts = [(verdict, row) for verdict in answers.values() for row in verdict.conflicts]
    changed = {(event.discrepancy_id, event.actor) for event in events}
    assert conflicts
    assert {(row.id, row.changed_by) for _, row in conflicts} <= changed
    assert all(str(row.changed_by) in verdict.sentence() for verdict, row in conflicts)


def _the_figures_follow(engine: Engine, events: Sequence[Any]) -> None:
    rows = rows_of(engine, discrepancy)
    for status in BOTH:
        there = [row for row in rows if row.status == status]
        (found,) = totals(engine, DiscrepancyFilter(run_id=rows[0].run_id, statuses=(status,))) or (None,)
        assert (found.count, found.net) == (len(there), sum(row.amount for row in there)) if found else not there
    with engine.connect() as connection:
        told = select(func.sum(func.jsonb_array_length(audit_event.c.detail["ids"])))
        assert connection.execute(told).scalar_one() == len(events)


def _command(action_key: str) -> str:
    """The key of the person's command: what takes it back in steps numbers them behind it."""
    return action_key.partition("-")[0]
