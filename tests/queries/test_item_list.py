"""The list of a reconciliation's open items: by stage, side, currency, age and words, with the runs each was in."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine

from recon.model.settlement import CurrencyLine
from recon.model.transactions import Side
from recon.queries.item_list import (
    ItemFilter,
    Stage,
    carriers,
    course,
    item_page,
    item_sums,
    one_item,
    stage_counts,
)
from recon.store.evidence import Evidence
from tests.workflows.pool import Pool, row

TODAY = date(2026, 4, 8)


@pytest.fixture
def pool(engine: Engine, evidence_url: str) -> Pool:
    """Two runs: Kestrel came late; Osprey and A are missing, Late waits until the 10th."""
    pool = Pool(engine=engine, evidence=Evidence(evidence_url), calendar="DE", source_due_days=2)
    pool.run(
        [row("Kestrel", 200), row("Osprey", 5, currency="JPY"), row("Both", 7)],
        [row("A", 1), row("Both", 7)],
        as_of=date(2026, 4, 2),
    )
    late = row("Late", 50, date=date(2026, 4, 8))
    pool.run([late, row("New", 1, 9)], [row("Kestrel", 200, 3)], as_of=date(2026, 4, 7))
    return pool


def texts(pool: Pool, **wanted: Any) -> list[str | None]:
    asked = ItemFilter(reconciliation_id=pool.id, **wanted)
    return [item.description for item in item_page(pool.engine, asked, today=TODAY)]


def test_items_are_missing_in_transit_or_cleared(pool: Pool) -> None:
    assert texts(pool) == ["Osprey", "A", "New"]
    assert texts(pool, stage=Stage.IN_TRANSIT) == ["Late"]
    assert texts(pool, stage=Stage.CLEARED) == ["Kestrel"]
    counts = {Stage.MISSING: 3, Stage.IN_TRANSIT: 1, Stage.CLEARED: 1}
    assert stage_counts(pool.engine, pool.id, today=TODAY) == counts
    assert stage_counts(pool.engine, pool.id, today=date(2026, 4, 10))[Stage.MISSING] == 4


def test_they_are_found_by_side_currency_age_and_words(pool: Pool) -> None:
    assert texts(pool, side=Side.REFERENCE) == ["A"]
    assert texts(pool, currency="JPY") == ["Osprey"]
    assert texts(pool, search="osp") == ["Osprey"]
    assert texts(pool, search="%") == []
    assert texts(pool, ages=(0,)) == ["New"]
    assert texts(pool, ages=(1,)) == ["Osprey", "A"]


def test_age_is_counted_in_business_days_from_the_day_an_item_was_first_seen(pool: Pool) -> None:
    (item,) = item_page(
        pool.engine, ItemFilter(reconciliation_id=pool.id, search="A", currency="EUR", side=Side.REFERENCE), today=TODAY
    )
    assert item.age == 2  # Good Friday and Easter Monday do not count


def test_the_sums_of_each_currency_are_those_of_all_that_fit(pool: Pool) -> None:
    assert item_sums(pool.engine, ItemFilter(reconciliation_id=pool.id), today=TODAY) == (
        CurrencyLine(currency="EUR", source_count=1, source=1, reference_count=1, reference=1),
        CurrencyLine(currency="JPY", source_count=1, source=5, reference_count=0, reference=0),
    )


def test_an_item_names_the_runs_it_was_in(pool: Pool) -> None:
    first, second = 1, 2
    kestrel, osprey = (one_item(pool.engine, pool.item(name).id, today=TODAY) for name in ("Kestrel", "Osprey"))
    assert kestrel
    assert osprey
    assert (kestrel.first_run_id, kestrel.cleared_run_id) == (first, second)
    assert course(pool.engine, kestrel).run_ids == (first, second)
    assert course(pool.engine, osprey).last_line == -osprey.id
    assert one_item(pool.engine, 10**6, today=TODAY) is None


def test_what_carries_or_ever_did_is_offered(pool: Pool) -> None:
    Pool(engine=pool.engine, evidence=pool.evidence, name="Stands for itself", carries=False)
    assert [(one.id, one.name, one.calendar) for one in carriers(pool.engine)] == [(pool.id, pool.name, "DE")]
