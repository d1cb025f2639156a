"""Reconcile from end to end as an operator drives it: real files, real readings, a real database."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, insert, update
from streamlit.testing.v1 import AppTest

from recon.config import Settings
from recon.model.rules import Rules
from recon.model.transactions import Side
from recon.queries.open_items import run_carried
from recon.queries.runs import one_run
from recon.store import rules as saved
from recon.store import tables
from recon.store.evidence import Evidence
from recon.ui.reconcile.questions import header_diff
from recon.workflows import read_upload
from recon.workflows.run_in_foreground import finish_run
from recon.workflows.save_carrying import CarryChange, save_carrying
from recon.workflows.store_reading import store_reading
from tests.builders import heartbeat
from tests.pages.conftest import Visit
from tests.pages.shown import progress, text

SOURCE = b"date,reference,amount,currency\n2026-03-02,INV-1,10.00,EUR\n2026-03-03,INV-2,25.00,EUR\n"
REFERENCE = b"date,reference,amount,currency\n2026-03-02,INV-1,10.00,EUR\n2026-03-03,INV-2,23.00,EUR\n"
UNDECIDED = b"date,reference,amount,currency\n03/04/2026,INV-1,10.00,EUR\n05/06/2026,INV-2,25.00,EUR\n"
DRIFTED = SOURCE.replace(b"amount", b"net amount")
HOSTILE = b"![x](http://evil/px.png)"
REJECTED = SOURCE + b"2026-03-04," + HOSTILE + b",12..5,EUR\n"


@pytest.fixture(autouse=True)
def reconciliation(engine: Engine) -> None:
    """One to choose: the test driver, unlike a browser, cannot type a name that is not among the choices."""
    with engine.begin() as conn:
        conn.execute(insert(tables.reconciliation).values(name="Bank vs ledger", created_by="ana"))


@pytest.fixture(autouse=True)
def files_are_read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not in a process for each: what such a process is good for is tested with the workflow."""
    monkeypatch.setattr(read_upload, "_read_in_child", store_reading)


@pytest.fixture
def evidence(settings: Settings) -> Evidence:
    return Evidence(settings.evidence_location())


def send(at: AppTest, side: Side, content: bytes, filename: str = "march.csv") -> AppTest:
    """Drop a file on a side's drop zone."""
    zone = next(one for one in at.file_uploader if one.label.lower() == f"{side} file")
    return zone.upload(filename, content).run()


def ready(visit: Visit, source: bytes = SOURCE, reference: bytes = REFERENCE, **query: str) -> AppTest:
    """The page with a name and both files."""
    at = send(visit("reconcile", name="Bank vs ledger", **query), Side.SOURCE, source, "gateway.csv")
    return send(at, Side.REFERENCE, reference, "bank.csv")


def reload(visit: Visit, at: AppTest) -> AppTest:
    """The same URL in a new session."""
    return visit("reconcile", **at.query_params)


def worked_on(at: AppTest, engine: Engine, evidence: Evidence) -> AppTest:
    """After a worker has done the run on the page."""
    finish_run(engine, evidence, int(at.query_params["run"]), lease_seconds=60)
    return at.run()


def grids(at: AppTest) -> str:
    """All cells of all grids."""
    return " ".join(frame.value.to_csv() for frame in at.dataframe)


def test_an_empty_page_says_what_comes_first(visit: Visit) -> None:
    at = visit("reconcile")
    assert not at.exception
    assert at.button(key="run_button").disabled
    assert "Name the reconciliation first." in text(at)
    assert len(at.file_uploader) == 3  # source, reference, rules


def test_two_files_are_received_read_and_in_the_url(visit: Visit) -> None:
    at = ready(visit)
    assert not at.exception
    assert (at.query_params["source"], at.query_params["reference"]) == ("1", "2")
    assert "**2 rows read** = 2 accepted + 0 rejected + 0 ignored" in text(at)
    assert "35.00" in grids(at)
    assert "Ready: 2 against 2 rows" in text(at)
    assert not at.button(key="run_button").disabled
    again = reload(visit, at)
    assert "Ready: 2 against 2 rows" in text(again)


def test_a_look_at_another_page_loses_nothing(visit: Visit) -> None:
    at = ready(visit)
    at.query_params.clear()
    at = at.switch_page("pages/overview.py").run()
    at = at.switch_page("pages/reconcile.py").run()
    assert (at.query_params["source"], at.query_params["reference"]) == ("1", "2")


def test_the_web_process_keeps_nothing_of_a_file_that_was_sent(visit: Visit) -> None:
    at = send(visit("reconcile"), Side.SOURCE, SOURCE)
    assert [zone.value for zone in at.file_uploader] == [None, None]


def test_the_same_bytes_again_say_when_they_came_first(visit: Visit) -> None:
    at = ready(visit, SOURCE, SOURCE)
    assert "already received" in text(at)
    assert "as gateway\\.csv" in text(at)


def test_a_file_received_earlier_is_chosen_again(visit: Visit) -> None:
    at = send(visit("reconcile", name="Bank vs ledger"), Side.SOURCE, SOURCE, "gateway.csv")
    chooser = next(box for box in at.selectbox if "reference" in box.label)
    at = chooser.set_value(1).run()
    assert at.query_params["reference"] == "1"
    assert "Ready: 2 against 2 rows" in text(at)


def test_a_question_is_answered_on_the_page_kept_and_not_asked_again(visit: Visit) -> None:
    at = ready(visit, UNDECIDED)
    assert "Answer what is asked about the source file first." in text(at)
    assert "03/04/2026" in grids(at)
    assert at.radio[0].value is None
    at.radio[0].set_value("DMY")
    at = next(button for button in at.button if button.label == "Read with this answer").click().run()
    assert not at.exception
    assert "Using mapping v1" in text(at)
    assert "3 Apr 2026" in grids(at)
    following = ready(visit, UNDECIDED.replace(b"INV", b"APR"))
    assert "Using mapping v1" in text(following)
    assert "Ready: 2 against 2 rows" in text(following)


def test_an_unanswered_question_is_said_so(visit: Visit) -> None:
    at = ready(visit, UNDECIDED)
    at = next(button for button in at.button if button.label == "Read with this answer").click().run()
    assert "Answer every question" in at.error[0].value


def test_a_question_waits_for_the_name_its_answer_is_kept_under(visit: Visit) -> None:
    at = send(visit("reconcile"), Side.SOURCE, UNDECIDED)
    button = next(button for button in at.button if button.label == "Read with this answer")
    assert button.disabled
    assert "Name the reconciliation first." in text(at)


def test_rejects_are_shown_as_text_and_do_not_block_the_rest(visit: Visit) -> None:
    at = ready(visit, REJECTED)
    assert "3 rows read** = 2 accepted + :red[1 rejected]" in text(at)
    view = next(control for control in at.segmented_control if "source" in str(control.key))
    at = view.set_value("Rejected (1)").run()
    assert not at.exception
    assert "12..5" in grids(at)
    assert not at.button(key="run_button").disabled
    assert HOSTILE.decode() not in text(at)


def test_a_refused_file_is_told_in_one_box_with_what_to_do(visit: Visit) -> None:
    at = ready(visit, b"%PDF-1.7 no export")
    assert len(at.error) == 1
    assert "PDF" in at.error[0].value
    assert "Choose another" in at.error[0].value
    assert "The source file was refused: choose another." in text(at)
    at = at.button(key="source_another").click().run()
    assert "source" not in at.query_params


def test_an_upload_that_is_not_there_is_a_sentence(visit: Visit) -> None:
    at = visit("reconcile", name="Bank vs ledger", source="99", reference="x")
    assert not at.exception
    assert "There is no upload 99" in at.error[0].value


def test_a_header_that_drifted_is_shown_as_a_diff_and_kept_by_one_click(visit: Visit) -> None:
    at = ready(visit)
    at.button(key="run_button").click().run()
    at = ready(visit, DRIFTED)
    assert "The columns are not those" in at.warning[0].value
    assert "net amount" in grids(at)
    assert "Renamed" in grids(at)
    at = at.button(key="source_keep").click().run()
    assert not at.exception
    assert "Using mapping v2" in text(at)
    assert "Ready: 2 against 2 rows" in text(at)


def test_a_mapping_is_forgotten_by_asking_again(visit: Visit) -> None:
    at = ready(visit)
    at.button(key="run_button").click().run()
    at = ready(visit, DRIFTED)
    at = at.button(key="source_ask_again").click().run()
    assert not at.warning or "The columns" not in at.warning[0].value
    assert "Ready: 2 against 2 rows" in text(at)


def test_columns_are_mapped_by_hand_beginning_with_what_is_known(visit: Visit) -> None:
    at = ready(visit)
    at.button(key="run_button").click().run()
    at = ready(visit)
    at = at.button(key="source_change").click().run()
    assert not at.exception
    assert at.selectbox(key="source_role_amount").value == "amount"
    assert at.selectbox(key="source_role_fee").value is None


def test_the_rules_say_what_they_mean_and_come_from_the_url(visit: Visit) -> None:
    at = ready(visit)
    assert "Amounts must be equal" in text(at)
    at = at.number_input(key="minor").set_value(50).run()
    at = at.number_input(key="after").set_value(2).run()
    assert "0\\.50 EUR" in text(at)
    linked = visit("reconcile", minor="50", after="2")
    assert (linked.number_input(key="minor").value, linked.number_input(key="after").value) == (50, 2)


def test_the_rules_start_from_the_newest_version_of_the_reconciliation(visit: Visit, engine: Engine) -> None:
    with engine.begin() as conn:
        conn.execute(insert(tables.reconciliation).values(name="Wallet", created_by="ana"))
        saved.save(conn, "Wallet", Rules(days_after=7), after=0, note="Slow bank", actor="ana")
    at = visit("reconcile", name="Wallet")
    assert at.number_input(key="after").value == 7
    assert "Version 1 of this reconciliation" in text(at)
    at = at.number_input(key="after").set_value(9).run()
    assert "Version 1 of this reconciliation · changed for this run" in text(at)
    at = at.button(key="rules_reset").click().run()
    assert at.number_input(key="after").value == 7
    name = next(box for box in at.selectbox if box.label == "Reconciliation")
    at = name.set_value("Bank vs ledger").run()
    assert at.number_input(key="after").value == 1
    linked = visit("reconcile", name="Wallet", after="2")
    assert linked.number_input(key="after").value == 2


def test_a_rule_that_is_no_number_is_a_sentence_and_stops_the_run(visit: Visit) -> None:
    at = ready(visit)
    at = at.text_input(key="percent").set_value("lots").run()
    assert "is not a decimal number" in at.error[0].value
    assert at.button(key="run_button").disabled


def test_rules_are_taken_from_a_toml_file_and_a_wrong_one_is_a_sentence(visit: Visit) -> None:
    at = ready(visit)
    at.file_uploader(key="rules_file").upload("rules.toml", b'days_after = 9\namount_tolerance_percent = "0.5"\n')
    at = at.run()
    assert at.number_input(key="after").value == 9
    assert at.text_input(key="percent").value == "0.5"
    at.file_uploader(key="rules_file").set_value(("rules.toml", b"days_aftr = 9\n", "text/plain"))
    at = at.run()
    assert "Did you mean days" in at.error[0].value


def test_a_run_waits_works_and_is_told(visit: Visit, engine: Engine, evidence: Evidence) -> None:
    heartbeat(engine, seen_at=datetime.now(UTC))
    at = ready(visit)
    at = at.button(key="run_button").click().run()
    assert not at.exception
    assert at.query_params["run"] == "1"
    assert "Waiting for a worker" in progress(at)[0]
    assert not at.warning
    at = worked_on(at, engine, evidence)
    assert "Run 1" in text(at)
    assert "Amount mismatch 1" in text(at)
    assert {metric.label: metric.value for metric in at.metric}["Unexplained"] == "0"
    again = reload(visit, at)
    assert {metric.label: metric.value for metric in again.metric}["Unexplained"] == "0"


def test_the_same_files_and_rules_are_the_same_run_until_asked_to_run_again_anyway(
    visit: Visit, engine: Engine, evidence: Evidence
) -> None:
    at = ready(visit)
    worked_on(at.button(key="run_button").click().run(), engine, evidence)
    at = ready(visit)
    at = at.button(key="run_button").click().run()
    assert at.query_params["run"] == "1"
    assert "This is run 1, which was there already" in text(at)
    at = at.button(key="run_again").click().run()
    assert at.query_params["run"] == "2"
    assert one_run(engine, 2).rerun_of_id == 1


def test_other_rules_are_another_run(visit: Visit, engine: Engine, evidence: Evidence) -> None:
    at = ready(visit)
    at = worked_on(at.button(key="run_button").click().run(), engine, evidence)
    at = at.number_input(key="minor").set_value(500).run()
    assert "Ready: 2 against 2 rows" in text(at)
    at = at.button(key="run_button").click().run()
    assert at.query_params["run"] == "2"


def test_a_failed_run_says_why_and_is_tried_again(visit: Visit, engine: Engine) -> None:
    at = ready(visit)
    at = at.button(key="run_button").click().run()
    with engine.begin() as conn:
        values = {"status": "running", "attempt": 1}
        conn.execute(update(tables.run).values(values))
        conn.execute(
            update(tables.run).values(status="failed", error_code="X", error_text="The disk is full. Free it.")
        )
    at = at.run()
    assert "The disk is full" in at.error[0].value
    at = at.button(key="try_again").click().run()
    assert at.query_params["run"] == "2"


def test_a_sidecar_that_is_down_is_told_before_and_while_a_run_waits(visit: Visit) -> None:
    at = ready(visit)
    assert "sidecar" in at.warning[0].value
    at = at.button(key="run_button").click().run()
    assert "sidecar" in at.warning[0].value


def test_starting_over_empties_the_page(visit: Visit) -> None:
    at = ready(visit)
    at = at.button(key="start_over").click().run()
    assert not at.exception
    assert not {"source", "reference", "name"} & set(at.query_params)


def test_a_changed_header_is_told_column_by_column() -> None:
    lines = header_diff(("date", "amount", "memo", "ref"), ("ref", "date", "net amount", "tax"))
    assert lines.values.tolist() == [
        [None, "ref", ["Moved"]],
        ["date", "date", []],
        ["amount", "net amount", ["Renamed"]],
        ["memo", None, ["Missing"]],
        [None, "tax", ["New"]],
    ]


STATED = b"date,description,amount,currency\n2026-03-02,Rent,10.00,EUR\n2026-03-03,Tea,5.00,EUR\n,Total,%s,EUR\n"
FOLLOWED = b"date,description,amount,balance,currency\n" + b"".join(
    b"2026-03-%02d,Order,1.00,%d.00,EUR\n" % (day, day) for day in (2, 3, 4)
)
APART = FOLLOWED.replace(b"2026-03-", b"2026-04-").replace(b"Order", b"Sale")


def test_a_figure_that_does_not_agree_shows_its_difference_and_is_accepted_with_one_click(visit: Visit) -> None:
    at = send(visit("reconcile", name="Bank vs ledger"), Side.SOURCE, STATED % b"16.00")
    assert not at.exception
    assert "differs by \u22121\\.00 EUR" in at.warning[0].value
    assert at.dataframe[0].value.loc[0, ["Control", "Difference", "Stated", "Read"]].tolist() == [
        "Total", "\u22121.00", "16.00", "15.00"
    ]  # fmt: skip
    at = at.button(key="source_accept_control").click().run()
    assert "3 rows read" in text(at)
    assert "1 control accepted" in text(at)


def test_controls_and_accounts_are_a_view_of_the_preview(visit: Visit) -> None:
    at = send(visit("reconcile", name="Bank vs ledger"), Side.SOURCE, FOLLOWED)
    assert "1 control agrees" in text(at)
    view = next(one for one in at.segmented_control if "Controls" in one.options)
    at = view.set_value("Controls").run()
    assert "4.00" in grids(at)
    assert "Running balance" in grids(at)


def test_a_balance_that_does_not_follow_is_accepted_before_a_run(visit: Visit) -> None:
    at = send(visit("reconcile", name="Bank vs ledger"), Side.SOURCE, FOLLOWED, "march.csv")
    at = send(visit("reconcile", name="Bank vs ledger"), Side.SOURCE, APART, "april.csv")
    at = send(at, Side.REFERENCE, REFERENCE, "bank.csv")
    assert "march\\.csv closes with 4\\.00 EUR" in at.warning[0].value
    assert "opening balance is accepted first" in text(at)
    assert at.button(key="run_button").disabled
    at = at.button(key="source_accept_continuity").click().run()
    assert not at.button(key="run_button").disabled
    assert "It was accepted" in text(at)


def test_rows_that_came_before_are_said_before_a_run(visit: Visit) -> None:
    send(visit("reconcile", name="Bank vs ledger"), Side.SOURCE, SOURCE, "march.csv")
    at = send(
        visit("reconcile", name="Bank vs ledger"), Side.SOURCE, SOURCE + b"2026-03-05,INV-9,1.00,EUR\n", "more.csv"
    )
    assert "2 of 3 rows came before" in at.warning[0].value
    assert "march\\.csv" in at.warning[0].value


def test_renamed_columns_are_taken_over_with_one_click(visit: Visit, engine: Engine, evidence: Evidence) -> None:
    at = ready(visit)
    at = at.button(key="run_button").click().run()
    renamed = SOURCE.replace(b"reference", b"references").replace(b"INV-1,", b"INV-7,")
    at = send(visit("reconcile", name="Bank vs ledger"), Side.SOURCE, renamed, "april.csv")
    assert "references" in grids(at)
    at = at.button(key="source_remap_renamed").click().run()
    assert "2 rows read" in text(at)
    assert "Using mapping v2" in text(at)


def test_files_of_days_that_were_run_follow_that_run_or_take_its_place(
    visit: Visit, engine: Engine, evidence: Evidence
) -> None:
    save_carrying(engine, reconciliation="Bank vs ledger", change=CarryChange(is_on=True), actor="ana")
    worked_on(ready(visit).button(key="run_button").click().run(), engine, evidence)
    corrected = SOURCE.replace(b"INV-2,25.00", b"INV-3,31.00")
    at = ready(visit, corrected)
    assert "These files have days of **run 1** again" in text(at)
    at = next(one for one in at.segmented_control if "Take its place" in one.options).set_value("Take its place").run()
    worked_on(at.button(key="run_button").click().run(), engine, evidence)
    carried = run_carried(engine, 2)
    assert carried is not None
    assert carried.replaces_id == 1
    assert "have days of" not in text(ready(visit, corrected))
