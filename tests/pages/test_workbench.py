"""The workbench as a person works with it: rows chosen on both sides, settled, and taken back."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

from recon.store.evidence import Evidence
from recon.ui.workbench import decided, suggested
from tests.pages.conftest import Visit
from tests.pages.shown import buttons, text
from tests.workflows.bench import open_lines, opened, statuses


@pytest.fixture
def evidence(evidence_url: str) -> Evidence:
    return Evidence(evidence_url)


@pytest.fixture
def run_id(engine: Engine, evidence: Evidence) -> int:
    return opened(engine, evidence)


def tick(at: AppTest, key: str, *places: int) -> AppTest:
    at.session_state[at.session_state[key]] = {"selection": {"rows": list(places), "columns": [], "cells": []}}
    return at.run()


def press(at: AppTest, label: str) -> AppTest:
    return next(button for button in at.button if button.label == label).click().run()


def is_disabled(at: AppTest, label: str) -> bool:
    return next(button for button in at.button if button.label == label).disabled


def at_warning(at: AppTest) -> str:
    (box,) = at.warning
    return str(box.value)


def lines(at: AppTest, place: int) -> list[str]:
    return list(at.dataframe[place].value["Line"])


def test_before_the_first_run_it_says_what_to_do(visit: Visit) -> None:
    assert "Reconcile two files" in buttons(visit("workbench"))


def test_both_sides_show_what_is_open(visit: Visit, run_id: int) -> None:
    at = visit("workbench")
    assert not at.exception
    assert (sorted(lines(at, 0)), sorted(lines(at, 1))) == (["3", "4", "5", "6", "7", "8"], ["3", "4", "5", "6"])


def test_chosen_rows_are_in_the_url_summed_and_matched(visit: Visit, engine: Engine, run_id: int) -> None:
    at = visit("workbench", source="4", reference="4.5.6", near="source-4")
    assert not at.exception
    assert "Difference **0\\.00 EUR** :green-badge[ties out]" in text(at)
    assert at.dataframe[1].value["Near"].iloc[0] == "45.00 less, same day"
    press(at, "Match")
    assert ("resolved", "matched") in statuses(engine, run_id).values()
    assert "source" not in at.query_params
    press(at, "Undo decision 1")
    assert open_lines(engine, run_id)["source"][4] == 10_000


def test_a_difference_is_matched_only_with_a_reason(visit: Visit, engine: Engine, run_id: int) -> None:
    at = visit("workbench", source="3", reference="3")
    assert "differ by 2\\.00 EUR" in text(at)
    assert "say what the difference is" in at_warning(press(at, "Match"))
    next(box for box in at.selectbox if box.label == "What the difference is").select("fee").run()
    press(at, "Match, write off the rest")
    assert ("resolved", "written_off") in statuses(engine, run_id).values()


def test_a_row_that_is_settled_already_is_no_choice_any_more(visit: Visit, run_id: int) -> None:
    at = visit("workbench", source="2.4x.99999", reference="1e3")
    assert "Nothing chosen" in text(at)
    assert is_disabled(at, "Match")


@pytest.mark.parametrize(
    ("query", "count"), [({"s_q": "kestrel"}, 0), ({"s_q": "60.00"}, 1), ({"s_ccy": "JPY"}, 1), ({"s_min": "60"}, 3)]
)
def test_each_side_is_searched_and_filtered_by_itself(
    visit: Visit, run_id: int, query: dict[str, str], count: int
) -> None:
    at = visit("workbench", **query)
    assert [len(grid.value) for grid in at.dataframe] == ([count, 4] if count else [4])


def test_suggestions_are_confirmed_and_decisions_taken_back(visit: Visit, engine: Engine, run_id: int) -> None:
    at = visit("workbench", view="Suggestions")
    assert list(at.dataframe[0].value["Rows"]) == ["1:3"]
    press(tick(at, suggested.GRID_KEY, 0), "Confirm")
    assert ("resolved", "matched") in statuses(engine, run_id).values()
    at = visit("workbench", view="Decided")
    assert list(at.dataframe[0].value["Decision"]) == ["Matched by hand"]
    press(tick(at, decided.GRID_KEY, 0), "Take decision 1 back")
    assert ("resolved", "matched") not in statuses(engine, run_id).values()


def test_keys_walk_through_the_source_one_row_at_a_time(visit: Visit, run_id: int) -> None:
    at = press(visit("workbench"), "Next")
    first = at.query_params["source"]
    assert (at.query_params["near"], "**1\\:0** chosen" in text(at)) == (f"source-{first}", True)
    assert press(at, "Next").query_params["source"] != first
    assert "Nothing chosen" in text(at.button(key="bench_clear").click().run())
