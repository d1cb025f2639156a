"""A run that was asked for is published once, whatever dies on the way and whenever it dies."""

from __future__ import annotations

import os
import signal

import pytest

from recon.workflows.cancel_run import cancel_run
from recon.workflows.tend_runs import clear_evidence
from tests.scenarios.office import Office, until

pytestmark = pytest.mark.crash

STAGES = ("boot", "load", "exact", "store", "publish", "published")
"""Where a run is struck: claimed, before its rows are there, while it matches, before and in its publication, after."""


def test_a_worker_killed_at_any_stage_leaves_one_result(office: Office) -> None:
    runs = {stage: office.ask(stage=stage, what="kill_worker") for stage in STAGES}
    deaths = 0
    while any(office.run(run_id).status in ("queued", "running") for run_id in runs.values()):
        with office.worker() as worker:
            until(
                lambda worker=worker: (
                    worker.poll() is not None
                    or all(office.run(run_id).status not in ("queued", "running") for run_id in runs.values())
                ),
                "neither did the worker die, nor were the runs done",
            )
            deaths += worker.poll() == -signal.SIGKILL
    assert deaths == len(STAGES)
    for stage, run_id in runs.items():
        office.assert_published_once(run_id)
        assert office.run(run_id).published_attempt == (1 if stage == "published" else 2), stage
    with office.worker():
        until(lambda: office.unfinished_jobs() == 0, "jobs of dead workers stay")
    clear_evidence(office.engine, office.evidence)
    for run_id in runs.values():
        assert office.evidence.attempts(run_id) == (office.run(run_id).published_attempt,)


def test_a_child_killed_at_any_stage_leaves_one_result_and_its_worker_alive(office: Office) -> None:
    runs = {stage: office.ask(stage=stage, what="kill_child") for stage in STAGES}
    with office.worker() as worker:
        for run_id in runs.values():
            office.ended(run_id)
        assert worker.poll() is None
    for stage, run_id in runs.items():
        office.assert_published_once(run_id)
        assert office.run(run_id).published_attempt == (1 if stage == "published" else 2), stage


def test_a_run_that_always_kills_its_process_fails_with_a_sentence_and_the_next_goes_on(office: Office) -> None:
    poison = office.ask(stage="load", what="kill_child", attempts=99)
    sound = office.ask()
    with office.worker():
        assert office.ended(poison).error_code == "RUN_GAVE_UP"
        office.ended(sound)
    office.assert_published_once(sound)
    assert office.actions(poison).count("run_started") == 3
    assert office.published(poison) == {"discrepancy": [], "run_total": [], "run_proof": []}


def test_a_frozen_worker_that_wakes_after_its_lease_publishes_nothing(office: Office) -> None:
    run_id = office.ask(stage="store", what="hold")
    with office.worker() as first:
        child = office.held(run_id)
        for process in (first.pid, child):
            os.kill(process, signal.SIGSTOP)
        with office.worker():
            done = office.ended(run_id)
            assert done.published_attempt == 2
            office.let_go(run_id)
            for process in (child, first.pid):
                os.kill(process, signal.SIGCONT)
            until(lambda: "fenced" in office.log(), "the woken worker was not fenced off")
    office.assert_published_once(run_id)
    assert office.run(run_id) == done


def test_a_worker_told_to_stop_gives_its_run_back_without_using_an_attempt(office: Office) -> None:
    run_id = office.ask(stage="store", what="hold")
    with office.worker() as worker:
        office.held(run_id)
        worker.terminate()
        assert worker.wait(timeout=30) == 0
    assert office.run(run_id).status == "queued"
    assert office.actions(run_id)[-1] == "run_released"
    office.let_go(run_id)
    with office.worker():
        office.ended(run_id)
    office.assert_published_once(run_id)


def test_two_workers_share_the_runs_and_do_each_once(office: Office) -> None:
    runs = [office.ask() for _ in range(4)]
    with office.worker(), office.worker(only_worker=True):
        for run_id in runs:
            office.ended(run_id)
    for run_id in runs:
        office.assert_published_once(run_id)
        assert office.actions(run_id) == ["run_requested", "run_started", "run_published"]


def test_a_run_deep_in_a_computation_is_cancelled_within_seconds(office: Office) -> None:
    run_id = office.ask(stage="exact", what="hold")
    with office.worker() as worker:
        child = office.held(run_id)
        assert cancel_run(office.engine, run_id, actor="ana") == "running"
        assert office.ended(run_id).status == "cancelled"
        until(lambda: not _exists(child), "the child lives on")
        assert worker.poll() is None
    assert office.published(run_id) == {"discrepancy": [], "run_total": [], "run_proof": []}


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
