from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from recon.config import Settings
from recon.model.settlement import SettleMove
from recon.queries.runs import one_run
from recon.store.evidence import Evidence
from recon.workflows.settle_rows import settle_rows
from tests.builders import matches, published_run, run_with_rows, transactions, unfinished_run
from tests.pages.conftest import Visit
from tests.pages.shown import buttons, metrics, progress, text
from tests.workflows.bench import ask, opened

NOW = datetime.now(UTC)


@pytest.fixture
def evidence(settings: Settings) -> Evidence:
    return Evidence(settings.evidence_location())


def test_an_empty_history_says_so(visit: Visit) -> None:
    at = visit("runs")
    assert not at.exception
    assert at.title[0].value == "Runs"
    assert "Nothing has been reconciled yet" in text(at)


def test_the_history_shows_every_run_newest_first(visit: Visit, engine: Engine) -> None:
    published_run(engine, finished_at=NOW)
    unfinished_run(engine, "failed", name="Gateway vs billing")
    at = visit("runs")
    assert not at.exception
    frame = at.dataframe[0].value
    assert list(frame["Run"]) == ["2", "1"]
    assert [list(cell) for cell in frame["Status"]] == [["Failed"], ["Succeeded"]]
    assert list(frame["Discrepancies"].fillna(-1)) == [-1, 5]
    assert "2 runs" in text(at)


def test_filters_come_from_the_url_and_are_cleared_by_a_button(visit: Visit, engine: Engine) -> None:
    published_run(engine, finished_at=NOW)
    at = visit("runs", run_status="Failed", reconciliation="Bank vs ledger")
    assert "No run fits these filters" in text(at)
    at = at.button(key="clear_runs").click().run()
    assert not at.exception
    assert list(at.dataframe[0].value["Run"]) == ["1"]


def test_nonsense_in_the_url_changes_nothing(visit: Visit, engine: Engine) -> None:
    published_run(engine, finished_at=NOW)
    at = visit("runs", run_status="Bogus", runs_page="99999", reconciliation="nobody", run="x'--")
    assert not at.exception
    assert list(at.dataframe[0].value["Run"]) == ["1"]


def test_pages_of_a_long_history_are_cut_in_the_database(visit: Visit, engine: Engine) -> None:
    for _ in range(53):
        unfinished_run(engine, "cancelled")
    assert len(visit("runs").dataframe[0].value) == 50
    at = visit("runs", runs_page="2")
    assert list(at.dataframe[0].value["Run"]) == ["3", "2", "1"]
    assert "51–53 of 53" in text(at)


def test_a_published_run_shows_its_proof_with_unexplained_nought(visit: Visit, engine: Engine) -> None:
    run_id = published_run(engine, finished_at=NOW)
    at = visit("runs", run=str(run_id))
    assert not at.exception
    assert at.title[0].value == f"Run {run_id}"
    assert metrics(at)["Rows matched"] == "94.05 %"
    assert metrics(at)["Unexplained"] == "0"
    assert "3 currencies tie out" in text(at)
    proof = at.dataframe[0].value
    assert list(proof["Currency"]) == ["EUR", "JPY", "USD"]
    assert list(proof["Unexplained"]) == ["0.00", "0", "0.00"]
    assert list(proof["Difference"]) == ["57.50", "0", "9.99"]
    assert list(proof["Missing in source"]) == ["−40.00", "–", "–"]


def test_the_files_rules_and_timing_of_a_run_are_told(visit: Visit, engine: Engine) -> None:
    at = visit("runs", run=str(published_run(engine, finished_at=NOW)), view="Files")
    assert not at.exception
    shown = text(at)
    assert "101 rows read = 99 accepted + :red[1 rejected] + 1 ignored" in shown
    assert "gateway\\.csv" in shown
    assert "Amounts must be equal to the last digit" in shown
    assert "Time per stage" in shown


def test_matched_rows_are_browsed_by_the_url(visit: Visit, engine: Engine, evidence: Evidence) -> None:
    source = transactions({"amount": 5_000, "payment_ref": "INV-1"}, {"amount": 700, "payment_ref": "INV-2"})
    found = matches({"source_row": 0, "reference_row": 0}, {"source_row": 1, "reference_row": 1})
    run_id = run_with_rows(engine, evidence, source, source, found, finished_at=NOW)
    at = visit("runs", run=str(run_id), view="Matches")
    assert not at.exception
    assert list(at.dataframe[0].value["Reference"]) == ["INV-1", "INV-2"]
    at = visit("runs", run=str(run_id), view="Matches", matched_search="inv-2")
    assert list(at.dataframe[0].value["Amount"]) == ["7.00"]
    at = visit("runs", run=str(run_id), view="Matches", matched_search="nothing like it")
    assert "No matched row fits these filters" in text(at)


def test_matched_rows_that_are_gone_are_a_sentence(visit: Visit, engine: Engine) -> None:
    at = visit("runs", run=str(published_run(engine, finished_at=NOW)), view="Matches")
    assert not at.exception
    assert len(at.error) == 1
    assert "error id" not in at.error[0].value


def test_a_failed_run_says_why_and_can_be_run_again(visit: Visit, engine: Engine) -> None:
    at = visit("runs", run=str(unfinished_run(engine, "failed")))
    assert "march\\.csv is gone\\. Upload it again\\." in at.error[0].value
    assert "Run again" in buttons(at)
    assert "Open in triage" not in buttons(at)


def test_running_again_makes_one_new_run_linked_to_the_old_and_opens_it(
    visit: Visit, engine: Engine, evidence: Evidence
) -> None:
    rows = transactions({"amount": 1})
    first = run_with_rows(engine, evidence, rows, rows, matches(), finished_at=NOW)
    at = visit("runs", run=str(first)).button(key="rerun").click().run()
    assert not at.exception
    assert at.title[0].value == f"Run {first + 1}"
    assert one_run(engine, first + 1).rerun_of_id == first
    assert f"repeats run {first}" in text(at)
    assert progress(at)[0].startswith("Waiting for a worker")


def test_a_running_run_shows_how_far_it_is_and_can_be_cancelled(visit: Visit, engine: Engine) -> None:
    run_id = unfinished_run(engine, "running", started_at=NOW - timedelta(seconds=3))
    at = visit("runs", run=str(run_id))
    assert progress(at)[0].startswith("Matching by amount and date · 400 of 1,000 rows · ")
    at = at.button(key=f"cancel_{run_id}").click().run()
    assert not at.exception
    assert one_run(engine, run_id).cancel_requested_at is not None
    assert "Cancelling …" in buttons(at)


def test_a_cancelled_run_published_nothing(visit: Visit, engine: Engine) -> None:
    at = visit("runs", run=str(unfinished_run(engine, "cancelled")))
    assert "The run was cancelled. Nothing was published." in at.info[0].value


def test_a_run_that_does_not_exist_is_a_sentence(visit: Visit) -> None:
    at = visit("runs", run="4711")
    assert not at.exception
    assert "There is no run 4711" in at.error[0].value


def run_with_a_pair(engine: Engine, store: Evidence, **match: object) -> int:
    source = transactions({"amount": 9_710, "fee": 290, "description": "Kestrel ![x](http://evil/x.png)"})
    reference = transactions({"amount": 10_000, "description": "KESTREL"})
    return run_with_rows(engine, store, source, reference, matches({"source_row": 0, "reference_row": 0, **match}))


def test_a_matched_pair_is_opened_by_the_url_and_says_why_it_is_one(
    visit: Visit, engine: Engine, evidence: Evidence
) -> None:
    run_id = run_with_a_pair(engine, evidence, evidence="txn_id")
    at = visit("runs", run=str(run_id), view="Matches", pair="2-2")
    assert not at.exception
    assert "Why they match" in text(at)
    assert "Both rows carry the same ID" in text(at)
    assert "The difference is exactly the fee of the source row" in text(at)
    assert "![x]" not in text(at)
    at = at.button(key="close_pair").click().run()
    assert "Why they match" not in text(at)
    assert "pair" not in at.query_params


def test_a_weighed_pair_is_drawn_as_a_waterfall(visit: Visit, engine: Engine, evidence: Evidence) -> None:
    run_id = run_with_a_pair(engine, evidence, weights="amount: 2-3 % more +0.40; date: same day +2.00")
    at = visit("runs", run=str(run_id), view="Matches", pair="2-2")
    assert not at.exception
    assert [chart.proto.id for chart in at.get("plotly_chart")]
    assert "Both rows carry" not in text(at)


def test_a_pair_the_run_does_not_have_is_not_shown(visit: Visit, engine: Engine, evidence: Evidence) -> None:
    run_id = run_with_a_pair(engine, evidence)
    for asked in ("3-2", "2", "-", "x-y", "2-99999999999999999999"):
        at = visit("runs", run=str(run_id), view="Matches", pair=asked)
        assert not at.exception
        assert "Why they match" not in text(at)


def test_what_people_settled_since_is_beside_the_proof(visit: Visit, engine: Engine, evidence: Evidence) -> None:
    run_id = opened(engine, evidence)
    assert "Decided since" not in text(visit("runs", run=str(run_id)))
    settle_rows(engine, ask(engine, run_id, SettleMove.IGNORE, source=[5, 8], reason="Tests."), actor="ana")
    at = visit("runs", run=str(run_id))
    assert not at.exception
    assert "Decided since: " in text(at)
