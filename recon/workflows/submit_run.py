"""Ask for a run: the same readings under the same rules are the same run, given back at once.

The run's row, its job and its audit event are one transaction, so a run that is there will be worked on.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from recon.errors import EvidenceMissing
from recon.model.people import Action
from recon.model.rules import Rules
from recon.store import reading_files, readings, runs
from recon.store.evidence import Evidence, reading_name
from recon.store.runs import Run
from recon.workflows.code_version import engine_version
from recon.workflows.permit import permit


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
) -> Submitted:
    """The run of two readings under these rules, new or known. `reconciliation` is a name, made if it is new.

    `rerun_of` asks to run again anyway: a new run, linked to that one; while either is unfinished, asking again gives
    it back. Raises `ReadingNotFound`, `RunNotFound`, and `EvidenceMissing` when the rows to match are gone.
    """
    with engine.begin() as conn:
        permit(conn, actor, Action.RUN)
        source, reference = (readings.get(conn, number) for number in (source_reading_id, reference_reading_id))
        _make_sure(evidence, source.reading_key, reference.reading_key)
        wanted = _Wanted(
            key=run_key(source_key=source.reading_key, reference_key=reference.reading_key, rules=rules),
            reconciliation_id=runs.reconciliation_id(conn, name=reconciliation, actor=actor),
            source_reading_id=source_reading_id,
            reference_reading_id=reference_reading_id,
            rules=rules,
            actor=actor,
        )
        return _first(conn, wanted) if rerun_of is None else _again(conn, wanted, runs.get(conn, rerun_of))


def rerun(engine: Engine, evidence: Evidence, run_id: int, *, actor: str) -> Submitted:
    """Run again what that run did: same readings, same rules, a new run linked to it. Raises `RunNotFound`."""
    with engine.begin() as conn:
        permit(conn, actor, Action.RUN)
        before = runs.get(conn, run_id)
        sides = (readings.get(conn, number) for number in (before.source_reading_id, before.reference_reading_id))
        _make_sure(evidence, *(side.reading_key for side in sides))
        wanted = _Wanted(
            key=before.run_key,
            reconciliation_id=before.reconciliation_id,
            source_reading_id=before.source_reading_id,
            reference_reading_id=before.reference_reading_id,
            rules=before.rules,
            actor=actor,
        )
        return _again(conn, wanted, before)


def run_key(*, source_key: str, reference_key: str, rules: Rules) -> str:
    """The hash of all that decides a run's result: both readings, the rules and the engine."""
    decides = {"source": source_key, "reference": reference_key, "rules": rules.as_dict(), "engine": engine_version()}
    return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    key: str
    reconciliation_id: int
    source_reading_id: int
    reference_reading_id: int
    rules: Rules
    actor: str


def _make_sure(evidence: Evidence, *reading_keys: str) -> None:
    for key in reading_keys:
        if not reading_files.is_stored(evidence, key):
            raise EvidenceMissing(reading_name(key, reading_files.TRANSACTIONS))


def _first(conn: Connection, wanted: _Wanted) -> Submitted:
    while True:  # a standing run may end in failure between the two looks; then this one is new
        standing = runs.standing(conn, wanted.key)
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
    return runs.request(
        conn,
        run_key=wanted.key,
        reconciliation_id=wanted.reconciliation_id,
        source_reading_id=wanted.source_reading_id,
        reference_reading_id=wanted.reference_reading_id,
        rules=wanted.rules,
        actor=wanted.actor,
        rerun_of_id=rerun_of_id,
    )
