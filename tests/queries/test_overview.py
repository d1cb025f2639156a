from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine

from recon.model.outcome import DiscrepancyKind
from recon.queries import overview
from recon.queries.closes import runs_in_effect
from recon.queries.headline import headline, open_per_reconciliation
from recon.store.evidence import Evidence
from recon.workflows.submit_run import rerun
from tests.builders import NOON, Item, heartbeat, published_run, readings_of, unfinished_run
from tests.workflows.pool import Pool, row

TODAY = date(2026, 3, 31)


def item(*, days_old: int, status: str = "open", currency: str = "EUR", amount: int = 100) -> Item:
    return Item(
        kind=DiscrepancyKind.DUPLICATE,
        amount=amount,
        currency=currency,
        status=status,
        date=TODAY - timedelta(days=days_old),
    )


@pytest.mark.parametrize(
    ("days_old", "bucket"),
    [(-3, 0), (0, 0), (1, 0), (2, 1), (5, 1), (6, 2), (10, 2), (11, 3), (30, 3), (31, 4), (4_000, 4)],
)
def test_an_age_falls_in_one_bucket_at_its_edges_too(engine: Engine, days_old: int, bucket: int) -> None:
    run_id = published_run(engine, [item(days_old=days_old)])
    (group,) = overview.open_groups(engine, [run_id], today=TODAY)
    assert (group.run_id, group.bucket, group.count, group.gross) == (run_id, bucket, 1, 100)


def test_what_is_resolved_or_of_another_run_is_not_open(engine: Engine) -> None:
    run_id = published_run(engine, [item(days_old=1), item(days_old=1, status="resolved")])
    published_run(engine, [item(days_old=1)])
    assert [group.count for group in overview.open_groups(engine, [run_id], today=TODAY)] == [1]
    assert overview.resolved_count(engine, [run_id]) == 1
    assert overview.open_groups(engine, [], today=TODAY) == ()
    assert overview.resolved_count(engine, []) == 0


def test_what_is_open_is_counted_by_the_day_of_its_transaction(engine: Engine) -> None:
    run_id = published_run(engine, [item(days_old=0), item(days_old=2), item(days_old=2), item(days_old=9)])
    assert overview.open_by_day(engine, [run_id], today=TODAY, days=4) == (0, 2, 0, 1)


def test_a_run_is_current_until_its_files_are_reconciled_again(engine: Engine) -> None:
    first = published_run(engine, finished_at=NOON)
    source, reference = readings_of(engine, first)
    other_files = published_run(engine, finished_at=NOON + timedelta(hours=1))
    other_name = published_run(
        engine,
        name="Other",
        finished_at=NOON + timedelta(hours=2),
        source_reading_id=source,
        reference_reading_id=reference,
    )
    again = published_run(
        engine,
        finished_at=NOON + timedelta(hours=3),
        source_reading_id=source,
        reference_reading_id=reference,
        rerun_of_id=first,
    )
    unfinished_run(engine, "failed", source_reading_id=source, reference_reading_id=reference, rerun_of_id=first)
    assert [point.run_id for point in overview.current_runs(engine)] == [again, other_name, other_files]


def test_a_run_that_corrected_files_took_the_place_of_counts_no_more_and_looking_back_changes_nothing(
    engine: Engine, evidence_url: str
) -> None:
    pool = Pool(engine=engine, evidence=Evidence(evidence_url))
    wrong = pool.run([row("A", 100), row("B", 7)], [row("A", 90)])
    right = pool.run([row("A", 90), row("B", 7)], [row("A", 90)], rerun_of=wrong)
    assert [point.run_id for point in overview.current_runs(engine)] == [right]
    later = pool.run([row("C", 3, 9)], [row("C", 3, 9)])
    back = rerun(engine, pool.evidence, right, actor="ana").run_id
    assert pool.execute(back).status == "succeeded"
    assert [point.run_id for point in overview.current_runs(engine)] == [later, right]
    with engine.connect() as conn:
        assert [one.id for one in runs_in_effect(conn, pool.id)] == [right, later]


def test_each_reconciliation_stands_where_its_last_published_run_left_it(engine: Engine) -> None:
    for day, count in enumerate((3, 1, 2)):
        last = published_run(engine, [item(days_old=1)] * count, name="A", finished_at=NOON + timedelta(days=day))
    failed = unfinished_run(engine, "failed", name="A")
    queued = unfinished_run(engine, "queued", name="B")
    a, b = overview.standings(engine)
    assert a.latest is not None
    assert (a.reconciliation, a.latest.run_id, a.history) == ("A", last, (3, 1, 2))
    assert (a.last_run_id, a.last_status) == (failed, "failed")
    assert (b.reconciliation, b.latest, b.history, b.last_run_id, b.last_status) == ("B", None, (), queued, "queued")


def test_points_are_the_last_published_runs_oldest_first(engine: Engine) -> None:
    made = [published_run(engine, [], finished_at=NOON + timedelta(days=day)) for day in range(4)]
    unfinished_run(engine, "failed")
    assert [point.run_id for point in overview.run_points(engine, limit=3)] == made[1:]


def test_runs_are_counted_on_the_utc_day_they_were_asked_for(engine: Engine) -> None:
    for requested_at in (NOON, NOON.replace(hour=0, minute=0), NOON - timedelta(days=1), NOON - timedelta(days=9)):
        unfinished_run(engine, "queued", requested_at=requested_at)
    assert overview.runs_per_day(engine, today=NOON.date(), days=3) == (0, 1, 2)


def test_the_pulse_of_an_empty_desk_is_nothing(engine: Engine) -> None:
    pulse = overview.pulse(engine, now=NOON)
    assert (pulse.running_count, pulse.queued_count, pulse.today_count) == (0, 0, 0)
    assert (pulse.last_run_at, pulse.sidecar_seen_at, pulse.is_sidecar_up(NOON)) == (None, None, False)
    assert not pulse.is_worker_up(NOON)


def test_a_sidecar_is_up_for_a_minute_after_it_was_seen(engine: Engine) -> None:
    heartbeat(engine, seen_at=NOON)
    heartbeat(engine, seen_at=NOON - timedelta(days=1), process="sidecar:desk:0")
    pulse = overview.pulse(engine, now=NOON)
    assert pulse.is_sidecar_up(NOON + timedelta(seconds=59))
    assert not pulse.is_sidecar_up(NOON + timedelta(seconds=61))


def test_a_worker_alone_executes_runs_but_is_no_sidecar(engine: Engine) -> None:
    heartbeat(engine, seen_at=NOON, process="worker:desk:1")
    pulse = overview.pulse(engine, now=NOON)
    assert pulse.is_worker_up(NOON)
    assert not pulse.is_sidecar_up(NOON)


def test_the_headline_keeps_currencies_apart(engine: Engine) -> None:
    published_run(
        engine,
        [item(days_old=6), item(days_old=40), item(days_old=5), item(days_old=0, currency="JPY", amount=7)],
        matched_count=90,
        finished_at=datetime(2026, 3, 30, tzinfo=UTC),
    )
    published_run(engine, [item(days_old=7, amount=300)], name="Other", finished_at=datetime(2026, 3, 31, tzinfo=UTC))
    current = overview.current_runs(engine)
    groups = overview.open_groups(engine, [point.run_id for point in current], today=TODAY)
    figures = headline(overview.standings(engine), current, groups, overview.run_points(engine))
    assert figures.open_count == 5
    assert [(a.currency, a.count, a.gross) for a in figures.amounts] == [("EUR", 4, 600), ("JPY", 1, 7)]
    assert figures.old_count == 3
    assert (figures.open_by_run, figures.gross_by_run) == ((4, 1), (300, 300))
    assert len(figures.match_history) == 2
    assert open_per_reconciliation(current, groups) == {"Bank vs ledger": 4, "Other": 1}
