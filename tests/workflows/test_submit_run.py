"""Asking for a run: the same question is the same run, however often and by however many it is asked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, func, select, text

from recon.errors import EvidenceMissing, ReadingNotFound, RunNotFound
from recon.model.rules import Rules
from recon.store import runs
from recon.store.evidence import Evidence
from recon.store.tables import audit_event, run
from recon.workflows.cancel_run import cancel_run
from recon.workflows.submit_run import Submitted, rerun, submit_run
from tests.workflows.sides import store_both


def submit(
    engine: Engine,
    evidence: Evidence,
    sides: tuple[int, int],
    *,
    rules: Rules | None = None,
    reconciliation: str = "Bank vs ledger",
    rerun_of: int | None = None,
) -> Submitted:
    return submit_run(
        engine,
        evidence,
        reconciliation=reconciliation,
        source_reading_id=sides[0],
        reference_reading_id=sides[1],
        rules=rules or Rules(),
        actor="ana",
        rerun_of=rerun_of,
    )


def jobs_waiting(engine: Engine) -> list[int]:
    with engine.connect() as conn:
        query = text("select (args->>'run_id')::bigint from procrastinate_jobs where status = 'todo' order by 1")
        return list(conn.execute(query).scalars())


def fail(engine: Engine, run_id: int) -> None:
    with engine.begin() as conn:
        claim = runs.claim(conn, run_id, worker="w", lease_seconds=60)
        assert claim is not None
        assert runs.fail(conn, claim, code="X", text="It failed.")


def test_a_run_its_job_and_its_audit_event_are_made_together(engine: Engine, evidence: Evidence) -> None:
    submitted = submit(engine, evidence, store_both(engine, evidence))
    assert not submitted.cached
    assert jobs_waiting(engine) == [submitted.run_id]
    with engine.connect() as conn:
        assert runs.get(conn, submitted.run_id).status == "queued"
        events = conn.execute(select(audit_event.c.action, audit_event.c.subject)).all()
    assert [tuple(event) for event in events] == [
        ("reconciliation_made", "reconciliation 1"),
        ("run_requested", f"run {submitted.run_id}"),
    ]


def test_the_same_readings_and_rules_are_the_same_run(engine: Engine, evidence: Evidence) -> None:
    sides = store_both(engine, evidence)
    first = submit(engine, evidence, sides)
    again = submit(engine, evidence, sides, reconciliation="Another name")
    assert again == Submitted(run_id=first.run_id, cached=True)
    assert jobs_waiting(engine) == [first.run_id]


def test_other_rules_or_swapped_sides_are_another_run(engine: Engine, evidence: Evidence) -> None:
    sides = store_both(engine, evidence)
    made = [
        submit(engine, evidence, sides),
        submit(engine, evidence, sides, rules=Rules(days_after=2)),
        submit(engine, evidence, (sides[1], sides[0])),
    ]
    assert len({submitted.run_id for submitted in made}) == 3
    assert not any(submitted.cached for submitted in made)


def test_twenty_at_once_make_one_run(engine: Engine, evidence: Evidence) -> None:
    sides = store_both(engine, evidence)
    with ThreadPoolExecutor(20) as pool:
        made = list(pool.map(lambda _: submit(engine, evidence, sides), range(20)))
    assert len({submitted.run_id for submitted in made}) == 1
    assert [submitted.cached for submitted in made].count(False) == 1
    with engine.connect() as conn:
        assert conn.execute(select(func.count()).select_from(run)).scalar_one() == 1
    assert len(jobs_waiting(engine)) == 1


def test_after_a_failure_or_a_cancel_the_same_question_is_a_new_run(engine: Engine, evidence: Evidence) -> None:
    sides = store_both(engine, evidence)
    first = submit(engine, evidence, sides)
    fail(engine, first.run_id)
    second = submit(engine, evidence, sides)
    cancel_run(engine, second.run_id, actor="ana")
    third = submit(engine, evidence, sides)
    assert len({first.run_id, second.run_id, third.run_id}) == 3
    assert not third.cached


def test_run_again_anyway_is_a_new_run_linked_to_the_first_and_a_double_click_is_one(
    engine: Engine, evidence: Evidence
) -> None:
    sides = store_both(engine, evidence)
    first = submit(engine, evidence, sides)
    assert rerun(engine, evidence, first.run_id, actor="ben") == Submitted(run_id=first.run_id, cached=True)
    fail(engine, first.run_id)
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: rerun(engine, evidence, first.run_id, actor="ben"), range(8)))
    assert len({submitted.run_id for submitted in made}) == 1
    with engine.connect() as conn:
        again = runs.get(conn, made[0].run_id)
    assert again.id != first.run_id
    assert again.rerun_of_id == first.run_id
    assert again.rules == Rules()


def test_what_is_asked_for_must_exist(engine: Engine, evidence: Evidence) -> None:
    sides = store_both(engine, evidence)
    with pytest.raises(ReadingNotFound):
        submit(engine, evidence, (sides[0], 999))
    with pytest.raises(RunNotFound):
        submit(engine, evidence, sides, rerun_of=999)
    with pytest.raises(RunNotFound):
        cancel_run(engine, 999, actor="ana")
    with pytest.raises(EvidenceMissing):
        submit(engine, Evidence(evidence.url + "-elsewhere"), sides)


def test_a_waiting_run_is_cancelled_at_once_and_stays_so(engine: Engine, evidence: Evidence) -> None:
    submitted = submit(engine, evidence, store_both(engine, evidence))
    assert cancel_run(engine, submitted.run_id, actor="ana") == "cancelled"
    assert cancel_run(engine, submitted.run_id, actor="ana") == "cancelled"
    with engine.begin() as conn:
        assert runs.claim(conn, submitted.run_id, worker="w", lease_seconds=60) is None
