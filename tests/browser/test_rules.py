"""Rules in a real browser: a draft is tried out in a process of its own, saved as a version, and taken up by a run."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from recon.model.rules import Rules
from recon.model.transactions import Side
from recon.store.engine import connect
from recon.store.evidence import Evidence
from recon.workflows.read_upload import read_upload
from recon.workflows.receive_upload import receive_upload
from recon.workflows.run_in_foreground import finish_run
from recon.workflows.start_run import start_run
from tests.browser.desk import PATIENCE, Desk, Tab

pytestmark = pytest.mark.browser

NAME = "Shop vs bank"
HEADER = "date,amount,currency,description"


@pytest.fixture
def run_id(desk: Desk, tmp_path: Path) -> int:
    """A published run in which the bank booked one of two payments three days later."""
    files = {
        Side.SOURCE: ["2026-03-02,10.00,EUR,Kestrel Energy", "2026-03-02,25.00,EUR,Marlow and Sons"],
        Side.REFERENCE: ["2026-03-02,10.00,EUR,Kestrel Energy", "2026-03-05,25.00,EUR,Marlow and Sons"],
    }
    engine, evidence = connect(desk.settings), Evidence(desk.settings.evidence_location())
    sides = {}
    for side, rows in files.items():
        path = tmp_path / f"{side}.csv"
        path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
        receipt = receive_upload(engine, evidence, path, filename=path.name, actor="operator")
        sides[side] = read_upload(engine, evidence, receipt.upload.id)
    run = start_run(engine, evidence, reconciliation=NAME, sides=sides, rules=Rules(), actor="operator")
    assert finish_run(engine, evidence, run.run_id, lease_seconds=60).status == "succeeded"
    engine.dispose()
    return run.run_id


def test_a_draft_is_tried_out_saved_and_where_the_next_run_starts(tab: Callable[..., Tab], run_id: int) -> None:
    desk = tab()
    page = desk.page
    desk.open(f"/rules?for={NAME.replace(' ', '+')}")
    desk.shows(f"The draft is what run {run_id} was made with")
    later = page.locator(".st-key-d_after input")
    later.fill("3")
    later.press("Enter")
    desk.shows("Not tried out yet")
    desk.click("Try it out")
    desk.shows("Newly matched 1")
    desk.shows("1 currency ties out")
    expect(page).to_have_url(re.compile("d_after=3"))
    page.get_by_role("button", name="Save as version 1").click()
    page.locator(".st-key-rules_note textarea").fill("The bank needs three days")
    page.locator(".st-key-rules_save button").click()
    desk.shows("The draft is version 1, unchanged")
    page.get_by_text("Versions", exact=True).click()
    desk.shows("The bank needs three days", within=".st-key-versions")
    desk.open(f"/reconcile?name={NAME.replace(' ', '+')}")
    desk.shows("Version 1 of this reconciliation")
    expect(page.locator(".st-key-after input")).to_have_value("3", timeout=PATIENCE)
    assert desk.faults == []
    assert desk.foreign == []
