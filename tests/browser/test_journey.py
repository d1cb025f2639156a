"""The whole way of an operator, in a real browser on everything real: from two files to a resolved discrepancy."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.desk import PATIENCE, Tab

pytestmark = pytest.mark.browser
PANEL = ".st-key-panel"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Sixty payments whose dates do not say whether the day or the month comes first; one row cannot be read."""
    rows = [f"{1 + n % 9:02d}/03/2026,INV-{n:03d},{10 + n}.00,EUR,Kestrel order {n}" for n in range(60)]
    rows[7] = rows[7].replace("17.00", "17..00")
    return _csv(tmp_path / "gateway.csv", rows)


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    """The same payments; one is 2.00 off, one is not there."""
    rows = [f"2026-03-{1 + n % 9:02d},INV-{n:03d},{10 + n}.00,EUR,Kestrel order {n}" for n in range(60)]
    rows[20] = rows[20].replace("30.00", "28.00")
    del rows[40]
    return _csv(tmp_path / "bank.csv", rows)


def test_from_two_files_to_a_resolved_discrepancy_and_its_report(
    tab: Callable[..., Tab], source: Path, reference: Path
) -> None:
    desk = tab()
    _reconcile(desk, source, reference)
    _triage(desk)
    _report(desk)
    assert desk.faults == []
    assert desk.foreign == []


def _reconcile(desk: Tab, source: Path, reference: Path) -> None:
    page = desk.page
    desk.open("/reconcile")
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_disabled()
    name = page.get_by_role("combobox", name="Reconciliation")
    name.click()
    name.fill("Gateway vs bank")
    name.press("Enter")
    desk.settle()
    for side, file in (("source", source), ("reference", reference)):
        page.locator(f".st-key-{side}_card").get_by_test_id("stFileUploaderDropzoneInput").set_input_files(file)
        desk.shows(file.name, within=f".st-key-{side}_card")
        desk.settle()
    desk.shows("Which one is it?")
    page.get_by_text("Day, month, year").click()
    desk.settle()
    desk.click("Read with this answer")
    desk.shows("Using mapping v1")
    desk.shows("60 rows read", within=".st-key-source_card")
    page.get_by_text("Rejected (1)").click()
    desk.settle()
    with page.expect_download() as rejects:
        page.get_by_role("button", name="All rejects (CSV)").click()
    assert "17..00" in rejects.value.path().read_text()
    desk.click("Run")
    expect(page.locator(".st-key-live_runs, .st-key-result").first).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".st-key-result")).to_be_visible(timeout=2 * PATIENCE)
    desk.shows("Amount mismatch 1")
    page.reload()
    desk.settle()
    desk.shows("Amount mismatch 1")
    desk.click("Open in triage")


def _triage(desk: Tab) -> None:
    page = desk.page
    expect(page.get_by_role("heading", name="Triage")).to_be_visible(timeout=PATIENCE)
    desk.settle()
    _search(desk).fill("INV-020")
    expect(page.get_by_text("1 discrepancy").first).to_be_visible(timeout=PATIENCE)
    desk.settle()
    page.get_by_test_id("stDataFrame").first.click(position={"x": 220, "y": 33 + 16})
    desk.settle()
    desk.shows("30.00", within=PANEL)
    page.get_by_role("combobox", name="Reason").click()
    page.get_by_role("option", name="Fee somebody kept").click()
    page.locator(PANEL).get_by_role("button", name="Resolve").click()
    _is_resolved(desk)
    page.reload()
    _is_resolved(desk)
    expect(_search(desk)).to_have_value("INV-020")


def _search(desk: Tab) -> Locator:
    return desk.page.locator(".st-key-q input")


def _is_resolved(desk: Tab) -> None:
    """One discrepancy of three is, and the search among the open ones finds nothing any more."""
    desk.settle()
    resolved = desk.page.get_by_test_id("stMetric").filter(has_text="of the queue")
    expect(resolved).to_contain_text("33.33 %", timeout=PATIENCE)
    desk.shows("No discrepancy fits these filters")


def _report(desk: Tab) -> None:
    page = desk.page
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Discrepancies (CSV)").click()
    with download.value.path().open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["payment_ref"]: row["kind"] for row in rows} == {
        "INV-007": "missing_in_source",
        "INV-020": "amount_mismatch",
        "INV-040": "missing_in_reference",
    }


def _csv(path: Path, rows: list[str]) -> Path:
    path.write_text("\n".join(["date,reference,amount,currency,description", *rows]) + "\n", encoding="utf-8")
    return path
