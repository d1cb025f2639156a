"""Runs: the row that says what is to be reconciled, who is at it, how far it is and what came of it.

States: queued -> running -> succeeded | failed | cancelled, and back to queued when a worker stops before it is done.
Each claim is a new attempt with a lease. Whatever an attempt writes names the attempt (`_mine`), so a worker that lost
its lease changes nothing. All times are the database's. Every function runs in its caller's transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, DateTime, Function, and_, case, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.elements import ColumnElement

from recon.errors import RunNotFound
from recon.model.rules import Rules
from recon.store import audit, jobs
from recon.store.tables import reading, reconciliation, run

MAX_ATTEMPTS: Final = 3
SYSTEM: Final = "system"
STARTING: Final = "starting"
GAVE_UP: Final = (
    f"The run was started {MAX_ATTEMPTS} times and stopped each time before it was done: its process ended, or the "
    "database went away. The files may need more memory or disk than this machine has. Make room or try smaller files, "
    "then run again; the log of the sidecar says more."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run as a workflow needs it."""

    id: int
    run_key: str
    rerun_of_id: int | None
    reconciliation_id: int
    source_reading_id: int
    reference_reading_id: int
    rules: Rules
    status: str
    attempt: int
    published_attempt: int | None
    error_code: str | None
    error_text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right to work on a run, as its attempt number `attempt`, while the lease is renewed."""

    run_id: int
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an attempt is: the stage it is in, and rows done of rows total in that stage."""

    stage: str
    rows_done: int
    rows_total: int


def get(conn: Connection, run_id: int) -> Run:
    """The run of that number. Raises `RunNotFound`."""
    row = conn.execute(select(*(run.c[name] for name in Run.__slots__)).where(run.c.id == run_id)).mappings().first()
    if row is None:
        raise RunNotFound(run_id)
    return Run(**{**row, "rules": rules_from(row["rules"])})


def rules_from(stored: dict[str, Any]) -> Rules:
    """The rules as they were stored by `Rules.as_dict`."""
    return Rules.from_dict(stored)


# Asking for a run -----------------------------------------------------------------------------------------------------


def reconciliation_id(conn: Connection, *, name: str, actor: str, carries: bool = False) -> int:
    """The reconciliation of that name, made if there is none; `carries`: whether a new one carries its open items."""
    add = insert(reconciliation).values(name=name, created_by=actor, carry_forward=carries).on_conflict_do_nothing()
    made = conn.execute(add.returning(reconciliation.c.id)).scalar_one_or_none()
    if made is not None:
        subject = f"reconciliation {made}"
        audit.record(
            conn,
            actor=actor,
            action="reconciliation_made",
            subject=subject,
            detail={"name": name, "carry_forward": carries},
        )
        return int(made)
    found: int = conn.execute(select(reconciliation.c.id).where(reconciliation.c.name == name)).scalar_one()
    return found


def standing(conn: Connection, run_key: str) -> int | None:
    """The run of that key that is queued, at work or published, if there is one; linked repeats do not count."""
    query = select(run.c.id).where(
        run.c.run_key == run_key, run.c.rerun_of_id.is_(None), run.c.status.not_in(("failed", "cancelled"))
    )
    return conn.execute(query).scalar_one_or_none()


def newest_of(
    conn: Connection, reconciliation_id: int, *, source_reading_id: int, reference_reading_id: int, rules: Rules
) -> int | None:
    """The newest run of these uploads, read by these mappings, under these rules, that did not end without a result.

    Repeats count too, and so does what an earlier version of Tieout read and kept.
    """
    query = select(run.c.id, run.c.rules).where(
        run.c.reconciliation_id == reconciliation_id, run.c.status.not_in(("failed", "cancelled"))
    )
    for asked, column in (
        (source_reading_id, run.c.source_reading_id),
        (reference_reading_id, run.c.reference_reading_id),
    ):
        ours, theirs = reading.alias(), reading.alias()
        same = and_(theirs.c.upload_id == ours.c.upload_id, theirs.c.mapping == ours.c.mapping)
        query = query.join(theirs, theirs.c.id == column).join(ours, same).where(ours.c.id == asked)
    rows = conn.execute(query.order_by(run.c.id.desc()))
    return next((row.id for row in rows if rules_from(row.rules) == rules), None)


def unfinished_rerun(conn: Connection, rerun_of_id: int) -> int | None:
    """A repeat of that run that is not finished yet. Locks the run, so that two clicks make one repeat."""
    conn.execute(select(run.c.id).where(run.c.id == rerun_of_id).with_for_update(key_share=True))
    query = select(run.c.id).where(run.c.rerun_of_id == rerun_of_id, run.c.status.in_(("queued", "running")))
    return conn.execute(query.order_by(run.c.id).limit(1)).scalar_one_or_none()


def request(
    conn: Connection,
    *,
    run_key: str,
    reconciliation_id: int,
    source_reading_id: int,
    reference_reading_id: int,
    rules: Rules,
    actor: str,
    rerun_of_id: int | None,
) -> int | None:
    """Add a queued run, its job and its audit event. None when a run of that key stands (only without a link)."""
    values = {
        "reconciliation_id": reconciliation_id,
        "run_key": run_key,
        "rerun_of_id": rerun_of_id,
        "source_reading_id": source_reading_id,
        "reference_reading_id": reference_reading_id,
        "rules": rules.as_dict(),
        "requested_by": actor,
    }
    run_id = conn.execute(insert(run).values(values).on_conflict_do_nothing().returning(run.c.id)).scalar_one_or_none()
    if run_id is not None:
        jobs.enqueue(conn, run_id)
        detail = {"source_reading": source_reading_id, "reference_reading": reference_reading_id}
        if rerun_of_id is not None:
            detail["rerun_of"] = rerun_of_id
        audit.record(conn, actor=actor, action="run_requested", subject=_subject(run_id), detail=detail)
    return run_id


# Working on a run -----------------------------------------------------------------------------------------------------


def claim(conn: Connection, run_id: int, *, worker: str, lease_seconds: float) -> Claim | None:
    """Start the next attempt, if the run waits or its worker's lease ran out; None when there is nothing to do."""
    may_start = or_(run.c.status == "queued", (run.c.status == "running") & (run.c.lease_until < _now()))
    taken = conn.execute(
        update(run)
        .where(run.c.id == run_id, may_start, run.c.cancel_requested_at.is_(None), _attempts_used() < MAX_ATTEMPTS)
        .values(
            status="running",
            attempt=run.c.attempt + 1,
            worker=worker,
            lease_until=_now() + timedelta(seconds=lease_seconds),
            started_at=_now(),
            stage=STARTING,
            rows_done=0,
            rows_total=0,
            progress_at=_now(),
        )
        .returning(run.c.attempt)
    ).scalar_one_or_none()
    if taken is None:
        return None
    audit.record(
        conn,
        actor=SYSTEM,
        action="run_started",
        subject=_subject(run_id),
        detail={"attempt": taken, "worker": worker},
    )
    return Claim(run_id=run_id, attempt=taken)


def renew(conn: Connection, claim: Claim, progress: Progress, *, lease_seconds: float) -> bool | None:
    """Renew the lease and store the progress. Returns whether someone asked to cancel; None when the lease is lost."""
    has_moved = or_(
        run.c.stage.is_distinct_from(progress.stage),
        run.c.rows_done != progress.rows_done,
        run.c.rows_total != progress.rows_total,
    )
    row = conn.execute(
        update(run)
        .where(*_mine(claim), run.c.lease_until > _now())
        .values(
            lease_until=_now() + timedelta(seconds=lease_seconds),
            progress_at=case((has_moved, _now()), else_=run.c.progress_at),
            stage=progress.stage,
            rows_done=progress.rows_done,
            rows_total=progress.rows_total,
        )
        .returning(run.c.cancel_requested_at)
    ).one_or_none()
    return None if row is None else row.cancel_requested_at is not None


def hold(conn: Connection, claim: Claim, *, lease_seconds: float) -> None:
    """Keep the lease of an attempt whose process is still on its way up and cannot do so itself."""
    is_starting = run.c.stage == STARTING
    conn.execute(
        update(run).where(*_mine(claim), is_starting).values(lease_until=_now() + timedelta(seconds=lease_seconds))
    )


def should_have_stopped(conn: Connection, claim: Claim, *, patience_seconds: float) -> bool:
    """Whether a cancel was asked for so long ago that the attempt will not hear of it by itself."""
    overdue = run.c.cancel_requested_at < _now() - timedelta(seconds=patience_seconds)
    return conn.execute(select(run.c.id).where(*_mine(claim), overdue)).first() is not None


# How an attempt ends without a result ---------------------------------------------------------------------------------


def fail(conn: Connection, claim: Claim, *, code: str, text: str) -> bool:
    """Record that the attempt ended in an error that trying again will not mend. False when it is not ours any more."""
    return _end(conn, claim, status="failed", actor=SYSTEM, action="run_failed", error_code=code, error_text=text)


def mark_cancelled(conn: Connection, claim: Claim) -> bool:
    """Record that the attempt stopped because someone asked. False when it is not ours any more."""
    return _end(conn, claim, status="cancelled", actor=SYSTEM, action="run_cancelled")


def give_back(conn: Connection, claim: Claim, *, was_harmless: bool) -> str | None:
    """Put a run whose attempt stopped midway where it belongs: cancelled, failed after its last attempt, or queued.

    A harmless stop (the worker was asked to end) uses no attempt. Returns the new status; None when the run is not in
    that attempt's hands any more: it published, ended, or another attempt has it.
    """
    row = conn.execute(
        select(run.c.cancel_requested_at, run.c.attempt, run.c.released_count).where(*_mine(claim)).with_for_update()
    ).one_or_none()
    if row is None:
        return None
    if row.cancel_requested_at is not None:
        mark_cancelled(conn, claim)
        return "cancelled"
    if not was_harmless and row.attempt - row.released_count >= MAX_ATTEMPTS:
        fail(conn, claim, code="RUN_GAVE_UP", text=GAVE_UP)
        return "failed"
    released = run.c.released_count + (1 if was_harmless else 0)
    conn.execute(
        update(run).where(*_mine(claim)).values(status="queued", released_count=released, **_NOBODY, **_NO_PROGRESS)
    )
    jobs.enqueue(conn, claim.run_id)
    action = "run_released" if was_harmless else "run_interrupted"
    detail = {"attempt": claim.attempt}
    audit.record(conn, actor=SYSTEM, action=action, subject=_subject(claim.run_id), detail=detail)
    return "queued"


def rekey(conn: Connection, claim: Claim, run_key: str) -> None:
    """Name what the run decides by as it is now that its work begins."""
    conn.execute(update(run).where(*_mine(claim)).values(run_key=run_key))


def ask_to_cancel(conn: Connection, run_id: int, *, actor: str) -> str:
    """Cancel a waiting run at once, or ask the worker of a running one to stop. Returns the status now.

    Raises `RunNotFound`. A finished run stays as it is.
    """
    status: str | None = conn.execute(
        select(run.c.status).where(run.c.id == run_id).with_for_update(key_share=True)
    ).scalar_one_or_none()
    if status is None:
        raise RunNotFound(run_id)
    this = update(run).where(run.c.id == run_id)
    if status == "queued":
        conn.execute(this.values(status="cancelled", cancel_requested_at=_now(), finished_at=_now()))
        audit.record(conn, actor=actor, action="run_cancelled", subject=_subject(run_id))
        return "cancelled"
    if status == "running":
        asked = conn.execute(this.where(run.c.cancel_requested_at.is_(None)).values(cancel_requested_at=_now()))
        if asked.rowcount:
            audit.record(conn, actor=actor, action="run_cancel_requested", subject=_subject(run_id))
    return status


# What the janitor finds -----------------------------------------------------------------------------------------------


def abandoned(conn: Connection, *, cancel_patience_seconds: float) -> tuple[Claim, ...]:
    """Attempts whose lease ran out, or that did not stop when asked to; locked, so that two janitors do not meet."""
    is_deaf = run.c.cancel_requested_at < _now() - timedelta(seconds=cancel_patience_seconds)
    query = select(run.c.id, run.c.attempt).where(run.c.status == "running", or_(run.c.lease_until < _now(), is_deaf))
    rows = conn.execute(query.order_by(run.c.id).with_for_update(skip_locked=True, key_share=True))
    return tuple(Claim(run_id=row.id, attempt=row.attempt) for row in rows)


def without_job(conn: Connection) -> tuple[int, ...]:
    """Queued runs that no job stands for; locked."""
    query = select(run.c.id).where(run.c.status == "queued", ~jobs.has_job())
    return tuple(conn.execute(query.order_by(run.c.id).with_for_update(skip_locked=True, key_share=True)).scalars())


def finished_lately(conn: Connection, *, within: timedelta) -> tuple[tuple[int, int | None], ...]:
    """Runs finished within that time, as (run, published attempt or None)."""
    query = select(run.c.id, run.c.published_attempt).where(run.c.finished_at > _now() - within)
    return tuple((row.id, row.published_attempt) for row in conn.execute(query))


_NOBODY: Final[dict[str, Any]] = {"worker": None, "lease_until": None}
_NO_PROGRESS: Final[dict[str, Any]] = {"stage": None, "rows_done": 0, "rows_total": 0, "progress_at": None}


def _end(conn: Connection, claim: Claim, *, status: str, actor: str, action: str, **values: Any) -> bool:
    ended = conn.execute(
        update(run).where(*_mine(claim)).values(status=status, finished_at=_now(), **_NOBODY, **values)
    )
    if ended.rowcount != 1:
        return False
    detail = {"attempt": claim.attempt, **values}
    audit.record(conn, actor=actor, action=action, subject=_subject(claim.run_id), detail=detail)
    return True


def _mine(claim: Claim) -> tuple[ColumnElement[bool], ...]:
    return (run.c.id == claim.run_id, run.c.attempt == claim.attempt, run.c.status == "running")


def _attempts_used() -> ColumnElement[int]:
    return run.c.attempt - run.c.released_count


def _now() -> Function[datetime]:
    return func.clock_timestamp(type_=DateTime(timezone=True))


def _subject(run_id: int) -> str:
    return f"run {run_id}"
