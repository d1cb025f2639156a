"""Deciding about discrepancies on a real database: once, never over someone else's decision, and written down."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from recon.errors import AssigneeUnknown, ResolutionUnknown
from recon.model.outcome import DiscrepancyKind
from recon.model.people import Person, PersonRole
from recon.model.triage import Command, Move, Resolution, Seen
from recon.queries.discrepancies import DiscrepancyFilter, totals
from recon.store.tables import audit_event, discrepancy, discrepancy_event, run
from recon.workflows.assignees import assignees
from recon.workflows.manage_people import list_person
from recon.workflows.resolve_discrepancies import resolve_discrepancies
from recon.workflows.undo_decision import undo_decision
from tests.builders import Item, published_run

TIMING = Command(move=Move.RESOLVE, resolution=Resolution.TIMING, comment="Follows in April.", action_key="first")


@pytest.fixture
def run_id(engine: Engine) -> int:
    return published_run(engine, [Item(kind=DiscrepancyKind.DUPLICATE, amount=100) for _ in range(5)])


def shown(engine: Engine) -> list[Seen]:
    with engine.connect() as connection:
        rows = connection.execute(select(discrepancy.c.id, discrepancy.c.version).order_by(discrepancy.c.id))
        return [Seen(id=row.id, version=row.version) for row in rows]


def rows_of(engine: Engine, table: Any) -> Sequence[Any]:
    with engine.connect() as connection:
        return connection.execute(select(table).order_by(table.c.id)).all()


def by(engine: Engine, actor: str, seen: Sequence[Seen], **values: Any) -> Any:
    command = Command(**({"move": Move.RESOLVE, "resolution": Resolution.DISMISSED, "action_key": actor} | values))
    return resolve_discrepancies(engine, command, seen, actor=actor)


def test_a_resolution_is_on_the_row_in_its_history_and_in_the_audit_log(engine: Engine, run_id: int) -> None:
    one = shown(engine)[:1]
    assert resolve_discrepancies(engine, TIMING, one, actor="mara").sentence() == "Resolved."
    row = rows_of(engine, discrepancy)[0]
    assert (row.status, row.resolution, row.comment, row.resolved_by, row.version) == (
        "resolved",
        "timing",
        "Follows in April.",
        "mara",
        2,
    )
    (event,) = rows_of(engine, discrepancy_event)
    assert (event.discrepancy_id, event.actor, event.action, event.resolution) == (
        one[0].id,
        "mara",
        "resolved",
        "timing",
    )
    (audited,) = rows_of(engine, audit_event)
    assert (audited.actor, audited.action, audited.subject) == (
        "mara",
        "discrepancies_resolved",
        f"discrepancy {one[0].id}",
    )
    assert audited.detail["ids"] == [one[0].id]


def test_the_figures_follow_in_the_same_transaction(engine: Engine, run_id: int) -> None:
    resolve_discrepancies(engine, TIMING, shown(engine)[:2], actor="mara")
    assert [(s.count, s.net) for s in totals(engine, DiscrepancyFilter(run_id=run_id))] == [(3, 300)]


def test_three_of_five_are_updated_and_who_changed_the_others_is_said(engine: Engine, run_id: int) -> None:
    before = shown(engine)
    by(engine, "j.okafor", before[1:3])
    verdict = by(engine, "mara", before)
    assert verdict.sentence() == "3 of 5 resolved, 2 were changed by j.okafor."
    assert [row.resolved_by for row in rows_of(engine, discrepancy)] == ["mara", "j.okafor", "j.okafor", "mara", "mara"]


def test_a_double_click_is_one_effect_and_one_answer(engine: Engine, run_id: int) -> None:
    before = shown(engine)[:2]
    first = resolve_discrepancies(engine, TIMING, before, actor="mara")
    second = resolve_discrepancies(engine, TIMING, before, actor="mara")
    assert first.sentence() == second.sentence() == "All 2 resolved."
    assert len(rows_of(engine, discrepancy_event)) == 2
    assert len(rows_of(engine, audit_event)) == 1


def test_of_ten_at_once_one_wins_and_nine_are_told_who(engine: Engine, run_id: int) -> None:
    one, start = shown(engine)[:1], Barrier(10)

    def try_it(number: int) -> Any:
        start.wait()
        return by(engine, f"person {number}", one)

    with ThreadPoolExecutor(10) as people:
        verdicts = list(people.map(try_it, range(10)))
    (winner,) = [place for place, verdict in enumerate(verdicts) if verdict.applied]
    losers = [verdict for verdict in verdicts if verdict.conflicts]
    assert len(losers) == 9
    assert {c.changed_by for verdict in losers for c in verdict.conflicts} == {f"person {winner}"}
    assert len(rows_of(engine, discrepancy_event)) == 1


def test_ten_impatient_clicks_at_once_are_one_effect(engine: Engine, run_id: int) -> None:
    before, start = shown(engine), Barrier(10)

    def click(_: int) -> Any:
        start.wait()
        return resolve_discrepancies(engine, TIMING, before, actor="mara").sentence()

    with ThreadPoolExecutor(10) as clicks:
        assert set(clicks.map(click, range(10))) == {"All 5 resolved."}
    assert len(rows_of(engine, audit_event)) == 1


def test_opposite_orders_of_the_same_rows_do_not_wait_for_each_other(engine: Engine, run_id: int) -> None:
    before, start = shown(engine), Barrier(2)

    def try_it(seen: list[Seen]) -> int:
        start.wait()
        return by(engine, f"from {seen[0].id}", seen).updated_count

    with ThreadPoolExecutor(2) as people:
        assert sorted(people.map(try_it, (before, before[::-1]))) == [0, 5]


def test_reopening_clears_the_resolution_and_keeps_the_history(engine: Engine, run_id: int) -> None:
    by(engine, "mara", shown(engine)[:1])
    by(engine, "ivo", shown(engine)[:1], move=Move.REOPEN, resolution=None, comment="The bank says otherwise.")
    row = rows_of(engine, discrepancy)[0]
    assert (row.status, row.resolution, row.comment, row.resolved_by, row.version) == ("open", None, None, None, 3)
    assert [e.action for e in rows_of(engine, discrepancy_event)] == ["resolved", "reopened"]


def test_a_comment_is_added_whatever_others_did_and_costs_nobody_their_decision(engine: Engine, run_id: int) -> None:
    before = shown(engine)[:1]
    by(engine, "ivo", before, move=Move.COMMENT, resolution=None, comment="Looks like a fee.")
    assert by(engine, "mara", before).is_complete
    assert by(engine, "eve", before, move=Move.COMMENT, resolution=None, comment="It was.").is_complete


def test_assigning_names_a_person_and_conflicts_like_any_decision(engine: Engine, run_id: int) -> None:
    before = shown(engine)
    assert by(engine, "mara", before[:2], move=Move.ASSIGN, resolution=None, assignee="ivo").sentence() == (
        "All 2 assigned."
    )
    assert [row.assignee for row in rows_of(engine, discrepancy)] == ["ivo", "ivo", None, None, None]
    verdict = by(engine, "eve", before, move=Move.ASSIGN, resolution=None, assignee="eve")
    assert verdict.sentence() == "3 of 5 assigned, 2 were changed by mara."
    again = by(engine, "zoe", shown(engine), move=Move.ASSIGN, resolution=None, assignee="eve")
    assert (again.applied, len(again.repeated)) == (tuple(row.id for row in before[:2]), 3)
    assert [s.count for s in totals(engine, DiscrepancyFilter(run_id=run_id, assignee="eve"))] == [5]
    assert totals(engine, DiscrepancyFilter(run_id=run_id, is_unassigned=True)) == ()


def test_where_people_are_listed_work_goes_to_one_of_them(engine: Engine, run_id: int) -> None:
    assert assignees(engine, run_id, actor="mara") == ("mara",)
    list_person(engine, Person(name="ivo", role=PersonRole.OPERATOR), actor="ada")
    list_person(engine, Person(name="vera", role=PersonRole.VIEWER), actor="ada")
    assert assignees(engine, run_id, actor="ivo") == ("ada", "ivo")
    for name in ("mallory", "vera"):
        with pytest.raises(AssigneeUnknown, match=name):
            by(engine, "ivo", shown(engine), move=Move.ASSIGN, resolution=None, assignee=name)
    assert by(engine, "ada", shown(engine), move=Move.ASSIGN, resolution=None, assignee="ivo").is_complete


@pytest.mark.parametrize("move", [Move.RESOLVE, Move.REOPEN, Move.ASSIGN])
def test_undoing_puts_back_how_each_row_stood(engine: Engine, run_id: int, move: Move) -> None:
    by(engine, "ada", shown(engine)[:2], move=Move.ASSIGN, resolution=None, assignee="ivo")
    if move is Move.REOPEN:
        by(engine, "mara", shown(engine)[:3], comment="Small.")
        by(engine, "zoe", shown(engine)[3:], resolution=Resolution.FEE)
    columns = ("status", "resolution", "comment", "assignee")
    before = [[getattr(row, name) for name in columns] for row in rows_of(engine, discrepancy)]
    values = {"resolution": None} if move is not Move.RESOLVE else {}
    verdict = by(engine, "eve", shown(engine), move=move, assignee="zoe" if move is Move.ASSIGN else None, **values)
    assert verdict.is_complete
    undone = undo_decision(engine, verdict, action_key="back", actor="eve")
    assert undone.is_complete
    assert undone.asked_count == 5
    assert [[getattr(row, name) for name in columns] for row in rows_of(engine, discrepancy)] == before


def test_undoing_leaves_what_somebody_else_decided_since(engine: Engine, run_id: int) -> None:
    verdict = by(engine, "mara", shown(engine))
    by(engine, "ivo", shown(engine)[:1], move=Move.REOPEN, resolution=None)
    undone = undo_decision(engine, verdict, action_key="back", actor="mara")
    assert undone.sentence() == "4 of 5 reopened, 1 was changed by ivo."


def test_an_unknown_resolution_is_refused_before_anything_is_read(engine: Engine, run_id: int) -> None:
    with pytest.raises(ResolutionUnknown, match="vanished"):
        by(engine, "mara", shown(engine), resolution="vanished")
    assert {row.status for row in rows_of(engine, discrepancy)} == {"open"}


def test_rows_of_an_attempt_that_is_not_published_cannot_be_touched(engine: Engine, run_id: int) -> None:
    with engine.begin() as connection:
        connection.execute(update(discrepancy).values(attempt=2))
    verdict = by(engine, "mara", shown(engine))
    assert len(verdict.gone) == 5
    with engine.connect() as connection:
        assert connection.execute(select(run.c.published_attempt)).scalar() == 1
