"""What stands beside the queue, on a real database."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, select

from recon.model.outcome import DiscrepancyKind
from recon.model.triage import Command, Move, Resolution, Seen, due_on
from recon.money import exponents
from recon.queries.discrepancies import DiscrepancyFilter, Order, Sort, page, totals
from recon.queries.triage_desk import OpenCounts, named, open_counts, waiting
from recon.store.tables import discrepancy
from recon.workflows.proposals import withdraw
from recon.workflows.propose_resolution import propose_resolution
from recon.workflows.resolve_discrepancies import resolve_discrepancies
from tests.builders import Item, published_run

DATED = date(2026, 3, 1)


def seen(engine: Engine, run_id: int) -> list[Seen]:
    rows = page(engine, DiscrepancyFilter(run_id=run_id), Order(by=Sort.ID, is_descending=False))
    return [row.seen for row in rows]


def assign(engine: Engine, rows: list[Seen], name: str | None) -> None:
    command = Command(move=Move.ASSIGN, assignee=name, action_key=f"{name} {rows}")
    assert resolve_discrepancies(engine, command, rows, actor="mara").is_complete


def test_the_database_and_the_rule_agree_on_the_day_in_every_currency(engine: Engine) -> None:
    sizes = [
        (currency, major * 10**places + change)
        for currency, places in exponents().items()
        for major in (1_000, 10_000)
        for change in (-1, 0)
    ]
    published_run(engine, [Item(kind=DiscrepancyKind.DUPLICATE, amount=a, currency=c, date=DATED) for c, a in sizes])
    with engine.connect() as connection:
        rows = connection.execute(select(discrepancy)).all()
    assert len(rows) == len(sizes)
    assert all(row.due_on == due_on(row.date, row.gross, row.currency) for row in rows)
    assert {(row.due_on - DATED).days for row in rows} == {2, 5, 10}


def test_what_is_due_first_comes_first_and_of_one_day_the_largest(engine: Engine) -> None:
    items = [
        Item(kind=DiscrepancyKind.DUPLICATE, amount=amount, date=DATED + timedelta(days=later))
        for amount, later in ((100, 0), (2_000_000, 0), (300, 0), (150_000, 0), (1_500_000, 8))
    ]
    run_id = published_run(engine, items)
    rows = page(engine, DiscrepancyFilter(run_id=run_id), Order(by=Sort.DUE, is_descending=False))
    assert [row.amount for row in rows] == [2_000_000, 150_000, 1_500_000, 300, 100]


def test_the_quick_views_are_counted_from_the_tallies(engine: Engine) -> None:
    items = [Item(kind=DiscrepancyKind.DUPLICATE, amount=100, date=DATED + timedelta(days=n)) for n in range(6)]
    run_id, today = published_run(engine, items), DATED + timedelta(days=12)
    rows = seen(engine, run_id)
    assign(engine, rows[:3], "mara")
    assign(engine, rows[3:4], "ivo")
    assert open_counts(engine, run_id, actor="mara", today=today) == OpenCounts(
        total=6, mine=3, unassigned=2, overdue=2
    )
    command = Command(move=Move.RESOLVE, resolution=Resolution.FEE, action_key="first")
    resolve_discrepancies(engine, command, [Seen(id=rows[0].id, version=2)], actor="mara")
    assert open_counts(engine, run_id, actor="mara", today=today) == OpenCounts(
        total=5, mine=2, unassigned=2, overdue=1
    )


@pytest.mark.parametrize("search", ["", "payment"])
def test_filters_by_person_and_day_count_what_they_show(engine: Engine, search: str) -> None:
    items = [
        Item(kind=DiscrepancyKind.DUPLICATE, amount=100, date=DATED + timedelta(days=n), description="payment")
        for n in range(6)
    ]
    run_id = published_run(engine, items)
    assign(engine, seen(engine, run_id)[:2], "ivo")
    for wanted, count in (
        (DiscrepancyFilter(run_id=run_id, assignee="ivo", search=search), 2),
        (DiscrepancyFilter(run_id=run_id, is_unassigned=True, search=search), 4),
        (DiscrepancyFilter(run_id=run_id, due_before=DATED + timedelta(days=13), search=search), 3),
    ):
        assert len(page(engine, wanted, Order())) == count
        assert sum(part.count for part in totals(engine, wanted)) == count


def test_whom_rows_are_assigned_to_is_told_by_run(engine: Engine) -> None:
    run_id, other = published_run(engine), published_run(engine)
    for name, row in zip(("zoe", "ivo", "zoe"), seen(engine, run_id), strict=False):
        assign(engine, [row], name)
    assert named(engine, run_id) == ("ivo", "zoe")
    assert named(engine, other) == ()


def test_what_waits_for_a_second_person_names_its_proposal(engine: Engine) -> None:
    run_id = published_run(engine)
    rows = seen(engine, run_id)
    command = Command(move=Move.RESOLVE, resolution=Resolution.WRITTEN_OFF, action_key="first")
    asked = propose_resolution(engine, command, rows[:2], actor="mara")
    assert waiting(engine, [row.id for row in rows]) == {rows[0].id: asked, rows[1].id: asked}
    withdraw(engine, asked, actor="mara")
    assert waiting(engine, [row.id for row in rows]) == {}
