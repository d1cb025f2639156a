"""The workbench in a real browser: every action by its key and by its button, and taken back."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine, func, select

from recon.model.people import Deed
from recon.model.settlement import SettleMove
from recon.store.engine import connect
from recon.store.evidence import Evidence
from recon.store.people_tables import proposal
from recon.store.settlement_tables import settlement
from recon.store.tables import run
from recon.store.workbench_tables import decision
from recon.workflows.manage_people import set_limits
from recon.workflows.settle_rows import settle_rows
from tests.browser.desk import PATIENCE, Desk, Tab
from tests.workflows.bench import REFERENCE, SOURCE, ask, open_lines, opened
from tests.workflows.sides import DAY, Row

pytestmark = pytest.mark.browser

CHARGEBACK: tuple[Row, ...] = (
    (None, DAY, 4_321, "EUR", "Chargeback"),
    (None, DAY, -4_321, "EUR", "Won dispute"),
)
"""Lines 9 and 10 of the source."""

PAYOUTS: tuple[Row, ...] = tuple(
    (None, DAY + timedelta(days=40 * n), 10_000 + 1_000 * n, "EUR", f"Payout {n}") for n in (1, 2, 3)
)
PARTS: tuple[Row, ...] = tuple(
    (None, DAY + timedelta(days=40 * n), amount, "EUR", f"Part of {n}")
    for n in (1, 2, 3)
    for amount in (4_000 + 300 * n, 6_000 + 700 * n)
)
"""Each payout is two parts: three suggestions, besides that of the sides they are added to."""

HALVES: tuple[Row, ...] = (("PO-7", DAY, 1_100, "GBP", "Half one"), ("PO-7", DAY, 1_300, "GBP", "Half two"))
WHOLE: Row = ("PO-7", DAY, 2_400, "GBP", "Both halves")
"""Lines 14 and 15 of the source, line 13 of the reference: a group that is booked."""


@pytest.fixture
def engine(desk: Desk) -> Iterator[Engine]:
    engine = connect(desk.settings)
    yield engine
    engine.dispose()


@pytest.fixture
def run_id(desk: Desk, engine: Engine) -> int:
    """A run with rows for every action, of a reconciliation of its own: decisions of one test are none of another."""
    name = f"Workbench {uuid.uuid4().hex[:8]}"
    return opened(
        engine,
        Evidence(desk.settings.evidence_location()),
        source=[*SOURCE, *CHARGEBACK, *PAYOUTS, *HALVES, (None, DAY, 1, "CHF", name)],  # the same files are one run
        reference=[*REFERENCE, *PARTS, WHOLE],
        reconciliation=name,
    )


KEYS = {
    "bench_match": "m",
    "bench_split": "s",
    "bench_net": "n",
    "bench_write_off": "w",
    "bench_ignore": "i",
    "bench_undo": "u",
    "bench_propose": "p",
    "bench_step_J": "j",
    "bench_step_K": "k",
    "bench_near_1": "1",
    "suggested_step_J": "j",
    "suggested_confirm": "m",
    "suggested_reject": "x",
    "decided_undo": "u",
}


def press(bench: Tab, button: str) -> None:
    """Press the key of a button, once it may be used."""
    expect(bench.page.locator(f".st-key-{button} button:visible").first).to_be_enabled(timeout=PATIENCE)
    bench.settle()
    bench.page.keyboard.press(KEYS[button])


def leave(bench: Tab, key: str) -> None:
    """Leave a field."""
    bench.page.keyboard.press(key)
    bench.settle()


def click(bench: Tab, key: str) -> None:
    bench.page.locator(f".st-key-{key} button:visible").first.click()


def done(bench: Tab, sentence: str) -> None:
    """It is said in passing; what was said is closed, so that the next is not taken for it."""
    toast = bench.page.get_by_test_id("stToast").filter(has_text=sentence)
    expect(toast.first).to_be_visible(timeout=PATIENCE)
    for _ in range(bench.page.get_by_test_id("stToast").count()):
        bench.page.get_by_test_id("stToast").first.get_by_role("button").first.click()
    expect(bench.page.get_by_test_id("stToast")).to_have_count(0, timeout=PATIENCE)
    bench.settle()


def put_down(bench: Tab) -> None:
    """Say what the difference is, by keys."""
    bench.page.keyboard.press("d")
    expect(bench.page.get_by_role("combobox", name="What the difference is")).to_be_focused()
    bench.page.keyboard.press("ArrowDown")
    bench.page.keyboard.press("Enter")
    bench.settle()


def write(bench: Tab, words: str) -> None:
    """Write a note, by keys, and leave it."""
    bench.page.keyboard.press("t")
    bench.page.keyboard.type(words)
    bench.page.keyboard.press("Enter")
    bench.settle()


def await_keys(bench: Tab) -> None:
    """Until the listener of the keys that no button has is loaded."""
    search = bench.page.locator(".st-key-s_q input")
    for _ in range(60):
        bench.page.keyboard.press("/")
        bench.page.wait_for_timeout(250)
        if search.evaluate("box => box === document.activeElement"):
            break
    expect(search).to_be_focused()


def test_a_row_is_found_and_its_best_partner_taken_by_keys_alone(
    tab: Callable[..., Tab], engine: Engine, run_id: int
) -> None:
    bench = tab()
    page = bench.page
    bench.open(f"/workbench?run={run_id}")
    await_keys(bench)
    page.keyboard.type("100.00")
    bench.shows("1 row", within=".st-key-bench_panes")
    leave(bench, "Enter")
    page.get_by_test_id("stDataFrame").first.click(position={"x": 15, "y": 50})
    expect(page).to_have_url(re.compile("source=4.*near=source-4|near=source-4.*source=4"))
    leave(bench, "Escape")
    bench.shows("Nothing chosen")
    page.locator(".st-key-s_q input").fill("")
    page.locator(".st-key-s_q input").press("Enter")
    bench.settle()
    press(bench, "bench_step_J")
    press(bench, "bench_near_1")
    bench.shows("does not tie out", within=".st-key-bench_bar")
    press(bench, "bench_match")
    bench.shows("say what the difference is", within=".st-key-bench_bar")
    put_down(bench)
    press(bench, "bench_match")
    done(bench, "Matched: 2 rows")
    expect(page).to_have_url(re.compile("source=4"))  # the walk went on
    press(bench, "bench_step_J")
    press(bench, "bench_step_K")
    assert 3 not in open_lines(engine, run_id)["source"]
    press(bench, "bench_undo")
    done(bench, "taken back")
    expect(page).to_have_url(re.compile("source=3.*reference=3|reference=3.*source=3"))  # what was undone is chosen
    assert bench.faults == []
    assert bench.foreign == []


MOVES = (
    ("source=4&reference=4.5.6", "match", "Matched: 4 rows"),
    ("source=4&reference=4", "split", "Split: 2 rows"),
    ("source=9.10", "net", "Netted: 2 rows"),
    ("source=8", "write_off", "Written off: 1 row"),
    ("source=5&reference=3", "ignore", "Ignored: 2 rows"),
)


def test_every_move_is_made_by_its_key_and_its_button_and_taken_back(
    tab: Callable[..., Tab], engine: Engine, run_id: int
) -> None:
    bench = tab("dark")
    before = open_lines(engine, run_id)
    for query, move, said in MOVES:
        bench.open(f"/workbench?run={run_id}&{query}")
        await_keys(bench)
        leave(bench, "Escape")
        for by_hand in (False, True):
            if move == "write_off":
                put_down(bench)
            if move == "ignore":
                write(bench, "A test payment.")
            click(bench, f"bench_{move}") if by_hand else press(bench, f"bench_{move}")
            done(bench, said)
            assert open_lines(engine, run_id) != before
            click(bench, "bench_undo") if by_hand else press(bench, "bench_undo")
            done(bench, "taken back")
            assert open_lines(engine, run_id) == before
    assert bench.faults == []


def test_suggestions_are_confirmed_and_rejected_one_and_many_and_taken_back(
    tab: Callable[..., Tab], engine: Engine, run_id: int
) -> None:
    bench = tab()
    before = open_lines(engine, run_id)
    bench.open(f"/workbench?run={run_id}&view=Suggestions")
    press(bench, "suggested_step_J")
    for button, said in (
        ("suggested_confirm", "Confirmed 1 suggestion"),
        ("suggested_reject", "Rejected 1 suggestion"),
    ):
        bench.shows("1 suggestion ticked")
        press(bench, button)
        done(bench, said)
        press(bench, "bench_undo")
        done(bench, "1 decision taken back")
    for button, said, rows in (("suggested_confirm", "Confirmed 2", (1,)), ("suggested_reject", "Rejected 2", (0, 1))):
        for row in rows:  # of the first two, the keys have left the first one ticked
            bench.page.get_by_test_id("stDataFrame").first.click(position={"x": 15, "y": 50 + 33 * row})
            bench.settle()
        bench.shows("2 suggestions ticked")
        click(bench, button)
        done(bench, said)
        click(bench, "bench_undo")
        done(bench, "2 decisions taken back")
    click(bench, "suggested_all")
    done(bench, "Confirmed 4 suggestions")
    assert open_lines(engine, run_id) != before
    click(bench, "bench_undo")
    done(bench, "4 decisions taken back")
    assert open_lines(engine, run_id) == before
    assert bench.faults == []


def test_booked_matches_are_taken_apart_from_the_matched_rows(
    tab: Callable[..., Tab], engine: Engine, run_id: int
) -> None:
    bench = tab("dark")
    page = bench.page
    for pair, lines in (("2-2", {2}), ("14-13", {14, 15})):
        bench.open(f"/runs?run={run_id}&view=Matches&pair={pair}")
        page.locator(".st-key-take_apart button").click()
        page.get_by_role("textbox", name="Why").fill("Another customer's.")
        page.locator(".st-key-take_apart_now button").click()
        done(bench, "The match is taken apart")
        assert lines <= open_lines(engine, run_id)["source"].keys()
        bench.shows("Taken apart by", within=".st-key-pair")
    bench.open(f"/workbench?run={run_id}&view=Decided")
    page.get_by_test_id("stDataFrame").first.click(position={"x": 15, "y": 50})
    bench.settle()
    press(bench, "decided_undo")
    done(bench, "taken back")
    left = open_lines(engine, run_id)["source"].keys()
    assert ({2} <= left, left & {14, 15}) == (True, set())
    bench.open(f"/runs?run={run_id}&view=Matches&pair=2-2")
    click(bench, "take_apart_undo")
    done(bench, "taken back")
    assert 2 not in open_lines(engine, run_id)["source"]
    assert bench.faults == []


def test_what_is_above_the_limit_is_proposed_from_here(tab: Callable[..., Tab], engine: Engine, run_id: int) -> None:
    bench = tab()
    with engine.connect() as conn:
        own = conn.execute(select(run.c.reconciliation_id).where(run.c.id == run_id)).scalar_one()
    set_limits(engine, Deed.WRITE_OFF, above={"EUR": 100}, reconciliation_id=own, actor="operator")
    try:
        bench.open(f"/workbench?run={run_id}&source=3&reference=3")
        await_keys(bench)
        leave(bench, "Escape")
        put_down(bench)
        press(bench, "bench_match")
        bench.shows("2.00 EUR is more than", within=".st-key-bench_bar")
        press(bench, "bench_propose")
        done(bench, "Proposed")
    finally:
        set_limits(engine, Deed.WRITE_OFF, reconciliation_id=own, actor="operator")
    with engine.connect() as conn:
        asked = conn.execute(select(func.count()).where(proposal.c.subject.contains(f"run {run_id}"))).scalar_one()
    assert (asked, 3 in open_lines(engine, run_id)["source"]) == (1, True)


def test_rows_a_colleague_settled_meanwhile_are_told_and_nothing_is_done(
    tab: Callable[..., Tab], engine: Engine, run_id: int
) -> None:
    bench = tab()
    bench.open(f"/workbench?run={run_id}&source=4&reference=4.5.6")
    bench.shows("ties out")
    settle_rows(engine, ask(engine, run_id, SettleMove.IGNORE, reference=[5], reason="Not ours."), actor="kim")
    press(bench, "bench_match")
    bench.shows("Nothing was done", within=".st-key-bench_bar")
    done(bench, "settled by kim")
    bench.shows("1:2", within=".st-key-bench_bar")
    with engine.connect() as conn:
        query = select(decision.c.actor).join(settlement, settlement.c.decision_id == decision.c.id)
        assert conn.execute(query.where(settlement.c.run_id == run_id)).scalars().all() == ["kim"]
