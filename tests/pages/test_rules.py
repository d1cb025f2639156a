"""Rules as an operator drives it: a draft, tried out on a stored run, saved as a version, taken up by the next run."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, insert
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import TextArea

from recon.config import Settings
from recon.model.rules import PassName, Rules, Scoring
from recon.model.saved_rules import SavedRules
from recon.model.settlement import SettleMove
from recon.queries.rules import newest_rules
from recon.store import rules, tables
from recon.store.evidence import Evidence
from recon.ui.rules import try_out
from recon.ui.rules.inputs import LABELS
from recon.workflows.settle_rows import settle_rows
from recon.workflows.tried_rules import try_rules as try_here
from recon.workflows.try_rules import Phase, TryOut, TryOuts
from recon.workflows.undo_settlement import undo_settlement
from tests.builders import matches, published_run, run_with_rows, transactions
from tests.pages.conftest import Visit
from tests.pages.shown import buttons, metrics, progress, text
from tests.workflows.bench import ask, opened
from tests.workflows.sides import DAY, Row

BANK = "Bank vs ledger"
WIDE = Rules(amount_tolerance_minor=300, amount_tolerance_percent=Decimal("0.5"), days_after=4)
SOURCE = transactions(
    {"amount": 1_000, "description": "Kestrel Energy"}, {"amount": 2_500, "description": "Marlow and Sons"}
)
REFERENCE = transactions(
    {"amount": 1_000, "description": "Kestrel Energy"},
    {"amount": 2_300, "description": "Marlow and Sons", "date": date(2026, 3, 2)},
)
PAIR = {"source_row": 0, "reference_row": 0, "pass": "exact"}
HOSTILE = "![x](http://evil/px.png)"


@pytest.fixture
def run_id(engine: Engine, settings: Settings) -> int:
    """A published run that found the first pair and not the second."""
    evidence = Evidence(settings.evidence_location())
    return run_with_rows(engine, evidence, SOURCE, REFERENCE, matches(PAIR), matched_count=20)


@pytest.fixture(autouse=True)
def same_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The runs of these tests are made up; their keys are of no engine."""
    monkeypatch.setattr(try_out, "engine_has_changed", lambda engine, detail: False)


@pytest.fixture
def tried_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not in a process for each: what such a process is good for is tested with the workflow."""

    def run_child(self: TryOuts, key: str, wanted: TryOut) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        try_here({**wanted.document(), "evidence": self._evidence_url, "folder": str(self._folder / key)})
        self._move(key, phase=Phase.DONE)

    monkeypatch.setattr(TryOuts, "_run_child", run_child)


def save(engine: Engine, given: Rules, *, after: int = 0, note: str = "Fees vary", actor: str = "ana") -> SavedRules:
    with engine.begin() as conn:
        return rules.save(conn, BANK, given, after=after, note=note, actor=actor)


def until(at: AppTest, condition: Callable[[AppTest], bool]) -> AppTest:
    """Look again until it is so, as the page does by itself."""
    deadline = time.monotonic() + 30
    while not condition(at):
        assert time.monotonic() < deadline, text(at)
        time.sleep(0.02)
        at = at.run()
    return at


def save_untried(at: AppTest) -> AppTest:
    """Tick that the draft may be saved although nobody tried it out."""
    (box,) = (box for box in at.checkbox if box.label == "Save without trying it out")
    return box.check().run()


def inputs(at: AppTest) -> tuple[object, ...]:
    numbers = {box.key: box.value for box in (*at.number_input, *at.text_input)}
    return tuple(numbers[f"d_{name}"] for name in ("minor", "percent", "before", "after", "alike"))


def test_without_a_reconciliation_the_page_says_where_one_comes_from(visit: Visit) -> None:
    at = visit("rules")
    assert not at.exception
    assert "No reconciliation yet" in text(at)
    assert buttons(at) >= {"Reconcile two files"}


def test_without_saved_rules_the_draft_is_the_defaults(visit: Visit, run_id: int) -> None:
    at = visit("rules")
    assert not at.exception
    assert inputs(at) == (0, "0", 1, 1, 80)
    assert "Nothing saved yet" in text(at)
    assert "The draft is the defaults, unchanged" in text(at)
    assert at.button(key="rules_discard").disabled
    assert "Save" not in buttons(at)
    assert at.query_params["for"] == BANK


def test_a_reconciliation_without_a_result_has_nothing_to_try_the_draft_on(visit: Visit, engine: Engine) -> None:
    with engine.begin() as conn:
        conn.execute(insert(tables.reconciliation).values(name=BANK, created_by="ana"))
    at = visit("rules")
    assert "No run to try it on" in text(at)


def test_the_draft_starts_from_the_newest_version_and_says_what_it_means(
    visit: Visit, engine: Engine, run_id: int
) -> None:
    save(engine, Rules())
    save(engine, WIDE, after=1, note=f"Fees {HOSTILE}")
    at = visit("rules")
    assert inputs(at) == (300, "0.5", 1, 4, 80)
    assert "Version 2 · saved" in text(at)
    assert HOSTILE not in text(at)
    assert "Amounts may differ by up to 3\\.00 EUR" in text(at)
    assert "The draft is version 2, unchanged" in text(at)


def test_a_change_is_told_kept_in_the_url_and_discarded(visit: Visit, run_id: int) -> None:
    at = visit("rules")
    at = at.number_input(key="d_after").set_value(5).run()
    assert "Reference later :gray[1] → **5 days**" in text(at)
    again = visit("rules", **{"for": BANK, "d_after": "5"})
    assert inputs(again) == (0, "0", 1, 5, 80)
    at = at.button(key="rules_discard").click().run()
    assert inputs(at) == (0, "0", 1, 1, 80)


def test_the_figures_rest_while_the_rows_teach(visit: Visit, engine: Engine, run_id: int) -> None:
    save(engine, Rules(scoring=Scoring.LEARNED))
    at = visit("rules")
    assert at.toggle(key="d_learn").value
    assert all(box.disabled for box in at.number_input if box.label in LABELS.values())
    assert "weighed by what matches look like" in text(at)
    at = at.toggle(key="d_learn").set_value(False).run()
    assert not any(box.disabled for box in at.number_input)
    assert "Near matches by :gray[what the rows teach] → **the figures**" in text(at)
    at = at.button(key="rules_discard").click().run()
    assert at.toggle(key="d_learn").value
    assert visit("rules", d_learn="false").toggle(key="d_learn").value is False


def test_a_rule_that_is_no_number_is_a_sentence_and_cannot_be_saved(visit: Visit, run_id: int) -> None:
    at = visit("rules").text_input(key="d_percent").set_value("lots").run()
    assert not at.exception
    assert "is not a decimal number" in at.error[0].value
    assert not buttons(at) & {"Save", "Try it out"}


def test_a_draft_like_the_run_needs_no_try_out(visit: Visit, run_id: int) -> None:
    at = visit("rules")
    assert f"The draft is what run {run_id} was made with" in text(at)
    assert "Try it out" not in buttons(at)


def test_a_run_of_another_engine_is_worth_a_try_out_and_says_so(
    visit: Visit, run_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(try_out, "engine_has_changed", lambda engine, detail: True)
    at = visit("rules")
    assert f"Matching itself has changed since run {run_id} was made" in text(at)
    assert buttons(at) >= {"Try it out"}


def test_a_draft_is_tried_out_and_shown_beside_the_run(
    visit: Visit, engine: Engine, run_id: int, tried_here: None
) -> None:
    at = visit("rules", d_minor="300")
    at = at.button(key="try_button").click().run()
    at = until(at, lambda at: bool(metrics(at)))
    assert not at.exception
    assert metrics(at)["Paired otherwise"] == "1 row"
    assert metrics(at)["Unexplained"] == "0"
    kinds, outcomes, changed = (frame.value for frame in at.dataframe)
    assert kinds.set_index("").loc["Amount mismatch", ["Before", "After"]].tolist() == ["1", "1"]
    assert outcomes.set_index("").loc["Source: matched", ["Before", "After"]].tolist() == ["21", "2"]
    assert changed[["Line", "Amount", "Ref. amount", "Before", "After"]].values.tolist() == [
        ["3", "25.00", "23.00", "Not matched", "Line 3, best score"]
    ]
    again = visit("rules", d_minor="300")
    assert metrics(again)["Paired otherwise"] == "1 row"
    assert newest_rules(engine, BANK) is None


def test_a_kind_of_change_without_a_row_says_so(visit: Visit, run_id: int, tried_here: None) -> None:
    at = visit("rules", d_minor="300", change="no_longer_matched").button(key="try_button").click().run()
    at = until(at, lambda at: bool(metrics(at)))
    assert "No row is no longer matched" in text(at)


def test_a_try_out_that_runs_says_how_far_it_is_and_is_cancelled(
    visit: Visit, run_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = 'import time; print(\'{"stage": "exact", "rows_done": 2, "rows_total": 4}\', flush=1); time.sleep(60)'
    monkeypatch.setattr(TryOuts.__init__, "__kwdefaults__", {"command": [sys.executable, "-c", slow]})
    at = visit("rules", d_minor="300").button(key="try_button").click().run()
    at = until(at, lambda at: "Matching by amount and date · 2 of 4 rows" in "".join(progress(at)))
    at = at.button(key="try_cancel").click().run()
    at = until(at, lambda at: "Cancelled" in text(at))
    assert buttons(at) >= {"Try again"}


def test_a_changed_draft_lets_go_of_the_try_out_before_it(
    visit: Visit, run_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    cancelled: list[str] = []
    monkeypatch.setattr(TryOuts, "start", lambda self, wanted, *, anew=False: None)
    monkeypatch.setattr(TryOuts, "cancel", lambda self, key: cancelled.append(key))
    at = visit("rules", d_minor="300").button(key="try_button").click().run()
    assert not cancelled
    at.number_input(key="d_minor").set_value(400).run()
    assert len(cancelled) == 1


def test_a_try_out_that_fails_says_why(visit: Visit, engine: Engine, tried_here: None) -> None:
    published_run(engine)  # its rows are not in the evidence store
    at = visit("rules", d_minor="300").button(key="try_button").click().run()
    at = until(at, lambda at: bool(at.error))
    assert "is not in the evidence store" in at.error[0].value
    assert buttons(at) >= {"Try again"}


def test_a_draft_is_saved_as_a_version_with_a_note(visit: Visit, engine: Engine, run_id: int) -> None:
    at = visit("rules", d_minor="300", d_after="4")
    at = save_untried(at).button(key="rules_save").click().run()
    assert "The note is empty" in at.error[0].value
    at.text_area(key="rules_note").set_value("  Fees\nvary ")
    at = at.button(key="rules_save").click().run()
    assert not at.exception
    saved = newest_rules(engine, BANK)
    assert saved is not None
    assert (saved.version, saved.note) == (1, "Fees vary")
    assert saved.rules == Rules(amount_tolerance_minor=300, days_after=4)
    assert "The draft is version 1, unchanged" in text(at)
    assert "Version 1 is saved" in at.toast[0].value


def test_a_draft_nobody_tried_out_is_saved_only_on_purpose_and_a_tried_one_at_once(
    visit: Visit, run_id: int, tried_here: None
) -> None:
    at = visit("rules", d_minor="300")
    assert at.button(key="rules_save").disabled
    assert not save_untried(at).button(key="rules_save").disabled
    at = visit("rules", d_minor="300").button(key="try_button").click().run()
    at = until(at, lambda at: bool(metrics(at))).run()
    assert not at.button(key="rules_save").disabled
    assert not [box for box in at.checkbox if box.label == "Save without trying it out"]


def test_a_version_says_which_runs_were_made_with_it(visit: Visit, engine: Engine, run_id: int) -> None:
    save(engine, Rules())
    save(engine, WIDE, after=1)
    shown = text(visit("rules", rules_view="Versions"))
    assert f"run {run_id} was made with it" in shown
    assert "no run yet" in shown


def test_a_version_saved_by_someone_else_meanwhile_is_shown_and_not_overwritten(
    visit: Visit, engine: Engine, run_id: int
) -> None:
    at = visit("rules")
    at = at.number_input(key="d_after").set_value(7).run()
    save(engine, Rules(days_before=3), actor="ben")
    at.text_area(key="rules_note").set_value("Easter")
    at = save_untried(at).button(key="rules_save").click().run()
    assert "Version 1 was saved by ben while you worked on yours" in at.error[0].value
    assert "ben saved version 1 since this draft was begun" in text(at)
    at = at.button(key="rules_rebase").click().run()
    assert inputs(at) == (0, "0", 1, 7, 80)
    assert "Against version 1" in text(at)


def test_an_untouched_draft_follows_what_someone_else_saved(visit: Visit, engine: Engine, run_id: int) -> None:
    at = visit("rules")
    save(engine, WIDE, actor="ben")
    at = at.run()
    assert inputs(at) == (300, "0.5", 1, 4, 80)
    assert "since this draft was begun" not in text(at)


def test_versions_are_shown_with_what_they_changed_and_taken_into_the_draft(
    visit: Visit, engine: Engine, run_id: int
) -> None:
    save(engine, WIDE)
    save(engine, Rules(), after=1, note=HOSTILE)
    at = visit("rules", rules_view="Versions")
    assert not at.exception
    assert "Amounts apart :gray[300] → **0 minor units**" in text(at)
    assert "Reference later :gray[4] → **1 day**" in text(at)
    assert HOSTILE not in text(at)
    at = at.button(key="take_v1").click().run()
    assert inputs(at) == (300, "0.5", 1, 4, 80)
    newest = newest_rules(engine, BANK)
    assert newest is not None
    assert newest.version == 2


def test_without_a_version_the_history_says_how_one_is_made(visit: Visit, run_id: int) -> None:
    assert "No version yet" in text(visit("rules", rules_view="Versions"))


def test_rules_are_taken_from_a_toml_file_into_the_draft(visit: Visit, run_id: int) -> None:
    at = visit("rules")
    at.file_uploader(key="d_rules_file").upload("rules.toml", b'days_after = 9\namount_tolerance_percent = "0.5"\n')
    at = at.run()
    assert inputs(at) == (0, "0.5", 1, 9, 80)


def test_a_pass_is_switched_off_moved_kept_in_the_url_and_discarded(visit: Visit, run_id: int) -> None:
    at = visit("rules").toggle(key="d_pass_leftovers_True").set_value(False).run()
    at = at.button(key="d_move_exact_up").click().run().button(key="d_move_exact_up").click().run()
    assert not at.exception
    assert "Leftovers :gray[on] → **off**" in text(at)
    assert "Order → **Same amount and date, Same reference, Same payout or batch, " in text(at)
    assert at.query_params["d_passes"].startswith("exact.identity.")
    assert at.button(key="d_move_exact_up").disabled
    again = visit("rules", d_passes="exact.identity")
    assert "2 Same reference" in text(again)
    at = at.button(key="rules_discard").click().run()
    assert "The draft is the defaults, unchanged" in text(at)
    assert "d_passes" not in at.query_params


def test_a_rule_of_one_pass_stands_with_it_and_is_kept_in_the_url(visit: Visit, run_id: int) -> None:
    at = visit("rules").number_input(key="d_netting_days_7").set_value(3).run()
    at = at.number_input(key="d_subset_rows_0").set_value(4).run()
    assert not at.exception
    assert "Rows tried together :gray[0] → **4 rows**" in text(at)
    assert at.query_params["d_subset"] == "4"
    assert "Reversals apart by :gray[7] → **3 days**" in text(at)
    assert at.query_params["d_netting"] == "3"
    again = visit("rules", d_netting="3").number_input(key="d_netting_days_3")
    assert again.value == 3
    for asked in ("x", "-1", "9999", ""):
        assert visit("rules", d_netting=asked).number_input(key="d_netting_days_7").value == 7
    at = at.button(key="rules_discard").click().run()
    assert at.number_input(key="d_netting_days_7").value == 7


def test_what_payments_cost_is_written_a_line_each_and_told_where_it_cannot_be_read(visit: Visit, run_id: int) -> None:
    def lines(at: AppTest) -> TextArea:
        return next(box for box in at.text_area if "What payments cost" in box.label)

    at = lines(visit("rules")).set_value("2026-01-01 EUR 2.9 % + 0.30\n\n2026-01-01 USD 1 %").run()
    assert not at.exception
    assert lines(at).value.splitlines() == ["2026-01-01 EUR 2.9 % + 0.30", "2026-01-01 USD 1 %"]
    again = visit("rules", d_fees=at.query_params["d_fees"])
    assert lines(again).value == lines(at).value
    at = lines(at).set_value("a lot").run()
    assert "is not like 2026" in at.error[0].value
    assert "2026-01-01 USD 1 %" in at.query_params["d_fees"]


def test_names_of_one_party_are_written_a_line_each_and_told_in_words(visit: Visit, run_id: int) -> None:
    def lines(at: AppTest) -> TextArea:
        return next(box for box in at.text_area if "One party a line" in box.label)

    at = lines(visit("rules")).set_value("Kestrel Energy Ltd = KESTREL EN\nOsaka Tools = OSAKA|T").run()
    assert "is not like Kestrel Energy Ltd" in at.error[0].value
    at = lines(at).set_value("Kestrel Energy Ltd = KESTREL EN").run()
    assert not at.exception
    assert "Same names → **Kestrel Energy Ltd = KESTREL EN**" in text(at)
    again = visit("rules", d_names=at.query_params["d_names"])
    assert lines(again).value == "Kestrel Energy Ltd = KESTREL EN"


def test_passes_that_do_not_exist_in_a_url_change_nothing(visit: Visit, run_id: int) -> None:
    for asked in ("exakt", "", "leftovers.exact", "exact.exact"):
        at = visit("rules", d_passes=asked)
        assert not at.exception
        assert "The draft is the defaults, unchanged" in text(at)


def test_the_last_pass_cannot_be_switched_off(visit: Visit, run_id: int) -> None:
    at = visit("rules", d_passes="exact")
    assert at.toggle(key="d_pass_exact_True").disabled
    assert not at.toggle(key="d_pass_scored_False").disabled


def test_passes_are_taken_from_a_file_tried_out_and_saved(
    visit: Visit, engine: Engine, run_id: int, tried_here: None
) -> None:
    at = visit("rules")
    at.file_uploader(key="d_rules_file").upload("rules.toml", b'passes = ["exact"]\ndays_after = 2\n')
    at = at.run().button(key="try_button").click().run()
    at = until(
        at, lambda at: bool(metrics(at))
    ).run()  # the button above the result knows of it from the next drawing on
    at.text_area(key="rules_note").set_value("Only what agrees")
    at = at.button(key="rules_save").click().run()
    saved = newest_rules(engine, BANK)
    assert saved is not None
    assert saved.rules == Rules(passes=(PassName.EXACT,), days_after=2)
    assert "The draft is version 1, unchanged" in text(at)
    assert "Left out\\: same reference, " in text(visit("rules", rules_view="Versions"))


def test_another_reconciliation_brings_its_own_rules(visit: Visit, engine: Engine, run_id: int) -> None:
    published_run(engine, name="Wallet vs ledger")
    save(engine, WIDE)
    at = visit("rules", d_after="9")
    assert inputs(at)[3] == 9
    box = next(box for box in at.selectbox if box.label == "Reconciliation")
    at = box.set_value("Wallet vs ledger").run()
    assert at.query_params["for"] == "Wallet vs ledger"
    assert inputs(at) == (0, "0", 1, 1, 80)


def test_the_run_to_try_on_is_in_the_url(visit: Visit, engine: Engine, run_id: int) -> None:
    newer = published_run(engine)
    assert f"what run {newer} was made with" in text(visit("rules"))
    assert f"what run {run_id} was made with" in text(visit("rules", on=str(run_id)))
    assert f"what run {newer} was made with" in text(visit("rules", on="99"))


BY_HAND_SOURCE: tuple[Row, ...] = tuple((None, DAY, 1_000 * n, "EUR", f"Kestrel {n}") for n in (4, 5, 6))
BY_HAND_REFERENCE: tuple[Row, ...] = tuple(
    (None, DAY + timedelta(days=4), row[2], "EUR", row[4]) for row in BY_HAND_SOURCE
)


@pytest.fixture
def taught(engine: Engine, settings: Settings) -> int:
    """A run in which a person matched three pairs that are four days apart."""
    evidence = Evidence(settings.evidence_location())
    run_id = opened(engine, evidence, source=BY_HAND_SOURCE, reference=BY_HAND_REFERENCE)
    for line in (2, 3, 4):
        settle_rows(engine, ask(engine, run_id, SettleMove.MATCH, source=[line], reference=[line]), actor="ana")
    return run_id


def test_a_draft_is_held_against_what_people_decided(visit: Visit, taught: int, tried_here: None) -> None:
    at = visit("rules", d_after="4").button(key="try_button").click().run()
    at = until(at, lambda at: bool(metrics(at)))
    assert not at.exception
    assert "3 matches by hand" in text(at)
    held = at.dataframe[2].value.set_index("")
    assert held.loc["Belong together: booked together", [f"Run {taught}", "Draft"]].tolist() == ["0", "3"]
    assert held.loc["Precision", "Draft"] == "too few to tell (3 of 3)"
    assert at.dataframe[3].value["People"].tolist() == ["As decided"] * 3


def test_what_was_decided_since_is_counted_again_on_request(
    visit: Visit, engine: Engine, taught: int, tried_here: None
) -> None:
    at = visit("rules", d_after="4").button(key="try_button").click().run()
    at = until(at, lambda at: bool(metrics(at)))
    assert "Count again" not in buttons(at)
    undo_settlement(engine, 3, actor="ana")
    at = at.run().button(key="judge_again").click().run()
    at = until(at, lambda at: "2 matches by hand" in text(at))
    assert "Count again" not in buttons(at)


def test_what_people_matched_is_suggested_with_its_effect_and_goes_into_the_draft_by_a_click(
    visit: Visit, engine: Engine, taught: int, tried_here: None
) -> None:
    at = until(visit("rules", rules_view="Suggestions"), lambda at: "newly matched" in text(at))
    assert not at.exception
    assert "Reference later :gray[1] → **4 days**" in text(at)
    assert "3 matches by hand whose reference comes later than the window allows" in text(at)
    assert f"On run {taught}: **3** newly matched, **0** no longer matched, :green[none otherwise" in text(at)
    assert newest_rules(engine, BANK) is None
    (take,) = (button for button in at.button if button.label == "To the draft")
    at = take.click().run()
    assert inputs(at) == (0, "0", 1, 4, 80)
    assert "Nothing to suggest" in text(at)


def test_a_suggestion_is_dismissed_and_shown_again(visit: Visit, taught: int, tried_here: None) -> None:
    at = visit("rules", rules_view="Suggestions")
    (dismiss,) = (button for button in at.button if button.label == "Dismiss")
    at = dismiss.click().run()
    assert "Nothing to suggest" in text(at)
    at = at.button(key="lessons_restore").click().run()
    assert buttons(at) >= {"Dismiss", "To the draft"}
