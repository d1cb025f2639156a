"""A fault from the board to its cure in a real browser: made red, followed to the entry, reversed, made green."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import expect
from sqlalchemy import create_engine, text

from recon.model.ledger import AccountType, LedgerEvent
from recon.store.engine import connect, database_url
from tests.browser.desk import PATIENCE, Desk, Tab
from tests.ledger.builders import Ledger

pytestmark = pytest.mark.browser

CHECK = "source_txn_uniqueness"
CELL = f".st-key-open_{CHECK}_uae"
PANEL = ".st-key-panel"


@pytest.fixture
def booked_twice(desk: Desk) -> LedgerEvent:
    """An entry that names the transaction of an earlier one: the ledger refuses that of all but the tables' owner."""
    ledger, word = Ledger(connect(desk.settings)), uuid4().hex[:6]
    house = ledger.open(AccountType.LIABILITY, overdraft=True, metadata={"name": f"House {word}"})
    client = ledger.open(metadata={"name": f"Client {word}"})
    first = ledger.transfer(house, client, "250", source_system="bank", source_txn_id=f"B1-{word}")
    ledger.transfer(house, client, "250", source_system="bank", source_txn_id=f"B2-{word}")
    owner = create_engine(database_url(desk.settings))
    with owner.begin() as conn:
        conn.execute(
            text(
                "alter table journal_entry drop constraint if exists journal_entry_book_source_system_source_txn_id_key"
            )
        )
        again = {"first": f"B1-{word}", "second": f"B2-{word}"}
        conn.execute(text("update journal_entry set source_txn_id = :first where source_txn_id = :second"), again)
    owner.dispose()
    return first


def test_a_bad_entry_turns_the_board_red_and_its_reversal_green(
    tab: Callable[..., Tab], booked_twice: LedgerEvent
) -> None:
    desk = tab()
    page = desk.page
    desk.open("/integrity")
    page.locator(".st-key-run_A button:visible").click()
    expect(page.locator(CELL).filter(has_text="Fails · 1").first).to_be_visible(timeout=PATIENCE)
    desk.settle()

    page.locator(f"{CELL} button:visible").click()
    desk.settle()
    desk.shows("A transaction of a source system is booked once.")
    page.get_by_test_id("stDataFrame").first.click(position={"x": 60, "y": 33 + 16})
    desk.settle()
    page.locator(PANEL).get_by_role("link", name=f"Entry {booked_twice.id}").click()

    expect(page.get_by_role("heading", name="Ledger")).to_be_visible(timeout=PATIENCE)
    desk.settle()
    desk.click("Reverse", within=PANEL)
    page.locator(PANEL).get_by_label("Reason").fill("Booked twice")
    page.locator(".st-key-reversal").get_by_role("button", name="Reverse").click()
    desk.settle()
    desk.shows(f"Reverses entry {booked_twice.id}", within=PANEL)

    page.get_by_role("link", name="Integrity").click()
    desk.settle()
    desk.click("Run failed")
    expect(page.locator(CELL).filter(has_text="Holds").first).to_be_visible(timeout=PATIENCE)
    desk.open("/variances?fixed=true")
    desk.shows("1 variance fixed")
    assert desk.faults == []
    assert desk.foreign == []
