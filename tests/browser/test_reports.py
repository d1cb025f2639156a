"""Reports and Audit in a real browser: a period is signed, taken away, changed, opened again; and the log tells."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from recon.model.rules import Rules
from recon.model.transactions import Side
from recon.model.triage import Command, Move, Resolution, Seen
from recon.store.engine import connect
from recon.store.evidence import Evidence
from recon.store.tables import audit_event, discrepancy
from recon.workflows.read_upload import read_upload
from recon.workflows.receive_upload import receive_upload
from recon.workflows.resolve_discrepancies import resolve_discrepancies
from recon.workflows.run_in_foreground import finish_run
from recon.workflows.start_run import start_run
from tests.browser.desk import PATIENCE, Desk, Tab

pytestmark = pytest.mark.browser

NAME = "Month end"
HEADER = "date,amount,currency,description"


@pytest.fixture(scope="module")
def desk(chromium: str) -> Iterator[Desk]:
    """A desk of its own: what other tests put straight into the tables is what verifying finds."""
    with Desk.started() as started:
        yield started


@pytest.fixture(scope="module")
def run_id(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> int:
    """A published run of March, in which the bank lacks one of two payments."""
    files = {
        Side.SOURCE: ["2026-03-02,10.00,EUR,Kestrel Energy", "2026-03-03,25.00,EUR,Žofie 張偉"],
        Side.REFERENCE: ["2026-03-02,10.00,EUR,Kestrel Energy"],
    }
    folder: Path = tmp_path_factory.mktemp("month-end")
    engine, evidence = connect(desk.settings), Evidence(desk.settings.evidence_location())
    sides = {}
    for side, rows in files.items():
        path = folder / f"month-end-{side}.csv"
        path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
        receipt = receive_upload(engine, evidence, path, filename=path.name, actor="operator")
        sides[side] = read_upload(engine, evidence, receipt.upload.id)
    made = start_run(engine, evidence, reconciliation=NAME, sides=sides, rules=Rules(), actor="operator")
    assert finish_run(engine, evidence, made.run_id, lease_seconds=60).status == "succeeded"
    engine.dispose()
    return made.run_id


def resolve(desk: Desk, run_id: int) -> int:
    """Somebody resolves the run's discrepancy; its number."""
    engine = connect(desk.settings)
    with engine.connect() as conn:
        row = conn.execute(select(discrepancy.c.id, discrepancy.c.version).where(discrepancy.c.run_id == run_id)).one()
    command = Command(move=Move.RESOLVE, resolution=Resolution.TIMING, comment="Came in April.", action_key="late")
    resolve_discrepancies(engine, command, [Seen(id=row.id, version=row.version)], actor="operator")
    engine.dispose()
    return int(row.id)


def received(desk: Desk) -> int:
    """The event of the source file's arrival."""
    engine = connect(desk.settings)
    filename = audit_event.c.detail["filename"].astext
    with engine.connect() as conn:
        found: int = conn.execute(select(audit_event.c.id).where(filename == "month-end-source.csv")).scalar_one()
    engine.dispose()
    return found


def test_a_period_is_signed_taken_away_changed_and_opened_again(
    tab: Callable[..., Tab], desk: Desk, run_id: int
) -> None:
    at = tab()
    page = at.page
    period = "close_from=2026-03-01&close_to=2026-03-31"
    at.open(f"/reports?view=Sign+off&close_of=Month+end&{period}")
    at.click("Preview")
    at.shows("Signed is exactly this")
    expect(page.get_by_role("button", name="Sign off", exact=True).last).to_be_disabled()
    page.locator(".st-key-close_reason input").fill("Everything is explained")
    page.locator(".st-key-close_reason input").press("Enter")
    at.settle()
    page.locator(".st-key-close_sign button").click()
    at.shows("Signed off. The pack is under Closes.")
    at.open("/reports")
    at.shows("1 period closed")
    at.shows("was changed since.")
    files = {}
    for ending in ("xlsx", "pdf", "json"):
        with page.expect_download() as download:
            page.locator(f".st-key-pack_{ending} button").click()
        files[ending] = Path(download.value.path()).read_bytes()
    book = openpyxl.load_workbook(io.BytesIO(files["xlsx"]))
    assert "Žofie 張偉" in [row[4].value for row in book["Open items"].iter_rows()]
    assert files["pdf"].startswith(b"%PDF-")
    discrepancy_id = resolve(desk, run_id)
    at.open("/reports")
    at.shows("1 change since close")
    at.open(f"/runs?run={run_id}")
    at.shows("1 discrepancy decided since the period was signed off")
    at.open(f"/triage?run={run_id}&d={discrepancy_id}&status=Resolved")
    at.shows("operator signed 2026-03-01 to 2026-03-31 off")
    page.get_by_role("link", name=re.compile(r"Close \d+")).click()
    at.settle()
    page.get_by_role("button", name="Open again").click()
    page.locator("[class*=st-key-reopen_why] input").fill("A late file")
    page.locator("[class*=st-key-reopen_why] input").press("Enter")
    at.click("Open the period again")
    at.shows("No period is closed")
    assert at.faults == []
    assert at.foreign == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_events_are_searched_opened_taken_away_and_verified(
    tab: Callable[..., Tab], desk: Desk, run_id: int, scheme: str
) -> None:
    at = tab(scheme)
    page = at.page
    at.open(f"/audit?about=run+{run_id}&did=Run+published")
    at.shows("1 event")
    at.open(f"/audit?words=month-end-source&event={received(desk)}")
    at.shows("sent month-end-source.csv as upload", within=".st-key-panel")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export CSV").click()
    assert b"upload_received" in Path(download.value.path()).read_bytes()
    at.open("/audit")
    page.get_by_role("button", name="Verify", exact=True).click()
    expect(page.get_by_text("nothing was changed").first).to_be_visible(timeout=PATIENCE)
    at.settle()
    assert at.faults == []
    assert at.foreign == []
