"""Rules tried out on a stored run, held against what people decided about its rows there and elsewhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, update

from recon.model.rules import Rules
from recon.model.rulings import Judged, Score, Stand
from recon.model.settlement import SettleMove
from recon.model.triage import Resolution
from recon.model.tryout import PairChange, TryResult
from recon.queries.rules import changed_pairs_page
from recon.queries.rulings import people_decided, people_mark
from recon.queries.runs import run_detail
from recon.store.evidence import Evidence
from recon.store.tables import discrepancy
from recon.workflows.prepare_workbench import prepare_workbench
from recon.workflows.settle_rows import settle_rows
from recon.workflows.tried_rules import load_result, try_rules
from recon.workflows.try_rules import TryOut
from recon.workflows.try_rules_request import CHANGES
from recon.workflows.undo_settlement import undo_settlement
from recon.workflows.unmatch_rows import unmatch_rows
from tests.workflows.bench import ask, opened
from tests.workflows.pool import Pool, row
from tests.workflows.sides import DAY, Row

SOURCE: tuple[Row, ...] = (
    (None, DAY, 1_000, "EUR", "Kestrel Energy"),
    (None, DAY, 2_500, "EUR", "Marlow and Sons"),
    (None, DAY, 7_000, "EUR", "Harbour Foods"),
)
REFERENCE: tuple[Row, ...] = (
    (None, DAY, 1_000, "EUR", "Kestrel Energy"),
    (None, DAY, 2_300, "EUR", "Marlow and Sons"),
    (None, DAY, 6_900, "EUR", "Harbour Foods"),
    (None, DAY, 2_400, "EUR", "Unlike anything"),
)
WIDE = Rules(amount_tolerance_minor=300)


@pytest.fixture
def run_id(engine: Engine, evidence: Evidence) -> int:
    """A run that booked the first pair; two more are apart by 2.00 and 1.00."""
    return opened(engine, evidence, source=SOURCE, reference=REFERENCE)


def tried(engine: Engine, evidence_url: str, folder: Path, run_id: int, rules: Rules = WIDE) -> TryResult:
    wanted = replace(TryOut.of(run_detail(engine, run_id), rules), people=people_decided(engine, run_id))
    folder.parent.mkdir(parents=True, exist_ok=True)
    try_rules({**wanted.document(), "evidence": evidence_url, "folder": str(folder)})
    result = load_result(folder)
    assert result is not None
    return result


def match_by_hand(engine: Engine, run_id: int, source: int, reference: int) -> int:
    wanted = ask(engine, run_id, SettleMove.MATCH, source=[source], reference=[reference], reason_code=Resolution.FEE)
    return settle_rows(engine, wanted, actor="ana").decision_id


def judged(result: TryResult) -> Judged:
    assert result.judged is not None
    return result.judged


def test_where_nobody_decided_anything_there_is_nothing_to_hold_rules_against(
    engine: Engine, evidence_url: str, home: Path, run_id: int
) -> None:
    assert tried(engine, evidence_url, home / "a", run_id).judged is None


def test_what_people_matched_is_found_by_the_draft_and_a_match_with_another_row_is_told(
    engine: Engine, evidence_url: str, home: Path, run_id: int
) -> None:
    match_by_hand(engine, run_id, 3, 3)
    match_by_hand(engine, run_id, 4, 5)  # the draft takes the row alike instead
    result = tried(engine, evidence_url, home / "a", run_id)
    assert judged(result).before == Score(together_open=2)
    assert judged(result).after == Score(together_booked=1, together_otherwise=1)
    assert result.otherwise == 1
    shown = changed_pairs_page(home / "a" / CHANGES, PairChange.NEWLY_MATCHED)
    assert [(one.source_line, one.people) for one in shown] == [(3, Stand.AS_DECIDED), (4, Stand.OTHERWISE)]


def test_a_decision_that_was_taken_back_no_longer_counts_and_the_mark_says_that_it_changed(
    engine: Engine, evidence: Evidence, evidence_url: str, home: Path, run_id: int
) -> None:
    number = match_by_hand(engine, run_id, 3, 3)
    mark = judged(tried(engine, evidence_url, home / "a", run_id)).mark
    assert mark == people_mark(engine, run_id)
    undo_settlement(engine, number, actor="ana")
    assert mark != people_mark(engine, run_id)
    assert tried(engine, evidence_url, home / "b", run_id).judged is None


def test_a_match_that_was_taken_apart_counts_against_the_rules_that_made_it(
    engine: Engine, evidence: Evidence, evidence_url: str, home: Path, run_id: int
) -> None:
    unmatch_rows(engine, evidence, run_id, source_line=2, reference_line=2, actor="ana", action_key="k")
    found = judged(tried(engine, evidence_url, home / "a", run_id))
    assert (found.before, found.after) == (Score(apart_booked=1), Score(apart_booked=1))


def test_what_people_said_about_one_run_is_held_against_a_later_one_with_the_same_rows(
    engine: Engine, evidence: Evidence, evidence_url: str, home: Path, run_id: int
) -> None:
    match_by_hand(engine, run_id, 3, 3)
    later = opened(engine, evidence, source=SOURCE[1:], reference=REFERENCE)
    assert judged(tried(engine, evidence_url, home / "a", later)).after == Score(together_booked=1)


def test_a_discrepancy_of_two_rows_that_was_accepted_says_that_they_belong_together(
    engine: Engine, evidence: Evidence, evidence_url: str, home: Path
) -> None:
    named = [("INV-2", DAY, amount, "EUR", "Marlow") for amount in (2_500, 2_300)]
    run_id = opened(engine, evidence, source=named[:1], reference=named[1:])
    with engine.begin() as conn:
        conn.execute(update(discrepancy).values(status="resolved", resolution="fee", resolved_by="ana"))
    found = judged(tried(engine, evidence_url, home / "a", run_id))
    assert (found.before, found.after) == (Score(together_booked=1), Score(together_booked=1))


def test_a_run_that_replayed_decisions_is_done_again_with_them_and_its_rules_judged_without(
    engine: Engine, evidence: Evidence, evidence_url: str, home: Path
) -> None:
    pool = Pool(engine=engine, evidence=evidence)
    files = [row("Kestrel", 2_500, payment_ref=None)], [row("Marlow", 2_300, payment_ref=None)]
    first = pool.run(*files)
    prepare_workbench(engine, evidence, first)
    match_by_hand(engine, first, 2, 2)
    again = pool.run(*files)
    result = tried(engine, evidence_url, home / "a", again, Rules())
    assert (result.matched_count, result.discrepancy_count) == (1, 1)
    assert set(result.changes.values()) == {0}
    assert (judged(result).before, judged(result).after) == (Score(together_open=1), Score(together_open=1))
