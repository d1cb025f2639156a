"""The workbench in a real browser: every action once, by key or by click, and taken back."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from recon.store.engine import connect
from recon.store.evidence import Evidence
from tests.browser.desk import PATIENCE, Desk, Tab
from tests.workflows.bench import REFERENCE, SOURCE, open_lines, opened
from tests.workflows.sides import DAY

pytestmark = pytest.mark.browser


@pytest.fixture
def run_id(desk: Desk) -> int:
    """A run with a payout and its parts, a difference, a charge and its reversal, and rows without a partner."""
    engine, evidence = connect(desk.settings), Evidence(desk.settings.evidence_location())
    more = ((None, DAY, 4_321, "EUR", "Chargeback"), (None, DAY, -4_321, "EUR", "Won dispute"))
    number = opened(engine, evidence, source=[*SOURCE, *more], reference=REFERENCE)
    engine.dispose()
    return number


def press(desk: Tab, move: str) -> None:
    """Press the key of a move, once its button is there and may be used."""
    expect(desk.page.locator(f".st-key-bench_{move} button:visible").first).to_be_enabled(timeout=PATIENCE)
    desk.settle()
    desk.page.keyboard.press(move[0].upper())


def done(desk: Tab, sentence: str) -> None:
    expect(desk.page.get_by_test_id("stToast").filter(has_text=sentence).first).to_be_visible(timeout=PATIENCE)
    desk.settle()


def test_every_move_is_made_by_its_key(tab: Callable[..., Tab], desk: Desk, run_id: int) -> None:
    bench = tab()
    page = bench.page
    bench.open(f"/workbench?run={run_id}")
    search = page.locator(".st-key-s_q input")
    for _ in range(60):  # until the listener is loaded
        page.keyboard.press("/")
        page.wait_for_timeout(500)
        if search.evaluate("box => box === document.activeElement"):
            break
    expect(search).to_be_focused()
    page.keyboard.type("100.00")
    bench.shows("1 row", within=".st-key-bench_panes")
    grid = page.get_by_test_id("stDataFrame").first
    grid.click(position={"x": 15, "y": 50})
    bench.shows("1:0", within=".st-key-bench_bar")
    expect(page).to_have_url(re.compile("source=4.*near=source-4|near=source-4.*source=4"))
    page.keyboard.press("Escape")
    bench.shows("Nothing chosen")
    for query, move, said in (
        ("source=4&reference=4", "split", "Split: 2 rows"),
        ("source=4&reference=5.6", "match", "Matched: 3 rows"),
    ):
        bench.open(f"/workbench?run={run_id}&{query}")
        press(bench, move)
        done(bench, said)
    page.keyboard.press("U")
    done(bench, "taken back")
    engine = connect(desk.settings)
    assert open_lines(engine, run_id)["source"][4] == 6_000
    bench.open(f"/workbench?run={run_id}&source=9.10")
    press(bench, "net")
    done(bench, "Netted: 2 rows")
    bench.open(f"/workbench?run={run_id}&source=5")
    page.get_by_role("textbox", name="Note").fill("A test payment.")
    page.keyboard.press("Enter")
    bench.settle()
    page.locator(".st-key-bench_ignore button:visible").first.click()
    done(bench, "Ignored: 1 row")
    assert {5, 9, 10}.isdisjoint(open_lines(engine, run_id)["source"])
    engine.dispose()
    assert bench.faults == []
    assert bench.foreign == []


def test_a_booked_match_is_taken_apart_from_the_matched_rows(tab: Callable[..., Tab], desk: Desk, run_id: int) -> None:
    bench = tab("dark")
    page = bench.page
    bench.open(f"/runs?run={run_id}&view=Matches&pair=2-2")
    page.locator(".st-key-take_apart button").click()
    page.get_by_role("textbox", name="Why").fill("Another customer's.")
    page.locator(".st-key-take_apart_now button").click()
    done(bench, "The match is taken apart")
    engine = connect(desk.settings)
    assert 2 in open_lines(engine, run_id)["source"]
    engine.dispose()
    assert bench.faults == []
