"""Ask for a run: the same readings under the same rules are the same run, given back at once.

The run's row, its job and its audit event are one transaction, so a run that is there will be worked on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Engine

from recon.errors import EvidenceMissing
from recon.model.people import Action
from recon.model.rules import Rules
from recon.model.transactions import Side
from recon.store import reading_files, readings, runs
from recon.store.evidence import Evidence, reading_name
from recon.store.runs import Run
from recon.workflows.carry_plan import Asked, write_plan
from recon.workflows.permit import permit
from recon.workflows.plan_run import RunPlan, plan_run


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """The run that was asked for; `cached` when it was there already: published, at work or waiting."""

    run_id: int
    cached: bool


def submit_run(
    engine: Engine,
    evidence: Evidence,
    *,
    reconciliation: str,
    source_reading_id: int,
    reference_reading_id: int,
    rules: Rules,
    actor: str,
    rerun_of: int | None = None,
    as_of: date | None = None,
    carries: bool = False,
) -> Submitted:
    """The run of two readings under these rules, new or known. `reconciliation` is a name, made if it is new.

    `carries`: whether one that is new carries its open items.

    `as_of` is the day on which open items are due or not, if the reconciliation carries them; None is today.
    `rerun_of` asks to run again anyway: a new run, linked to that one; while either is unfinished, asking again gives
    it back. Raises `ReadingNotFound`, `RunNotFound`, and `EvidenceMissing` when the rows to match are gone.
    """
    with engine.begin() as conn:
        permit(conn, actor, Action.RUN)
        source, reference = (readings.get(conn, number) for number in (source_reading_id, reference_reading_id))
        _make_sure(evidence, source.reading_key, reference.reading_key)
        before = None if rerun_of is None else runs.get(conn, rerun_of)
        asked = Asked(
            reconciliation_id=runs.reconciliation_id(conn, name=reconciliation, actor=actor, carries=carries),
            reading_keys={Side.SOURCE: source.reading_key, Side.REFERENCE: reference.reading_key},
            rules=rules,
            as_of=as_of,
            rerun_of_id=rerun_of,
        )
        wanted = _Wanted.of(conn, asked, source_reading_id, reference_reading_id, actor)
        return _first(conn, wanted) if before is None else _again(conn, wanted, before)


def rerun(engine: Engine, evidence: Evidence, run_id: int, *, actor: str) -> Submitted:
    """Run again what that run did: same readings, same rules, a new run linked to it. Raises `RunNotFound`."""
    with engine.begin() as conn:
        permit(conn, actor, Action.RUN)
        before = runs.get(conn, run_id)
        numbers = (before.source_reading_id, before.reference_reading_id)
        keys = [readings.get(conn, number).reading_key for number in numbers]
        _make_sure(evidence, *keys)
        asked = Asked(
            reconciliation_id=before.reconciliation_id,
            reading_keys=dict(zip(Side, keys, strict=True)),
            rules=before.rules,
            as_of=None,
            rerun_of_id=run_id,
        )
        return _again(conn, _Wanted.of(conn, asked, *numbers, actor), before)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    asked: Asked
    plan: RunPlan
    source_reading_id: int
    reference_reading_id: int
    actor: str

    @classmethod
    def of(
        cls, conn: Connection, asked: Asked, source_reading_id: int, reference_reading_id: int, actor: str
    ) -> _Wanted:
        return cls(
            asked=asked,
            plan=plan_run(conn, asked),
            source_reading_id=source_reading_id,
            reference_reading_id=reference_reading_id,
            actor=actor,
        )


def _make_sure(evidence: Evidence, *reading_keys: str) -> None:
    for key in reading_keys:
        if not reading_files.is_stored(evidence, key):
            raise EvidenceMissing(reading_name(key, reading_files.TRANSACTIONS))


def _first(conn: Connection, wanted: _Wanted) -> Submitted:
    if wanted.plan.same_id is not None:
        return Submitted(run_id=wanted.plan.same_id, cached=True)
    while True:  # a standing run may end in failure between the two looks; then this one is new
        standing = runs.standing(conn, wanted.plan.key)
        if standing is not None:
            return Submitted(run_id=standing, cached=True)
        added = _request(conn, wanted, rerun_of_id=None)
        if added is not None:
            return Submitted(run_id=added, cached=False)


def _again(conn: Connection, wanted: _Wanted, before: Run) -> Submitted:
    unfinished = before.id if before.status in ("queued", "running") else runs.unfinished_rerun(conn, before.id)
    if unfinished is not None:
        return Submitted(run_id=unfinished, cached=True)
    added = _request(conn, wanted, rerun_of_id=before.id)
    assert added is not None, "a linked run is never refused"
    return Submitted(run_id=added, cached=False)


def _request(conn: Connection, wanted: _Wanted, *, rerun_of_id: int | None) -> int | None:
    run_id = runs.request(
        conn,
        run_key=wanted.plan.key,
        reconciliation_id=wanted.asked.reconciliation_id,
        source_reading_id=wanted.source_reading_id,
        reference_reading_id=wanted.reference_reading_id,
        rules=wanted.asked.rules,
        actor=wanted.actor,
        rerun_of_id=rerun_of_id,
    )
    if run_id is not None and wanted.plan.carry is not None:
        write_plan(conn, run_id, wanted.asked.reconciliation_id, wanted.plan.carry)
    return run_id
