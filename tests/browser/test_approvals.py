"""Two persons in two real browsers: one proposes what is above the limit, the other looks at it and decides by keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine, select

from recon.model.outcome import DiscrepancyKind
from recon.model.people import Deed, Person, PersonRole
from recon.model.triage import Command, Move, Resolution, Seen
from recon.store.engine import connect
from recon.store.people_tables import proposal
from recon.store.tables import discrepancy
from recon.workflows.manage_people import list_person, set_limits
from recon.workflows.propose_resolution import propose_resolution
from recon.workflows.resolve_discrepancies import resolve_discrepancies
from tests.browser.desk import PATIENCE, Desk, Tab
from tests.builders import Item, published_run

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def desk(chromium: str) -> Iterator[Desk]:
    """A desk of its own: whoever is listed once stays listed, and others would no more be administrators."""
    with Desk.started() as started:
        yield started


@pytest.fixture
def engine(desk: Desk) -> Iterator[Engine]:
    """The desk's database, in which `operator` administers and `ben` approves."""
    engine = connect(desk.settings)
    list_person(engine, Person(name="ben", role=PersonRole.APPROVER), actor="operator")
    set_limits(engine, Deed.SET_ASIDE, above={"EUR": 5_000}, actor="operator")
    yield engine
    engine.dispose()


@pytest.fixture
def run_id(engine: Engine) -> int:
    """Three discrepancies of 100.00 and more."""
    items = [
        Item(kind=DiscrepancyKind.DUPLICATE, amount=10_000 * n, description=f"Order {n}", payment_ref=f"PAY-{n}")
        for n in (3, 2, 1)
    ]
    return published_run(engine, items, name=f"Approvals {uuid4().hex[:6]}")


def seen(engine: Engine, run_id: int) -> list[Seen]:
    with engine.connect() as conn:
        rows = conn.execute(
            select(discrepancy.c.id, discrepancy.c.version)
            .where(discrepancy.c.run_id == run_id)
            .order_by(discrepancy.c.id)
        )
        return [Seen(id=row.id, version=row.version) for row in rows]


def standing(engine: Engine, run_id: int) -> list[str | None]:
    with engine.connect() as conn:
        found = select(discrepancy.c.resolution).where(discrepancy.c.run_id == run_id).order_by(discrepancy.c.id)
        return list(conn.execute(found).scalars())


def decided(engine: Engine) -> list[tuple[str, str | None]]:
    with engine.connect() as conn:
        rows = conn.execute(select(proposal.c.state, proposal.c.decided_by).order_by(proposal.c.id.desc()).limit(3))
        return [(row.state, row.decided_by) for row in rows][::-1]


def press(tab: Tab, key: str) -> None:
    tab.settle()
    tab.page.keyboard.press(key)
    tab.settle()


def resolution(key: str) -> Command:
    return Command(move=Move.RESOLVE, resolution=Resolution.TIMING, comment=f"Follows, {key}.", action_key=uuid4().hex)


def test_one_proposes_another_decides_and_what_changed_is_void(
    tab: Callable[..., Tab], engine: Engine, run_id: int
) -> None:
    mine = tab()
    mine.open(f"/triage?run={run_id}&sort=id")
    press(mine, "j")
    press(mine, "9")
    press(mine, "e")
    mine.shows("300.00 EUR is more than you may set aside alone")
    mine.click("Propose it")
    mine.shows("waits for a second person")
    rows = seen(engine, run_id)
    for row in rows[1:]:
        propose_resolution(engine, resolution(str(row.id)), [row], actor="operator")

    theirs = tab("dark")
    page = theirs.page
    theirs.open("/settings")
    page.get_by_role("combobox").first.click()
    page.get_by_role("option", name="ben · approver").click()
    theirs.settle()
    theirs.open("/settings")  # a page loaded anew acts as nobody else
    theirs.shows("acting as ben")
    page.get_by_role("link", name="Approvals (3)").click()
    theirs.settle()
    theirs.shows("Set aside 300.00 EUR", within=".st-key-proposal_panel")
    theirs.shows("Rounding", within=".st-key-proposal_panel")
    press(theirs, "a")
    theirs.shows("Approved and done.")
    assert standing(engine, run_id) == ["rounding", None, None]

    theirs.shows("Set aside 200.00 EUR", within=".st-key-proposal_panel")
    resolve_discrepancies(
        engine, Command(move=Move.ASSIGN, assignee="operator", action_key=uuid4().hex), rows[1:2], actor="operator"
    )
    press(theirs, "a")
    theirs.shows("It changed since")
    assert standing(engine, run_id) == ["rounding", None, None]

    theirs.shows("Set aside 100.00 EUR", within=".st-key-proposal_panel")
    press(theirs, "r")
    page.keyboard.type("Ask the bank first, a and r.")
    press(theirs, "Enter")
    theirs.shows("Nothing waits")
    expect(page.get_by_role("link", name="Approvals", exact=True)).to_be_visible(timeout=PATIENCE)
    assert decided(engine) == [("approved", "ben"), ("void", "ben"), ("rejected", "ben")]
    assert standing(engine, run_id) == ["rounding", None, None]

    mine.open("/approvals?show=Mine")
    mine.shows("Ask the bank first, a and r.")
    assert mine.faults + theirs.faults == []
