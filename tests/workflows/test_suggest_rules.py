"""What people matched on the workbench becomes suggestions for the rules; one that was dismissed stays away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from recon.model.lessons import LessonKind
from recon.model.people import Person, PersonRole
from recon.model.people_refusals import PersonUnknown
from recon.model.rules import Rules
from recon.model.settlement import SettleMove
from recon.model.triage import Resolution
from recon.store import people
from recon.store.evidence import Evidence
from recon.store.tables import audit_event
from recon.workflows.settle_rows import settle_rows
from recon.workflows.suggest_rules import dismiss_suggestion, restore_suggestions, suggest_rules
from recon.workflows.undo_settlement import undo_settlement
from tests.workflows.bench import ask, opened
from tests.workflows.sides import DAY, Row

BANK = "Bank vs ledger"
SOURCE: tuple[Row, ...] = tuple((None, DAY, amount, "EUR", "Kestrel Energy") for amount in (4_100, 5_200, 6_300))
REFERENCE: tuple[Row, ...] = tuple((None, DAY + timedelta(days=4), row[2], "EUR", "Kestrel Energy") for row in SOURCE)


def matched_by_hand(engine: Engine, evidence: Evidence, reference: Sequence[Row] = REFERENCE) -> list[int]:
    """A run in which a person matched the n-th source row with the n-th reference row; the decisions."""
    run_id = opened(engine, evidence, source=SOURCE, reference=reference)
    found = []
    for line in (2, 3, 4):
        wanted = ask(engine, run_id, SettleMove.MATCH, source=[line], reference=[line], reason_code=Resolution.FEE)
        found.append(settle_rows(engine, wanted, actor="ana").decision_id)
    return found


def test_rows_matched_days_apart_suggest_a_wider_window(engine: Engine, evidence: Evidence) -> None:
    assert suggest_rules(engine, BANK, Rules()).lessons == ()
    numbers = matched_by_hand(engine, evidence)
    found = suggest_rules(engine, BANK, Rules())
    (lesson,) = found.lessons
    assert (lesson.kind, lesson.rules, found.pair_count) == (LessonKind.LATER, Rules(days_after=4), 3)
    assert [one.decision_id for one in lesson.pairs] == numbers
    assert {one.source_text for one in lesson.pairs} == {"Kestrel Energy"}
    assert {one.similarity for one in lesson.pairs} == {100}
    assert suggest_rules(engine, BANK, lesson.rules).lessons == ()


def test_rows_that_differ_by_a_fee_suggest_its_schedule(engine: Engine, evidence: Evidence) -> None:
    net = [(None, DAY, row[2] - 30, "EUR", row[4]) for row in SOURCE]
    matched_by_hand(engine, evidence, net)
    (lesson,) = suggest_rules(engine, BANK, Rules()).lessons
    assert [str(one) for one in lesson.rules.fee_schedules] == [f"{DAY} EUR 0 % + 0.30"]


def test_names_matched_with_each_other_suggest_an_alias(engine: Engine, evidence: Evidence) -> None:
    other = [(None, DAY + timedelta(days=1), row[2], "EUR", "BLUE FINCH GMBH") for row in SOURCE]
    numbers = matched_by_hand(engine, evidence, other)
    (lesson,) = suggest_rules(engine, BANK, Rules()).lessons
    assert [str(one) for one in lesson.rules.aliases] == ["BLUE FINCH GMBH = Kestrel Energy"]
    assert [one.decision_id for one in lesson.pairs] == numbers
    assert suggest_rules(engine, BANK, lesson.rules).lessons == ()


def test_a_decision_that_was_taken_back_teaches_nothing(engine: Engine, evidence: Evidence) -> None:
    for number in matched_by_hand(engine, evidence):
        undo_settlement(engine, number, actor="ana")
    assert suggest_rules(engine, BANK, Rules()).pair_count == 0


def test_a_dismissed_suggestion_stays_away_until_it_is_asked_for_or_says_more(
    engine: Engine, evidence: Evidence
) -> None:
    matched_by_hand(engine, evidence)
    (lesson,) = suggest_rules(engine, BANK, Rules()).lessons
    for _ in range(2):
        dismiss_suggestion(engine, BANK, lesson, actor="ana")
    found = suggest_rules(engine, BANK, Rules())
    assert (found.lessons, found.dismissed_count) == ((), 1)
    restore_suggestions(engine, BANK, actor="ben")
    assert len(suggest_rules(engine, BANK, Rules()).lessons) == 1
    with engine.connect() as conn:
        told = conn.execute(
            select(audit_event.c.actor, audit_event.c.action)
            .where(audit_event.c.action.like("rule_%"))
            .order_by(audit_event.c.id)
        ).all()
    assert [tuple(row) for row in told] == [
        ("ana", "rule_suggestion_dismissed"),
        ("ben", "rule_suggestions_restored"),
    ]


def test_who_may_not_save_rules_may_not_wave_suggestions_away(engine: Engine, evidence: Evidence) -> None:
    matched_by_hand(engine, evidence)
    (lesson,) = suggest_rules(engine, BANK, Rules()).lessons
    with engine.begin() as conn:
        people.add(conn, Person(name="root", role=PersonRole.ADMIN), actor="root")
    with pytest.raises(PersonUnknown):
        dismiss_suggestion(engine, BANK, lesson, actor="stranger")
