"""The Open items page: the list by stage, one item with its course, and the ways to where it is worked on."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

from recon.store.evidence import Evidence
from tests.pages.conftest import Visit
from tests.workflows.pool import Pool, row


def made(engine: Engine, evidence_url: str) -> Pool:
    """Kestrel came late, Osprey is missing."""
    pool = Pool(engine=engine, evidence=Evidence(evidence_url))
    pool.run([row("Kestrel", 200), row("Osprey", 5, currency="JPY")], [row("A", 1)], as_of=date(2026, 3, 3))
    pool.run([row("C", 5, 9)], [row("Kestrel", 200, 3), row("C", 5, 9)], as_of=date(2026, 3, 10))
    return pool


def listed(at: AppTest) -> list[str]:
    (frame,) = [one.value for one in at.dataframe if "Since" in one.value]
    return list(frame["Text"])


def text(at: AppTest) -> str:
    return "\n".join(one.value for one in (*at.markdown, *at.caption))


def test_missing_items_are_listed_with_their_age_and_what_they_come_to(
    visit: Visit, engine: Engine, evidence_url: str
) -> None:
    pool = made(engine, evidence_url)
    at = visit("open_items")
    assert not at.exception
    assert sorted(listed(at)) == ["A", "Osprey"]
    (sums,) = [one.value for one in at.dataframe if "Difference" in one.value]
    assert sums.to_numpy().tolist() == [
        ["EUR", "0.00", "0.01", "−0.01"],
        ["JPY", "5", "0", "5"],
    ]
    at = visit("open_items", reconciliation=pool.name, stage="Cleared")
    assert listed(at) == ["Kestrel"]


def test_an_item_tells_its_course_and_leads_to_triage(visit: Visit, engine: Engine, evidence_url: str) -> None:
    pool = made(engine, evidence_url)
    at = visit("open_items", item=str(pool.item("Osprey").id))
    assert "First seen 3 Mar 2026, in line 3 of run 1." in text(at)
    assert "Carried by run 2." in text(at)
    assert at.button(key="item_triage")
    cleared = visit("open_items", stage="Cleared", item=str(pool.item("Kestrel").id))
    assert "Cleared by run 2" in text(cleared)
    assert not any(one.key == "item_triage" for one in cleared.button)


def test_without_a_reconciliation_that_carries_it_says_what_to_do(visit: Visit) -> None:
    at = visit("open_items")
    assert not at.exception
    assert "No reconciliation carries open items" in text(at)
