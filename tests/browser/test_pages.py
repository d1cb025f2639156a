"""Every page in light and dark, over files that want to be more than text: nothing complains, all stays on the host."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine, select

from recon.demo import load_demo
from recon.model.outcome import DiscrepancyKind
from recon.model.rules import Rules
from recon.model.transactions import Side
from recon.store.engine import connect
from recon.store.evidence import Evidence
from recon.store.tables import discrepancy
from recon.ui.format import plain
from recon.workflows.read_upload import read_upload
from recon.workflows.receive_upload import receive_upload
from recon.workflows.run_in_foreground import finish_run
from recon.workflows.start_run import start_run
from tests.browser.desk import PATIENCE, ROOT, Desk, Tab

pytestmark = pytest.mark.browser

EVIL = "evil.example"
HOSTILE = {
    "B70": "abc\u202egpj\u2066x",
    "B70-zalgo": "z" + "\u0300" * 200,
    "B71": f"<img src=http://{EVIL}/x.png onerror=alert(1)><script>alert(2)</script>",
    "B72": f"![x](http://{EVIL}/p.png) [a](javascript:alert(3))",
    "B72-latex": "$5 for $6 :material/home: :red[x]",
}
"""What a counterparty may write in a description; the names are those of the hostile corpus."""

NAME = f"![n](http://{EVIL}/n.png) vs ledger"
SCREENSHOTS = ROOT / "static" / "screenshots"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A published run of hostile rows, by the numbers a URL needs."""

    run_id: int
    source_id: int
    reference_id: int
    discrepancies: dict[str, int]


@pytest.fixture(scope="session")
def engine(desk: Desk) -> Iterator[Engine]:
    """The database of the running desk."""
    made = connect(desk.settings)
    yield made
    made.dispose()


@pytest.fixture(scope="session")
def stored(desk: Desk, engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Stored:
    """Every hostile description once without a counterpart, and once in a row that is rejected."""
    folder = tmp_path_factory.mktemp("hostile")
    header = "date,reference,amount,currency,description"
    rows = [f'2026-03-02,{code},1{n}.00,EUR,"{text}"' for n, (code, text) in enumerate(HOSTILE.items())]
    rejected = [f'2026-03-02,"{text}",1..0,EUR,"{text}"' for text in HOSTILE.values()]
    source = _file(folder / f"![f](http:{EVIL}).csv", [header, *rows, *rejected])
    reference = _file(folder / "bank.csv", [header, "2026-03-02,OTHER,5.00,EUR,Kestrel"])
    run_id, uploads = _reconcile(desk, engine, NAME, (source, reference))
    with engine.connect() as conn:
        found = conn.execute(select(discrepancy.c.payment_ref, discrepancy.c.id).where(discrepancy.c.run_id == run_id))
        return Stored(run_id=run_id, discrepancies={row.payment_ref: row.id for row in found}, **uploads)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_shows_hostile_text_as_text_and_stays_on_the_host(
    tab: Callable[..., Tab], stored: Stored, scheme: str
) -> None:
    desk = tab(scheme=scheme)
    page = desk.page
    desk.open("/")
    expect(page.get_by_role("heading", name="Overview")).to_be_visible(timeout=PATIENCE)
    desk.open(f"/reconcile?name=Other&source={stored.source_id}&reference={stored.reference_id}")
    desk.shows("5 rejected")
    desk.shows("![f](http")
    page.get_by_text("Rejected (5)").click()
    desk.settle()
    desk.open(f"/runs?run={stored.run_id}")
    desk.shows("![n](http")  # md() breaks the address itself, so that it is no link
    desk.open(f"/runs?run={stored.run_id}&view=Files")
    desk.shows("![f](http")
    for place in (
        "/runs",
        "/open_items",
        "/audit",
        "/reports",
        "/settings?section=Reconciliations",
        "/feeds",
        "/rules",
    ):
        desk.open(place)
    desk.open(f"/workbench?run={stored.run_id}")
    page.keyboard.press("j")
    desk.shows("1:0", within=".st-key-bench_bar")
    for code, text in list(HOSTILE.items())[: 1 if scheme == "dark" else None]:
        desk.open(f"/triage?run={stored.run_id}&d={stored.discrepancies[code]}")
        desk.shows(plain(text)[:8], within=".st-key-panel")
    assert desk.faults == []
    assert desk.foreign == []


@pytest.mark.skipif(not os.environ.get("RECON_SCREENSHOTS"), reason="writes the README's pictures: RECON_SCREENSHOTS=1")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pictures_of_the_readme(tab: Callable[..., Tab], desk: Desk, engine: Engine, scheme: str) -> None:
    run_ids = load_demo(engine, Evidence(desk.settings.evidence_location()), actor="operator", weeks=12)
    found = select(discrepancy.c.id, discrepancy.c.payment_ref).where(
        discrepancy.c.run_id == run_ids[-2],
        discrepancy.c.kind == DiscrepancyKind.AMOUNT_MISMATCH,
        discrepancy.c.status == "open",
    )
    with engine.connect() as conn:
        opened = conn.execute(found.order_by(discrepancy.c.date.desc(), discrepancy.c.id.desc()).limit(1)).one()
    window = tab(scheme=scheme)
    window.open(f"/triage?run={run_ids[-2]}&d={opened.id}")
    panel = window.page.locator(".st-key-panel")
    expect(panel.get_by_text(opened.payment_ref, exact=True)).to_have_count(2, timeout=PATIENCE)  # on both sides
    expect(window.page.locator(".js-plotly-plot .bars path").last).to_be_visible(timeout=PATIENCE)
    window.page.wait_for_timeout(1_000)  # charts fade in
    SCREENSHOTS.mkdir(exist_ok=True)
    window.page.screenshot(path=SCREENSHOTS / f"triage-{scheme}.png")
    assert window.faults == []


def _reconcile(desk: Desk, engine: Engine, name: str, paths: tuple[Path, Path]) -> tuple[int, dict[str, int]]:
    """Run two files, source first; returns the run's number, and the uploads' as `source_id` and `reference_id`."""
    evidence = Evidence(desk.settings.evidence_location())
    sides = {}
    for side, path in zip(Side, paths, strict=True):
        receipt = receive_upload(engine, evidence, path, filename=path.name, actor="operator")
        sides[side] = read_upload(engine, evidence, receipt.upload.id)
    run = start_run(engine, evidence, reconciliation=name, sides=sides, rules=Rules(), actor="operator")
    assert finish_run(engine, evidence, run.run_id, lease_seconds=60).status == "succeeded"
    return run.run_id, {f"{side}_id": stored.upload.id for side, stored in sides.items()}


def _file(path: Path, lines: list[str]) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
