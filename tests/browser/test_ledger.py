"""The Ledger page in a real browser: a click opens, a form posts once, a reversal leads there and back."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine

from recon.model.ledger import AccountType
from recon.queries.ledger import JournalFilter, entry_page
from recon.store.engine import connect
from tests.browser.desk import PATIENCE, Desk, Tab
from tests.ledger.builders import Ledger

pytestmark = pytest.mark.browser
PANEL = ".st-key-panel"
EVIL = "![n](http://evil.example/n.png)"


@pytest.fixture
def engine(desk: Desk) -> Engine:
    return connect(desk.settings)


@pytest.fixture
def accounts(engine: Engine) -> dict[str, UUID]:
    """A float, a customer with 500.00, and one whose name wants to be more than text."""
    ledger = Ledger(engine)
    word = uuid4().hex[:6]
    found = {
        "float": ledger.open(AccountType.LIABILITY, overdraft=True, metadata={"name": f"Float {word}"}),
        "alice": ledger.open(metadata={"name": f"Alice {word}"}),
        "evil": ledger.open(metadata={"name": f"{EVIL} {word}"}),
    }
    ledger.transfer(found["float"], found["alice"], "500")
    ledger.transfer(found["alice"], found["evil"], "1", metadata={EVIL: EVIL})
    return found


def test_a_transfer_is_posted_opened_and_reversed(
    tab: Callable[..., Tab], engine: Engine, accounts: dict[str, UUID]
) -> None:
    desk = tab()
    page = desk.page
    desk.open(f"/ledger?account={accounts['evil']}")
    desk.shows("![n](http", within=PANEL)
    desk.open("/ledger?tab=Accounts&types=Liability")
    page.get_by_test_id("stDataFrame").first.click(position={"x": 60, "y": 50})
    desk.settle()
    desk.shows("Latest entries", within=PANEL)
    assert "account=" in page.url
    desk.click("Transfer")
    for label, name in (("From", "Alice"), ("Into", "Float")):
        box = page.get_by_role("combobox", name=label, exact=True)
        box.click()
        box.fill(name)
        box.press("Enter")
        desk.settle()
    page.get_by_role("textbox", name="Amount, USD").fill("120.50")
    page.locator(PANEL).get_by_role("button", name="Transfer", exact=True).dblclick()  # without leaving the field first
    desk.settle()
    desk.shows("120.50 USD", within=PANEL)
    mine = JournalFilter(account_id=accounts["alice"])
    assert [max(line.amount for line in row.lines) for row in entry_page(engine, mine, limit=9, offset=0)].count(
        12050
    ) == 1
    desk.click("Reverse", within=PANEL)
    page.locator(PANEL).get_by_label("Reason").fill("Sent twice")
    page.locator(".st-key-reversal").get_by_role("button", name="Reverse").click()
    desk.settle()
    desk.shows("Reverses entry", within=PANEL)
    page.locator(PANEL).get_by_role("button", name="Reverses entry").click()
    desk.settle()
    expect(page.locator(PANEL).get_by_role("button", name="Reversed by entry")).to_be_visible(timeout=PATIENCE)
    for view in ("Trial balance", "Journal", "Customers", "Events"):
        page.get_by_role("radio", name=view).or_(page.get_by_role("button", name=view, exact=True)).first.click()
        desk.settle()
    desk.open("/ledger?tab=Trial+balance")
    page.get_by_test_id("stDataFrame").first.click(position={"x": 60, "y": 50})  # its first line: liabilities
    desk.settle()
    one_or_more = page.locator(".st-key-ledger").get_by_text(re.compile(r"\d+ accounts?")).first
    expect(one_or_more).to_be_visible(timeout=PATIENCE)
    assert desk.faults == []
    assert desk.foreign == []
