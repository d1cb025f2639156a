"""What the evidence store is expected to hold, as the database says it: files as received, readings, and runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Engine, Select, cast, func, literal, select
from sqlalchemy.types import Text

from recon.model.decisions import Decision, DecisionKind, Member
from recon.model.transactions import Side
from recon.store.close_tables import period_close
from recon.store.tables import audit_event, reading, run, upload
from recon.store.workbench_tables import decision, decision_member, run_carry

COUNTS: Final = ("rows_read", "rows_accepted", "rows_rejected", "rows_ignored")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRun:
    """A published run. `told`: what its audit event said of it when it was published; empty if there is none."""

    id: int
    attempt: int
    run_key: str
    is_rerun: bool
    is_carrying: bool
    digest: str
    rules: Mapping[str, Any]
    manifest: Mapping[str, str]
    keys: Mapping[Side, str]
    told: Mapping[str, Any]


def received(engine: Engine, *, run_id: int | None = None) -> dict[str, str]:
    """sha256 -> the name of a file as received: of everything, or of one run."""
    query = select(upload.c.sha256, func.min(upload.c.filename)).group_by(upload.c.sha256)
    if run_id is not None:
        mine = select(reading.c.upload_id).where(reading.c.id.in_(_readings_of(run_id)))
        query = query.where(upload.c.id.in_(mine))
    with engine.connect() as conn:
        return {row[0]: row[1] for row in conn.execute(query.order_by(upload.c.sha256))}


def signed(engine: Engine) -> dict[str, str]:
    """sha256 -> what it is, of every file that a period's sign-off stands for."""
    c = period_close.c
    kinds = {"contents": c.digest, "workbook": c.workbook_sha256, "PDF": c.document_sha256}
    with engine.connect() as conn:
        rows = conn.execute(select(c.id, *kinds.values()).where(c.digest.is_not(None)).order_by(c.id)).all()
    return {sha256: f"{kind} of close {row[0]}" for row in rows for kind, sha256 in zip(kinds, row[1:], strict=True)}


def reading_keys(engine: Engine, *, run_id: int | None = None) -> tuple[str, ...]:
    """The keys of all readings, or of those of one run."""
    query = select(reading.c.reading_key).distinct().order_by(reading.c.reading_key)
    if run_id is not None:
        query = query.where(reading.c.id.in_(_readings_of(run_id)))
    with engine.connect() as conn:
        return tuple(conn.execute(query).scalars())


def reading_counts(engine: Engine, *, run_id: int | None = None) -> dict[str, tuple[int, ...]]:
    """Key -> how many rows were read, accepted, rejected and ignored (COUNTS), of all readings or of one run's."""
    query = select(reading.c.reading_key, *(reading.c[name] for name in COUNTS))
    if run_id is not None:
        query = query.where(reading.c.id.in_(_readings_of(run_id)))
    with engine.connect() as conn:
        return {row[0]: tuple(row[1:]) for row in conn.execute(query)}


def kept_runs(engine: Engine, *, run_id: int | None = None) -> tuple[KeptRun, ...]:
    """All published runs, or the one of that number if it is published; the newest first."""
    source, reference = reading.alias(), reading.alias()
    query = (
        select(run, source.c.reading_key.label("source"), reference.c.reading_key.label("reference"), run_carry.c.as_of)
        .join(source, source.c.id == run.c.source_reading_id)
        .join(reference, reference.c.id == run.c.reference_reading_id)
        .outerjoin(run_carry, run_carry.c.run_id == run.c.id)
        .where(run.c.published_attempt.is_not(None))
        .order_by(run.c.id.desc())
    )
    if run_id is not None:
        query = query.where(run.c.id == run_id)
    with engine.connect() as conn:
        rows = conn.execute(query).all()
        told = _told(conn, run_id)
    return tuple(
        KeptRun(
            id=row.id,
            attempt=row.published_attempt,
            run_key=row.run_key,
            is_rerun=row.rerun_of_id is not None,
            is_carrying=row.as_of is not None,
            digest=row.digest,
            rules=row.rules,
            manifest=row.manifest,
            keys={Side.SOURCE: row.source, Side.REFERENCE: row.reference},
            told=told.get(row.id, {}),
        )
        for row in rows
    )


def run_numbers(engine: Engine) -> frozenset[int]:
    """The numbers of all runs there are."""
    with engine.connect() as conn:
        return frozenset(conn.execute(select(run.c.id)).scalars())


def decisions_by_id(conn: Connection, ids: Iterable[int]) -> tuple[Decision, ...]:
    """These decisions, whether they still stand or were taken back since, in the order they were taken."""
    d, m = decision.c, decision_member.c
    rows = conn.execute(
        select(d.id, d.kind, d.actor, d.at, m.side, m.fingerprint, m.amount, m.currency)
        .join_from(decision, decision_member, m.decision_id == d.id)
        .where(d.id.in_(list(ids)))
        .order_by(d.id, m.side, m.fingerprint)
    ).all()
    members: dict[int, list[Member]] = defaultdict(list)
    for row in rows:
        members[row.id].append(
            Member(side=Side(row.side), fingerprint=row.fingerprint, amount=row.amount, currency=row.currency)
        )
    heads = {row.id: row for row in rows}
    return tuple(
        Decision(id=row.id, kind=DecisionKind(row.kind), actor=row.actor, at=row.at, members=tuple(members[row.id]))
        for row in heads.values()
    )


def _readings_of(run_id: int) -> Any:
    both = (
        select(column).where(run.c.id == run_id) for column in (run.c.source_reading_id, run.c.reference_reading_id)
    )
    return next(both).union_all(next(both))


def _told(conn: Connection, run_id: int | None) -> dict[int, Mapping[str, Any]]:
    """The detail of each run's last publication, by run."""
    subject = literal("run ") + cast(run.c.id, Text)
    query: Select[Any] = (
        select(run.c.id, audit_event.c.detail)
        .join(audit_event, (audit_event.c.subject == subject) & (audit_event.c.action == "run_published"))
        .order_by(audit_event.c.id)
    )
    if run_id is not None:
        query = query.where(run.c.id == run_id)
    return {row.id: row.detail for row in conn.execute(query)}
