from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, insert, update

from recon.errors import RunNotFound
from recon.model.outcome import DiscrepancyKind, RowOutcome
from recon.queries.runs import (
    RunFilter,
    live_runs,
    one_run,
    reconciliation_names,
    run_count,
    run_detail,
    run_page,
)
from recon.store import tables
from tests.builders import NOON, Item, published_run, unfinished_run


def test_the_history_is_newest_first_and_pages_meet_without_gap(engine: Engine) -> None:
    made = [published_run(engine, [], finished_at=NOON + timedelta(days=day)) for day in range(5)]
    pages = [run_page(engine, RunFilter(), limit=2, offset=offset) for offset in (0, 2, 4)]
    assert [row.id for page in pages for row in page] == made[::-1]
    assert run_count(engine, RunFilter()) == 5


def test_filters_narrow_by_reconciliation_and_status_together(engine: Engine) -> None:
    published_run(engine, [], name="A")
    failed = unfinished_run(engine, "failed", name="A")
    unfinished_run(engine, "failed", name="B")
    wanted = RunFilter(reconciliation="A", statuses=("failed", "cancelled"))
    assert [row.id for row in run_page(engine, wanted)] == [failed]
    assert run_count(engine, wanted) == 1
    assert run_count(engine, RunFilter(reconciliation="nobody's")) == 0
    assert reconciliation_names(engine) == ("A", "B")


def test_what_runs_or_waits_is_live_oldest_first(engine: Engine) -> None:
    published_run(engine, [])
    running = unfinished_run(engine, "running")
    queued = unfinished_run(engine, "queued")
    unfinished_run(engine, "cancelled")
    assert [(row.id, row.status) for row in live_runs(engine)] == [(running, "running"), (queued, "queued")]
    assert (live_runs(engine)[0].rows_done, live_runs(engine)[0].rows_total) == (400, 1000)


def test_a_run_in_full_brings_files_totals_and_a_proof_that_ties_out(engine: Engine) -> None:
    detail = run_detail(engine, published_run(engine))
    assert [(file.side, file.filename) for file in detail.files] == [
        ("source", "gateway.csv"),
        ("reference", "bank.csv"),
    ]
    for file in detail.files:
        assert file.rows_read == file.rows_accepted + file.rows_rejected + file.rows_ignored
    assert [line.currency for line in detail.proof] == ["EUR", "JPY", "USD"]
    for line in detail.proof:
        explained = sum(amount for _, _, amount in line.by_kind) + line.unexplained
        assert line.source_total - line.reference_total == explained
    assert detail.open_count == 5
    assert sum(detail.confidence) == detail.run.matched_count


def test_kinds_of_a_proof_come_in_one_order_whatever_the_database_keeps(engine: Engine) -> None:
    items = [Item(kind=kind, amount=1) for kind in reversed(DiscrepancyKind)]
    (line,) = run_detail(engine, published_run(engine, items)).proof
    assert [kind for kind, _, _ in line.by_kind] == list(DiscrepancyKind)


def test_rows_of_an_attempt_that_was_not_published_are_never_counted(engine: Engine) -> None:
    run_id = published_run(engine, attempt=2)
    before = run_detail(engine, run_id)
    with engine.begin() as connection:
        connection.execute(
            insert(tables.run_total).values(
                run_id=run_id,
                attempt=1,
                side="source",
                currency="EUR",
                outcome=RowOutcome.MATCHED,
                row_count=10**6,
                amount=10**9,
            )
        )
        connection.execute(
            insert(tables.discrepancy).values(
                run_id=run_id,
                attempt=1,
                kind="duplicate",
                currency="EUR",
                amount=1,
                gross=1,
                date=NOON.date(),
                detail="Left by a worker that was killed.",
            )
        )
    after = run_detail(engine, run_id)
    assert (after.totals, after.proof, after.open_count) == (before.totals, before.proof, 5)


def test_sums_larger_than_a_machine_word_are_exact(engine: Engine) -> None:
    run_id = published_run(engine, [])
    with engine.begin() as connection:
        connection.execute(update(tables.run).where(tables.run.c.id == run_id).values(matched_count=1))
        connection.execute(
            insert(tables.run_total).values(
                run_id=run_id,
                attempt=1,
                side="source",
                currency="JPY",
                outcome=RowOutcome.MISSING,
                row_count=1,
                amount=10**30 + 1,
            )
        )
    totals = run_detail(engine, run_id).totals
    assert next(total.amount for total in totals if total.currency == "JPY") == 10**30 + 1


def test_a_run_that_is_not_there_is_a_sentence(engine: Engine) -> None:
    with pytest.raises(RunNotFound, match="There is no run 99"):
        run_detail(engine, 99)
    with pytest.raises(RunNotFound):
        one_run(engine, 99)
