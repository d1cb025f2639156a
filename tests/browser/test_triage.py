"""The Triage page in a real browser: every action once, most of them by their keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Download, expect
from sqlalchemy import Engine, select

from recon.model.outcome import DiscrepancyKind
from recon.store.engine import connect
from recon.store.tables import discrepancy
from tests.browser.desk import PATIENCE, Desk, Tab
from tests.builders import Item, published_run
from tests.workflows.sheets import edited

pytestmark = pytest.mark.browser
PANEL = ".st-key-panel"


@pytest.fixture
def engine(desk: Desk) -> Engine:
    return connect(desk.settings)


@pytest.fixture
def run_id(engine: Engine) -> int:
    """Twelve discrepancies, the largest first by id."""
    items = [
        Item(kind=DiscrepancyKind.DUPLICATE, amount=10_000 * n, payment_ref=f"PAY-{n:02d}", description=f"Order {n}")
        for n in range(12, 0, -1)
    ]
    return published_run(engine, items, name=f"Triage {uuid4().hex[:6]}")


def standing(engine: Engine, run_id: int) -> list[tuple[str, str | None, str | None]]:
    """Status, resolution and assignee of every discrepancy of the run, by id."""
    columns = (discrepancy.c.status, discrepancy.c.resolution, discrepancy.c.assignee)
    with engine.connect() as connection:
        found = connection.execute(select(*columns).where(discrepancy.c.run_id == run_id).order_by(discrepancy.c.id))
        return [(row.status, row.resolution, row.assignee) for row in found]


def press(desk: Tab, key: str) -> None:
    desk.settle()  # a key pressed while the page is being drawn belongs to nobody
    desk.page.keyboard.press(key)
    desk.settle()


def open_first(desk: Tab) -> None:
    """Open the first of the queue by its key, which is heard once all parts of the page have been drawn once."""
    desk.shows("Pick a discrepancy")
    desk.page.wait_for_timeout(700)
    for _ in range(3):
        press(desk, "j")
        try:
            expect(desk.page.locator(PANEL).get_by_text("Order 12").first).to_be_visible(timeout=PATIENCE // 3)
        except AssertionError:
            continue
        return
    raise AssertionError("J opens nothing")


def test_a_queue_is_worked_through_by_keys_and_taken_back(tab: Callable[..., Tab], engine: Engine, run_id: int) -> None:
    desk = tab()
    page = desk.page
    desk.open(f"/triage?run={run_id}&sort=id")
    open_first(desk)
    press(desk, "a")
    assert standing(engine, run_id)[0] == ("open", None, "operator")
    press(desk, "j")
    page.keyboard.press("n")
    page.keyboard.type("Looks like a fee, 1 e a u.")  # letters are letters while somebody writes
    press(desk, "Control+Enter")
    desk.shows("Looks like a fee, 1 e a u.", within=PANEL)
    press(desk, "k")
    desk.shows("Order 12", within=PANEL)
    page.go_back()
    desk.shows("Order 11", within=PANEL)
    press(desk, "k")
    page.keyboard.press("7")
    press(desk, "e")  # at once: the reason of the key before holds
    assert standing(engine, run_id)[0] == ("resolved", "fee", "operator")
    assert standing(engine, run_id)[1] == ("open", None, None)
    press(desk, "?")
    desk.shows("leave the field")
    press(desk, "Escape")
    press(desk, "u")
    assert standing(engine, run_id)[0] == ("open", None, "operator")
    page.locator(".st-key-view").get_by_text("Mine 1").click()
    desk.settle()
    desk.shows("1 discrepancy")
    assert "sort=due" in page.url
    page.locator(".st-key-saved_views button").first.click()
    page.get_by_role("textbox", name="Keep these filters as").fill("My own")
    page.get_by_role("button", name="Save view").click()
    desk.settle()
    press(desk, "Escape")  # the menu stays open until it is left
    page.locator(".st-key-view").get_by_text("Open 12").click()
    desk.settle()
    page.locator(".st-key-saved_views button").first.click()
    page.get_by_role("button", name="My own").click()
    desk.settle()
    desk.shows("1 discrepancy")
    assert desk.faults == []


def test_all_of_a_filter_is_decided_after_it_was_shown(tab: Callable[..., Tab], engine: Engine, run_id: int) -> None:
    desk = tab()
    page = desk.page
    desk.open(f"/triage?run={run_id}")
    desk.click("Decide on all 12")
    page.locator(PANEL).get_by_role("combobox", name="Reason").click()
    page.get_by_role("option", name="Rounding").click()
    desk.settle()
    desk.click("Resolve all …")
    desk.shows("Resolve 12 discrepancies?", within=PANEL)
    assert {status for status, *_ in standing(engine, run_id)} == {"open"}
    press(desk, "Control+Enter")
    assert {row[:2] for row in standing(engine, run_id)} == {("resolved", "rounding")}
    desk.shows("Nothing is open")
    press(desk, "u")
    assert {row[:2] for row in standing(engine, run_id)} == {("open", None)}
    assert desk.faults == []


def test_the_queue_goes_to_excel_and_comes_back(
    tab: Callable[..., Tab], engine: Engine, run_id: int, tmp_path: Path
) -> None:
    desk = tab()
    page = desk.page
    desk.open(f"/triage?run={run_id}&sort=id")
    page.locator(".st-key-sheet button").first.click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the queue to edit").click()
    back = tmp_path / "back.xlsx"
    back.write_bytes(edited(_content(download.value), {2: {"reason": "fee"}, 3: {"reason": "magic"}}))
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(back)
    expect(page.get_by_text("12 rows came back: 1 applied, 10 unchanged, 1 not done")).to_be_visible(timeout=PATIENCE)
    assert standing(engine, run_id)[0][:2] == ("resolved", "fee")
    assert desk.faults == []


def test_matching_by_hand_leads_to_the_workbench(tab: Callable[..., Tab], run_id: int) -> None:
    desk = tab()
    desk.open(f"/triage?run={run_id}&sort=id")
    open_first(desk)
    press(desk, "m")
    desk.page.wait_for_url(f"**/workbench?run={run_id}&source=2*", timeout=PATIENCE)


def _content(download: Download) -> bytes:
    return download.path().read_bytes()
