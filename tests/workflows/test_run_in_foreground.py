"""A run done here and now: worked on if it waits, waited for if another works on it, cancelled by an interrupt."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import Engine, update

from recon.store import runs
from recon.store.evidence import Evidence
from recon.store.runs import Claim
from recon.store.tables import run
from recon.workflows.execute_run import execute_run
from recon.workflows.run_in_foreground import finish_run
from tests.workflows.sides import submit_both


@pytest.fixture
def run_id(engine: Engine, evidence: Evidence) -> int:
    return submit_both(engine, evidence)


def claim(engine: Engine, run_id: int) -> Claim:
    with engine.begin() as conn:
        taken = runs.claim(conn, run_id, worker="other", lease_seconds=60)
    assert taken is not None
    return taken


def test_a_waiting_run_is_done_and_a_done_one_is_given_back(engine: Engine, evidence: Evidence, run_id: int) -> None:
    stages: dict[str, None] = {}
    first = finish_run(
        engine, evidence, run_id, lease_seconds=60, on_progress=lambda stage, _done, _total: stages.setdefault(stage)
    )
    assert first.status == "succeeded"
    assert next(iter(stages)) == "load"
    assert list(stages)[-1] == "published"
    assert finish_run(engine, evidence, run_id, lease_seconds=60) == first


def test_a_run_in_other_hands_is_waited_for(engine: Engine, evidence: Evidence, run_id: int) -> None:
    taken = claim(engine, run_id)
    waits = threading.Event()

    def watch(stage: str, _done: int, _total: int) -> None:
        assert stage == "wait"
        if not waits.is_set():
            waits.set()
            execute_run(engine, evidence, taken, lease_seconds=60)

    assert finish_run(engine, evidence, run_id, lease_seconds=60, on_progress=watch).published_attempt == 1
    assert waits.is_set()


def test_a_run_whose_worker_died_is_taken_over_without_a_sidecar(
    engine: Engine, evidence: Evidence, run_id: int
) -> None:
    claim(engine, run_id)
    with engine.begin() as conn:
        conn.execute(update(run).values(lease_until=run.c.requested_at))
    assert finish_run(engine, evidence, run_id, lease_seconds=60).published_attempt == 2


def test_an_interrupt_cancels_the_run(engine: Engine, evidence: Evidence, run_id: int) -> None:
    def interrupt(stage: str, _done: int, _total: int) -> None:
        if stage == "store":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        finish_run(engine, evidence, run_id, lease_seconds=60, on_progress=interrupt)
    with engine.connect() as conn:
        assert runs.get(conn, run_id).status == "cancelled"
