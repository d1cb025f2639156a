"""A write-off in a browser: shown before it is done, its entry opened, reopened, reversed; posted once it can be."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine, select

from recon.model.outcome import DiscrepancyKind
from recon.store.engine import connect
from recon.store.tables import discrepancy
from recon.store.write_off_tables import write_off
from tests.browser.desk import PATIENCE, Desk, Tab
from tests.builders import Item, published_run
from tests.workflows.books import named_accounts

pytestmark = pytest.mark.browser
PANEL = ".st-key-panel"


@pytest.fixture
def engine(desk: Desk) -> Engine:
    return connect(desk.settings)


@pytest.fixture
def run_id(engine: Engine) -> int:
    """Two discrepancies, 5.00 and 3.00."""
    items = [
        Item(kind=DiscrepancyKind.MISSING_IN_REFERENCE, amount=amount, source_line=place, description=f"Row {place}")
        for place, amount in ((2, 500), (3, 300))
    ]
    return published_run(engine, items, name=f"Write-offs {uuid4().hex[:6]}")


def press(tab: Tab, key: str) -> None:
    tab.settle()
    tab.page.keyboard.press(key)
    tab.settle()


def put_down(tab: Tab, reason: str) -> None:
    """Choose the reason."""
    tab.page.locator(PANEL).get_by_role("combobox", name="Reason").click()
    tab.page.get_by_role("option", name=reason).click()
    tab.settle()


def resolve(tab: Tab) -> None:
    tab.page.locator(PANEL).get_by_role("button", name="Resolve").click()
    tab.settle()


def kept(engine: Engine, run_id: int) -> list[tuple[int | None, int | None]]:
    """Entry and reversal of each write-off of the run, in the order they were made."""
    w = write_off.c
    with engine.connect() as conn:
        query = select(w.entry_id, w.reversal_id).where(w.run_id == run_id).order_by(w.id)
        return [(row.entry_id, row.reversal_id) for row in conn.execute(query)]


def first_id(engine: Engine, run_id: int) -> int:
    with engine.connect() as conn:
        query = select(discrepancy.c.id).where(discrepancy.c.run_id == run_id).order_by(discrepancy.c.id)
        return int(conn.execute(query.limit(1)).scalar_one())


def test_a_write_off_leads_to_its_entry_and_is_reversed_when_it_is_reopened(
    tab: Callable[..., Tab], engine: Engine, run_id: int
) -> None:
    named_accounts(engine, run_id)
    number, one = first_id(engine, run_id), tab()
    one.open(f"/triage?run={run_id}&sort=id&d={number}")
    one.shows("Row 2", within=PANEL)
    put_down(one, "Written off")
    one.shows("Posts 5.00 EUR", within=PANEL)
    resolve(one)
    ((entry_id, _),) = kept(engine, run_id)
    one.shows(f"Posted entry {entry_id}.")
    one.open(f"/triage?run={run_id}&d={number}")
    one.page.locator(PANEL).get_by_role("link", name=f"Entry {entry_id}").click()
    one.page.wait_for_url("**/ledger*", timeout=PATIENCE)
    one.shows(f"#{entry_id}", within=PANEL)
    expect(one.page.get_by_role("button", name="Reverse")).to_have_count(0)
    one.page.locator(PANEL).get_by_role("link", name=f"#{number} written off").click()
    one.page.wait_for_url("**/triage*", timeout=PATIENCE)
    one.shows("In the books", within=PANEL)
    press(one, "e")
    ((_, reversal_id),) = kept(engine, run_id)
    one.shows(f"Reversed by entry {reversal_id}")
    one.shows(f"Reversed by {reversal_id}", within=PANEL)
    assert one.faults == []


def test_what_could_not_be_posted_is_posted_from_the_ledger_once_accounts_are_named(
    tab: Callable[..., Tab], engine: Engine, run_id: int
) -> None:
    one = tab()
    one.open(f"/triage?run={run_id}&sort=id&d={first_id(engine, run_id)}")
    one.shows("Row 2", within=PANEL)
    put_down(one, "Written off")
    one.shows("no accounts are named", within=PANEL)
    resolve(one)
    assert kept(engine, run_id) == [(None, None)]
    named_accounts(engine, run_id)
    one.open("/ledger?tab=Write-offs")
    one.page.locator(".st-key-waiting_write_offs").get_by_role("button", name="Post 1 now").first.click()
    one.settle()
    ((entry_id, _),) = kept(engine, run_id)
    one.shows(f"#{entry_id}", within=PANEL)
    assert one.faults == []


def test_a_correction_is_put_down_to_the_entry_that_made_it(
    tab: Callable[..., Tab], engine: Engine, run_id: int
) -> None:
    named_accounts(engine, run_id)
    number, one = first_id(engine, run_id), tab()
    one.open(f"/triage?run={run_id}&sort=id&d={number}")
    one.shows("Row 2", within=PANEL)
    put_down(one, "Adjusted in the books")
    one.shows("Posts 5.00 EUR", within=PANEL)
    one.page.locator(PANEL).get_by_role("button", name="How", exact=True).click()
    one.page.get_by_text("Elsewhere", exact=True).click()
    one.settle()
    one.shows("Corrected elsewhere", within=PANEL)
    press(one, "Escape")
    resolve(one)
    one.shows("Say in the comment where it was corrected", within=PANEL)
    assert kept(engine, run_id) == []
