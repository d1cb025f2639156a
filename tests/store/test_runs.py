"""An attempt and its lease: one worker at a time, a bounded number of tries, and nothing done by one that lost."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection, Engine, func, select, text, update

from recon.store import jobs, runs
from recon.store.runs import Claim, Progress
from recon.store.tables import audit_event, run
from tests.builders import unfinished_run

HALFWAY = Progress(stage="exact", rows_done=5, rows_total=10)


def claim(conn: Connection, run_id: int, worker: str = "one") -> Claim | None:
    return runs.claim(conn, run_id, worker=worker, lease_seconds=60)


def claimed(conn: Connection, run_id: int) -> Claim:
    taken = claim(conn, run_id)
    assert taken is not None
    return taken


def expire(conn: Connection, run_id: int) -> None:
    conn.execute(
        update(run).where(run.c.id == run_id).values(lease_until=func.clock_timestamp() - timedelta(seconds=1))
    )


def test_a_run_has_one_worker_at_a_time(engine: Engine) -> None:
    run_id = unfinished_run(engine, "queued")
    with engine.begin() as conn:
        assert claim(conn, run_id) == Claim(run_id=run_id, attempt=1)
        assert claim(conn, run_id, "two") is None


def test_an_expired_lease_is_taken_over_and_the_first_worker_changes_nothing_more(engine: Engine) -> None:
    run_id = unfinished_run(engine, "queued")
    with engine.begin() as conn:
        first = claimed(conn, run_id)
        expire(conn, run_id)
        assert runs.renew(conn, first, HALFWAY, lease_seconds=60) is None
        assert claim(conn, run_id, "two") == Claim(run_id=run_id, attempt=2)
        assert runs.fail(conn, first, code="X", text="Late.") is False
        assert runs.mark_cancelled(conn, first) is False
        assert runs.give_back(conn, first, was_harmless=False) is None
        assert runs.get(conn, run_id).status == "running"


def test_renewing_stores_progress_and_hears_of_a_cancel(engine: Engine) -> None:
    run_id = unfinished_run(engine, "queued")
    with engine.begin() as conn:
        mine = claimed(conn, run_id)
        assert runs.renew(conn, mine, HALFWAY, lease_seconds=60) is False
        row = conn.execute(select(run.c.stage, run.c.rows_done, run.c.rows_total).where(run.c.id == run_id)).one()
        assert tuple(row) == ("exact", 5, 10)
        assert runs.ask_to_cancel(conn, run_id, actor="ana") == "running"
        assert runs.renew(conn, mine, HALFWAY, lease_seconds=60) is True
        assert runs.give_back(conn, mine, was_harmless=False) == "cancelled"


def test_three_attempts_that_die_are_a_failure_with_a_sentence(engine: Engine) -> None:
    run_id = unfinished_run(engine, "queued")
    with engine.begin() as conn:
        ends = [runs.give_back(conn, claimed(conn, run_id), was_harmless=False) for _ in range(3)]
        assert ends == ["queued", "queued", "failed"]
        assert claim(conn, run_id) is None
        failed = runs.get(conn, run_id)
    assert failed.error_code == "RUN_GAVE_UP"
    assert failed.error_text == runs.GAVE_UP


def test_an_attempt_given_back_unharmed_does_not_count(engine: Engine) -> None:
    run_id = unfinished_run(engine, "queued")
    with engine.begin() as conn:
        for _ in range(5):
            assert runs.give_back(conn, claimed(conn, run_id), was_harmless=True) == "queued"
        assert claimed(conn, run_id).attempt == 6


def test_what_happened_to_each_attempt_is_in_the_audit_log(engine: Engine) -> None:
    run_id = unfinished_run(engine, "queued")
    with engine.begin() as conn:
        runs.give_back(conn, claimed(conn, run_id), was_harmless=False)
        runs.fail(conn, claimed(conn, run_id), code="X", text="It failed.")
        events = conn.execute(select(audit_event.c.action, audit_event.c.detail["attempt"]).order_by(audit_event.c.id))
        assert [tuple(event) for event in events] == [
            ("run_started", 1),
            ("run_interrupted", 1),
            ("run_started", 2),
            ("run_failed", 2),
        ]


def test_the_janitor_finds_expired_and_deaf_attempts_only(engine: Engine) -> None:
    expired, deaf, working = (unfinished_run(engine, "queued", name=name) for name in ("a", "b", "c"))
    with engine.begin() as conn:
        claims = {run_id: claimed(conn, run_id) for run_id in (expired, deaf, working)}
        expire(conn, expired)
        for run_id in (deaf, working):
            runs.ask_to_cancel(conn, run_id, actor="ana")
        conn.execute(
            update(run)
            .where(run.c.id == deaf)
            .values(cancel_requested_at=run.c.cancel_requested_at - timedelta(minutes=1))
        )
        assert runs.abandoned(conn, cancel_patience_seconds=6) == (claims[expired], claims[deaf])


def test_a_queued_run_without_a_job_is_found(engine: Engine) -> None:
    forgotten, waiting = unfinished_run(engine, "queued", name="a"), unfinished_run(engine, "queued", name="b")
    with engine.begin() as conn:
        jobs.enqueue(conn, waiting)
        jobs.enqueue(conn, waiting)  # said twice: once is enough, and the transaction lives on
        assert runs.without_job(conn) == (forgotten,)


def test_a_job_that_a_dead_worker_had_in_hand_does_not_count(engine: Engine) -> None:
    run_id = unfinished_run(engine, "queued")
    with engine.begin() as conn:
        jobs.enqueue(conn, run_id)
        conn.execute(
            text("""
                with dead as (insert into procrastinate_workers (last_heartbeat) values (now() - interval '1 hour')
                              returning id)
                update procrastinate_jobs set status = 'doing', worker_id = dead.id from dead""")
        )
        assert runs.without_job(conn) == ()
        jobs.remove_stalled(conn, stalled_seconds=60)
        assert runs.without_job(conn) == (run_id,)
