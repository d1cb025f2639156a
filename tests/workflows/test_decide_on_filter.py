"""One decision on everything a filter holds: exactly what was shown, once, whoever else works on the queue."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from sqlalchemy import Engine, select

from recon.errors import QueueChanged, TooManyAtOnce
from recon.model.outcome import DiscrepancyKind
from recon.model.people import Person, PersonRole
from recon.model.people_refusals import SecondPersonNeeded
from recon.model.triage import Command, DiscrepancyStatus, Move, Resolution, Seen
from recon.queries.discrepancies import DiscrepancyFilter, Order, page, totals
from recon.store.tables import discrepancy, discrepancy_event
from recon.workflows import decide_on_filter as bulk
from recon.workflows.decide_on_filter import can_change, decide_on_filter, seen_of
from recon.workflows.manage_people import list_person
from recon.workflows.propose_resolution import propose_resolution
from recon.workflows.resolve_discrepancies import resolve_discrepancies
from tests.builders import Item, published_run

FEE = Command(move=Move.RESOLVE, resolution=Resolution.FEE, comment="Bank charges.", action_key="bulk")


@pytest.fixture
def wanted(engine: Engine) -> DiscrepancyFilter:
    """Thirty duplicates in two currencies, among forty discrepancies."""
    items = [
        Item(
            kind=DiscrepancyKind.DUPLICATE if n % 4 else DiscrepancyKind.AMOUNT_MISMATCH,
            amount=(-1) ** n * 100 * n,
            currency=("EUR", "USD")[n % 2],
        )
        for n in range(40)
    ]
    return DiscrepancyFilter(run_id=published_run(engine, items), kinds=("duplicate",))


def test_all_a_filter_holds_is_decided_at_once_and_nothing_else(engine: Engine, wanted: DiscrepancyFilter) -> None:
    shown = totals(engine, wanted)
    verdict = decide_on_filter(engine, FEE, wanted, shown, actor="mara")
    assert verdict.sentence() == "All 30 resolved."
    assert totals(engine, wanted) == ()
    assert sum(part.count for part in totals(engine, replace(wanted, kinds=()))) == 10
    assert decide_on_filter(engine, FEE, wanted, shown, actor="mara").sentence() == "All 30 resolved."


def test_what_changed_since_it_was_shown_is_said_and_nothing_is_done(engine: Engine, wanted: DiscrepancyFilter) -> None:
    shown = totals(engine, wanted)
    one = page(engine, wanted, Order(), limit=1)[0].seen
    resolve_discrepancies(engine, replace(FEE, action_key="one"), [one], actor="ivo")
    with pytest.raises(QueueChanged, match="30 discrepancies were shown, now it is 29"):
        decide_on_filter(engine, FEE, wanted, shown, actor="mara")
    assert sum(part.count for part in totals(engine, wanted)) == 29


def test_only_what_the_move_can_change_is_asked_for(wanted: DiscrepancyFilter) -> None:
    both = replace(wanted, statuses=tuple(DiscrepancyStatus))
    assert can_change(FEE, both).statuses == (DiscrepancyStatus.OPEN,)
    assert can_change(Command(move=Move.REOPEN, action_key="x"), both).statuses == (DiscrepancyStatus.RESOLVED,)


def test_more_than_can_be_locked_together_is_refused(
    engine: Engine, wanted: DiscrepancyFilter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 29)
    with pytest.raises(TooManyAtOnce, match="29"):
        decide_on_filter(engine, FEE, wanted, totals(engine, wanted), actor="mara")


def test_a_write_off_of_all_above_the_limit_is_proposed(engine: Engine, wanted: DiscrepancyFilter) -> None:
    list_person(engine, Person(name="ana", role=PersonRole.OPERATOR, limits={"EUR": 500}), actor="ada")
    command, shown = replace(FEE, resolution=Resolution.WRITTEN_OFF), totals(engine, wanted)
    with pytest.raises(SecondPersonNeeded):
        decide_on_filter(engine, command, wanted, shown, actor="ana")
    assert propose_resolution(engine, command, seen_of(engine, wanted, shown), actor="ana")
    assert sum(part.count for part in totals(engine, wanted)) == 30


def test_twenty_operators_on_one_queue_lose_no_update_and_resolve_nothing_twice(
    engine: Engine, wanted: DiscrepancyFilter
) -> None:
    everything, start = replace(wanted, kinds=()), Barrier(20)
    reasons = tuple(Resolution)

    def work(number: int) -> list[int]:
        """Resolve what one still sees, a few at a time in an order of one's own, until nothing is left to see."""
        drawn, mine = random.Random(number), []
        start.wait()
        while seen := [row.seen for row in page(engine, everything, Order(), limit=100)]:
            few: list[Seen] = drawn.sample(seen, min(len(seen), 4))
            key = f"{number}-{few[0].id}-{few[0].version}-{len(mine)}-{drawn.random()}"
            reason = reasons[number % len(reasons)]
            command = Command(move=Move.RESOLVE, resolution=reason, comment="Looked at.", action_key=key)
            if drawn.random() < 0.3:
                command = Command(move=Move.ASSIGN, assignee=f"person {number}", action_key=key)
            verdict = resolve_discrepancies(engine, command, few, actor=f"person {number}")
            mine += verdict.applied if command.move is Move.RESOLVE else ()
        return mine

    with ThreadPoolExecutor(20) as people:
        resolved = list(people.map(work, range(20)))
    assert Counter(id_ for mine in resolved for id_ in mine).most_common(1)[0][1] == 1
    assert sum(map(len, resolved)) == 40
    with engine.connect() as connection:
        rows = connection.execute(select(discrepancy)).all()
        events = connection.execute(select(discrepancy_event)).all()
    versions = Counter(event.discrepancy_id for event in events)
    assert all(row.version == 1 + versions[row.id] for row in rows)
    by_person = {id_: f"person {number}" for number, mine in enumerate(resolved) for id_ in mine}
    assert {row.id: row.resolved_by for row in rows} == by_person
    last = {event.discrepancy_id: event.assignee for event in events if event.action == Move.ASSIGN}
    assert {row.id: row.assignee for row in rows} == {row.id: last.get(row.id) for row in rows}
    assert totals(engine, everything) == ()
