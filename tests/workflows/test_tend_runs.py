"""The janitor: what a killed process left is put right, whoever tends and however often."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Engine, text, update

from recon.store import runs
from recon.store.evidence import Evidence, run_name
from recon.store.tables import run
from recon.workflows.tend_runs import clear_evidence, tend_runs
from tests.builders import published_run, unfinished_run
from tests.workflows.sides import SOURCE, table


def status(engine: Engine, run_id: int) -> str:
    with engine.connect() as conn:
        return runs.get(conn, run_id).status


def jobs(engine: Engine) -> list[int]:
    with engine.connect() as conn:
        return list(conn.execute(text("select (args->>'run_id')::bigint from procrastinate_jobs order by 1")).scalars())


def test_an_abandoned_attempt_is_queued_again_once_by_many_janitors(engine: Engine) -> None:
    run_id, working = unfinished_run(engine, "queued", name="a"), unfinished_run(engine, "queued", name="b")
    with engine.begin() as conn:
        for one in (run_id, working):
            assert runs.claim(conn, one, worker="w", lease_seconds=60)
        conn.execute(update(run).where(run.c.id == run_id).values(lease_until=run.c.requested_at))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: tend_runs(engine, lease_seconds=60), range(4)))
    assert (status(engine, run_id), status(engine, working)) == ("queued", "running")
    assert jobs(engine) == [run_id]


def test_a_waiting_run_whose_job_was_lost_gets_one(engine: Engine) -> None:
    run_id = unfinished_run(engine, "queued")
    for _ in range(2):
        tend_runs(engine, lease_seconds=60)
    assert jobs(engine) == [run_id]


def test_the_files_of_attempts_that_were_not_published_go_and_the_result_stays(
    engine: Engine, evidence: Evidence
) -> None:
    published = published_run(engine, attempt=2)
    failed, working = unfinished_run(engine, "failed"), unfinished_run(engine, "running")
    with engine.begin() as conn:
        conn.execute(update(run).where(run.c.finished_at.is_not(None)).values(finished_at=text("clock_timestamp()")))
    for run_id, attempt in ((published, 1), (published, 2), (failed, 1), (working, 1)):
        evidence.write_table(run_name(run_id, attempt, "matches.parquet"), table(SOURCE))
    clear_evidence(engine, evidence)
    assert [evidence.attempts(run_id) for run_id in (published, failed, working)] == [(2,), (), (1,)]
