"""A reconciliation's definition in a real browser: its owners, and the newest files in one click."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from recon.model.rules import Rules
from recon.model.transactions import Side
from recon.workflows.open_stores import open_stores
from recon.workflows.read_for_feed import read_for_feed
from recon.workflows.receive_upload import receive_upload
from recon.workflows.run_in_foreground import finish_run
from recon.workflows.start_run import start_run
from tests.browser.desk import PATIENCE, Desk, Tab

pytestmark = pytest.mark.browser

NAME = "Wallet vs bank"


def send(desk: Desk, folder: Path, month: str, *, is_run: bool) -> None:
    """Both sides' files of a month come; they are run, or wait."""
    engine, evidence = open_stores(desk.settings)
    sides = {}
    for side in Side:
        path = folder / f"{month}-{side}.csv"
        path.write_text(f"date,description,amount,currency\n2026-03-31,{month} {side},5.00,EUR\n")
        upload = receive_upload(engine, evidence, path, filename=path.name, actor="operator").upload
        sides[side] = read_for_feed(engine, evidence, upload.id, feed=f"{NAME} / {side}", actor="operator").stored
    if is_run:
        run = start_run(engine, evidence, reconciliation=NAME, sides=sides, rules=Rules(), actor="operator")
        finish_run(engine, evidence, run.run_id, lease_seconds=60)
    engine.dispose()


def test_owners_are_named_and_the_newest_files_are_run_in_one_click(
    tab: Callable[..., Tab], desk: Desk, tmp_path: Path
) -> None:
    send(desk, tmp_path, "march", is_run=True)
    opened = tab()
    opened.open(f"/settings?section=Reconciliations&of={NAME.replace(' ', '+')}")
    opened.shows("march-source.csv", within=".st-key-definition")
    opened.page.locator(".st-key-owners_menu button").first.click()
    opened.page.get_by_role("combobox", name="Owners").fill("operator")
    opened.page.keyboard.press("Enter")
    opened.page.keyboard.press("Escape")
    opened.page.locator(".st-key-owners_save button").click()
    opened.settle()
    opened.click("Run newest files", within=".st-key-definition")
    opened.shows("Nothing new has come: this run did the newest files already.")
    send(desk, tmp_path, "april", is_run=False)
    opened.open("/")
    opened.shows("yours first", within=".st-key-standings_card")
    opened.open(f"/reconcile?name={NAME.replace(' ', '+')}")
    opened.shows("Newest: april-source.csv and april-reference.csv")
    opened.click("Run newest files")
    expect(opened.page).to_have_url(re.compile(r"/runs\?run=\d+"), timeout=PATIENCE)
    expect(opened.page.get_by_text("Nothing new has come")).to_have_count(0)
    opened.shows("Open in triage")
    assert not opened.faults
    assert not opened.foreign
