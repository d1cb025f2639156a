"""Open items by age, on a real database: counted in business days from the day they were first seen."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine

from recon.queries import overview
from recon.queries.open_ages import open_ages
from recon.store.evidence import Evidence
from tests.workflows.pool import Pool, row


@pytest.fixture
def pool(engine: Engine, evidence_url: str) -> Pool:
    return Pool(engine=engine, evidence=Evidence(evidence_url), source_due_days=3)


def test_what_is_not_due_is_in_transit_and_the_rest_has_an_age(pool: Pool) -> None:
    friday, tuesday = date(2026, 3, 27), date(2026, 3, 31)
    pool.run([row("Old", 100, day=2)], [], as_of=friday)
    newest = pool.run([row("Fresh", 300, day=31)], [row("Only there", 200, day=30)], as_of=tuesday)
    (found,) = open_ages(pool.engine, today=tuesday)
    assert (found.reconciliation, found.run_id) == (pool.name, newest)
    assert (found.in_transit, found.missing) == (1, (1, 1, 0, 0))  # Old was first seen two business days ago
    (later,) = open_ages(pool.engine, today=date(2026, 4, 20), reconciliation_name=pool.name)
    assert (later.in_transit, later.missing_count) == (0, 3)
    assert open_ages(pool.engine, today=tuesday, reconciliation_name="Another") == ()


def test_what_is_carried_on_is_counted_in_the_newest_run_alone(pool: Pool) -> None:
    day = date(2026, 3, 31)
    first = pool.run([row("Stays", 100, day=2)], [], as_of=day)
    second = pool.run([row("New", 300, day=3)], [], as_of=day)
    groups = overview.open_groups(pool.engine, [first, second], today=day)
    assert {group.run_id: group.count for group in groups} == {first: 1, second: 2}
    once = overview.open_groups(pool.engine, [first, second], today=day, once=True)
    assert {group.run_id: group.count for group in once} == {second: 2}
