"""The Variances page: what is open over all checks, filtered by the URL, classified once, gone when it is fixed."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

from recon.model.checks import CheckBook, VarianceClass
from recon.queries.variances import VarianceFilter, VarianceRow, variance_detail, variance_page
from recon.workflows.say_about_variance import say_about_variance
from tests.pages.conftest import Visit
from tests.pages.shown import metrics, text
from tests.queries.test_checks import off, ran

EVIL = "![n](http://evil.example/n.png)"


@pytest.fixture
def rows(engine: Engine) -> tuple[VarianceRow, ...]:
    """Three of two checks: one all on its way, one in India whose customer has a hostile name."""
    ran(engine, "gtn_ledger_recon", off("C1", -150), off("C2", 70, explained=70))
    ran(engine, "viewtrade_ledger_recon", off(EVIL, 1_200, "EUR"), book=CheckBook.INDIA)
    return variance_page(engine, VarianceFilter())


def about(at: AppTest) -> list[str]:
    found: Any = next((frame.value for frame in at.dataframe if "About" in frame.value), None)
    return [] if found is None else [line.removesuffix(" · USD") for line in found["About"]]


def say(at: AppTest, said: VarianceClass | None, comment: str) -> AppTest:
    if said is not None:
        next(c for c in at.segmented_control if c.label == "What lies behind it").set_value(said)
    next(area for area in at.text_area if area.label == "Comment").set_value(comment)
    return next(button for button in at.button if button.label == "Save").click().run()


def test_before_anything_was_found_the_page_says_so(visit: Visit) -> None:
    at = visit("variances")
    assert not at.exception
    assert "No check has found anything" in text(at)


@pytest.mark.usefixtures("rows")
def test_everything_open_is_listed_with_its_figures(visit: Visit) -> None:
    at = visit("variances")
    assert not at.exception
    assert about(at) == ["C1", "C2", EVIL]
    assert metrics(at)["Open variances"] == "3"
    assert metrics(at)["Not classified"] == "3"
    assert at.metric[0].delta == "1"


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"checks": "GTN ledger recon"}, ["C1", "C2"]),
        ({"books": "India"}, [EVIL]),
        ({"units": "EUR"}, [EVIL]),
        ({"unexplained": "true"}, ["C1", EVIL]),
        ({"about": "C2"}, ["C2"]),
        ({"classes": "Timing"}, []),
        ({"classes": "Not classified", "order": "Largest first"}, [EVIL, "C1", "C2"]),
        ({"age": "Over a day"}, []),
        ({"fixed": "true"}, []),
        ({"checks": "nonsense", "books": "mars", "d": "x"}, ["C1", "C2", EVIL]),
    ],
)
@pytest.mark.usefixtures("rows")
def test_the_url_filters(visit: Visit, query: dict[str, str], names: list[str]) -> None:
    at = visit("variances", **query)
    assert not at.exception
    assert about(at) == names


def test_a_class_and_a_comment_are_saved_and_shown(visit: Visit, engine: Engine, rows: tuple[VarianceRow, ...]) -> None:
    at = visit("variances", d=str(rows[0].id))
    assert at.subheader[0].value == "C1"
    at = say(at, VarianceClass.TIMING, "Comes tomorrow.")
    assert not at.exception
    detail = variance_detail(engine, rows[0].id)
    assert (detail.variance.variance_class, detail.events[0].comment) == (VarianceClass.TIMING, "Comes tomorrow.")
    assert "timing" in text(at)
    assert "Comes tomorrow" in text(at)


def test_a_class_somebody_else_set_meanwhile_is_not_overwritten(
    visit: Visit, engine: Engine, rows: tuple[VarianceRow, ...]
) -> None:
    at = visit("variances", d=str(rows[0].id))
    say_about_variance(
        engine,
        rows[0].id,
        variance_class=VarianceClass.CODE_ISSUE,
        comment="",
        seen_version=rows[0].version,
        action_key="theirs",
        actor="bo",
    )
    at = say(at, VarianceClass.TIMING, "")
    assert "bo changed this variance meanwhile" in text(at)
    assert variance_detail(engine, rows[0].id).variance.variance_class is VarianceClass.CODE_ISSUE


def test_what_is_fixed_leaves_the_list_and_is_found_under_fixed(
    visit: Visit, engine: Engine, rows: tuple[VarianceRow, ...]
) -> None:
    ran(engine, "gtn_ledger_recon", off("C1", -150))
    assert about(visit("variances")) == ["C1", EVIL]
    at = visit("variances", fixed="true", d=str(rows[1].id))
    assert about(at) == ["C2"]
    assert "Fixed" in text(at)


def test_a_variance_that_is_not_there_is_said(visit: Visit, rows: tuple[VarianceRow, ...]) -> None:
    at = visit("variances", d=str(rows[-1].id + 1))
    assert not at.exception
    assert any("There is no variance" in str(warning.value) for warning in at.warning)
