"""Feeds in a real browser: a gap in the balances is seen, and a large file shows at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from recon.store.engine import connect
from recon.store.evidence import Evidence
from recon.workflows.head_of_upload import WORTH_A_HEAD_BYTES
from recon.workflows.read_for_feed import read_for_feed
from recon.workflows.receive_upload import receive_upload
from tests.browser.desk import PATIENCE, Desk, Tab

pytestmark = pytest.mark.browser

NAME = "Till vs bank"
HEADER = "date,description,amount,balance,currency\n"


@pytest.fixture
def feed(desk: Desk, tmp_path: Path) -> str:
    """A feed of two files, between which 5.00 EUR moved."""
    name = f"{NAME} / source"
    engine, evidence = connect(desk.settings), Evidence(desk.settings.evidence_location())
    for month, opening in ((3, 100), (4, 108)):
        path = tmp_path / f"till_{month}.csv"
        rows = [f"2026-{month:02d}-{day:02d},Sale,1.00,{opening + day - 1}.00,EUR\n" for day in (2, 3, 4)]
        path.write_text(HEADER + "".join(rows), encoding="utf-8")
        receipt = receive_upload(engine, evidence, path, filename=path.name, actor="operator")
        read_for_feed(engine, evidence, receipt.upload.id, feed=name, actor="operator")
    engine.dispose()
    return name


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_gap_shows_and_every_view_opens_without_a_complaint(tab: Callable[..., Tab], feed: str, scheme: str) -> None:
    desk = tab(scheme=scheme)
    desk.open(f"/feeds?feed={feed.replace(' ', '+')}")
    desk.shows("5.00 EUR moved in between")
    expect(desk.page.locator(".st-key-strip_chart .barlayer .point")).to_have_count(3, timeout=PATIENCE)
    for view in ("Mapping", "Arrival", "Files"):
        desk.page.get_by_role("radio", name=view).click()
        desk.settle()
        expect(desk.page).to_have_url(re.compile(f"view={view}") if view != "Files" else re.compile("feeds"))
    assert desk.faults == desk.foreign == []


def test_the_first_rows_of_a_large_file_show_while_it_is_read(tab: Callable[..., Tab], tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    row = "2026-03-02,INV-{:08d},Payment of an order of a customer,10.00,EUR\n"
    count = 4 * WORTH_A_HEAD_BYTES // len(row)
    path.write_text("date,reference,description,amount,currency\n" + "".join(map(row.format, range(count))))
    desk = tab()
    desk.open("/reconcile")
    desk.page.get_by_test_id("stFileUploaderDropzoneInput").first.set_input_files(path)
    desk.shows("First rows as in the file")
    desk.shows(f"{count:,} rows read")
    expect(desk.page.get_by_text("First rows as in the file")).to_have_count(0, timeout=PATIENCE)
    assert desk.faults == desk.foreign == []
