"""What pages ask of a run's open items: what cleared them, and what it says of the runs around it."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from recon.model.transactions import Side
from recon.queries.discrepancy_detail import discrepancy_detail, transaction_at
from recon.queries.matched_rows import MatchFilter, matched_rows
from recon.queries.open_items import (
    ClearedLater,
    amended_rows,
    cleared_by_run,
    run_carried,
)
from recon.queries.runs import run_detail
from recon.store.evidence import Evidence
from recon.store.tables import discrepancy
from recon.workflows.explain_row import explain_row
from recon.workflows.report_run import ReportForm, report_run
from tests.workflows.pool import Pool, row


@pytest.fixture
def pool(engine: Engine, evidence_url: str) -> Pool:
    return Pool(engine=engine, evidence=Evidence(evidence_url), calendar="DE")


def test_a_clearing_is_told_on_both_runs(pool: Pool) -> None:
    first = pool.run([row("B", 200), row("D", 9)], [row("A", 1)])
    second = pool.run([row("D", 9), row("C", 3, 9)], [row("B", 200, 3), row("C", 3, 9)])
    before, after = run_carried(pool.engine, first), run_carried(pool.engine, second)
    assert before is not None
    assert after is not None
    assert (before.opened_count, before.cleared_later) == (3, (ClearedLater(run_id=second, count=1),))
    assert (after.carried_count, after.cleared_count, after.earlier_count) == (3, 1, 1)
    lines = {Side.SOURCE: [2, 3], Side.REFERENCE: [2]}
    assert cleared_by_run(pool.engine, first, lines) == {(Side.SOURCE, 2): second}


def test_what_changed_is_shown_column_by_column(pool: Pool) -> None:
    pool.run([row("B", 200, txn_id="ch_1"), row("K", 3, txn_id="ch_2")], [row("A", 1)])
    changed = row("B", 250, txn_id="ch_1", counterparty="Acme")
    second = pool.run([changed, row("K", 3, txn_id="ch_2")], [row("Z", 5)])
    (found,) = amended_rows(pool.engine, second)
    assert (found.side, found.line, found.txn_id, found.was_open) == (Side.SOURCE, 2, "ch_1", True)
    assert found.changed == {"amount": ("200", "250"), "counterparty": (None, "Acme")}


def test_every_view_of_a_run_shows_the_rows_it_carried(pool: Pool) -> None:
    pool.run([row("B", 200), row("E", 7)], [row("A", 1)])
    second = pool.run([row("C", 3, 9), row("E", 7)], [row("B", 210, 3), row("C", 3, 9)])
    detail = run_detail(pool.engine, second)
    found = matched_rows(pool.evidence, detail, MatchFilter())
    assert [(one.source_line, one.source_text, one.reference_text) for one in found] == [
        (-pool.item("B").id, "B", "B"),
        (2, "C", "C"),
    ]
    with pool.engine.connect() as conn:
        missing = discrepancy.c.run_id == second, discrepancy.c.payment_ref == "E"
        number = conn.execute(discrepancy.select().with_only_columns(discrepancy.c.id).where(*missing)).scalar_one()
    one = discrepancy_detail(pool.engine, number)
    told = transaction_at(pool.evidence, one.source)
    assert told is not None
    assert (told["description"], one.source.line) == ("E", -pool.item("E").id)
    assert explain_row(pool.evidence, one)
    for form in ReportForm:
        assert report_run(pool.engine, pool.evidence, second, form)


def test_a_run_that_carries_nothing_says_nothing(engine: Engine, pool: Pool) -> None:
    with engine.begin() as conn:
        conn.exec_driver_sql("update reconciliation set carry_forward = false")
    assert run_carried(engine, pool.run([row("B", 200)], [row("A", 1)])) is None
