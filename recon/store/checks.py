"""Writing down what checks find: a run begins, and ends once with everything it found, in one transaction.

Rules it keeps: the runs of one check and book end one after the other; a run that another attempt took over writes
nothing; only the newest look at the books says which variances are open, and only one that could look.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb
from sqlalchemy import Connection, DateTime, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from recon.model.checks import (
    NOT_SET_UP,
    CatalogueLine,
    Category,
    CheckBook,
    CheckStatus,
    Judgement,
    Quantity,
    ReconCheckResult,
    StatusChange,
    Subject,
    Variance,
)
from recon.store.check_tables import check_run, check_variance

PATIENCE: Final = timedelta(minutes=15)
"""Longer than any check takes; a run that has not finished by then belongs to a process that died."""

_NOW: Final = func.clock_timestamp(type_=DateTime(timezone=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A run at work, in this attempt's hands."""

    run_id: int
    attempt: int
    check_name: str
    category: Category
    book: CheckBook
    as_of: date
    started_at: datetime


def begin(
    conn: Connection, check: CatalogueLine, *, book: CheckBook, as_of: date, requested_by: str, slot: datetime | None
) -> Begun | None:
    """Begin a run; that of a slot which is not finished is taken over. None when the slot's run has finished."""
    row = insert(check_run).values(
        check_name=check.name,
        book=book.value,
        category=check.category.value,
        as_of=as_of,
        slot=slot,
        requested_by=requested_by,
        lease_until=_NOW + PATIENCE,
    )
    taken_over = {"attempt": check_run.c.attempt + 1, "lease_until": _NOW + PATIENCE, "started_at": _NOW}
    found = conn.execute(
        row.on_conflict_do_update(
            index_elements=["check_name", "book", "slot"], set_=taken_over, where=check_run.c.finished_at.is_(None)
        ).returning(check_run.c.id, check_run.c.attempt, check_run.c.started_at)
    ).one_or_none()
    if found is None:
        return None
    return Begun(
        run_id=found.id,
        attempt=found.attempt,
        check_name=check.name,
        category=check.category,
        book=book,
        as_of=as_of,
        started_at=found.started_at,
    )


def finish(conn: Connection, begun: Begun, judgement: Judgement, *, duration_ms: int) -> StatusChange | None:
    """Record the judgement with its variances, and say which are open now. The change of status, if there was one.

    A first run that is ok, or has no broker to ask yet, is no change. Raises `Superseded` when another attempt took the
    run over.
    """
    conn.execute(text("select pg_advisory_xact_lock(hashtextextended(:name, 7))"), {"name": _place(begun)})
    before = _status_before(conn, begun)
    is_newest = _is_newest(conn, begun)
    finished_at = _end(conn, begun, judgement, before, duration_ms)
    _copy_variances(conn, begun.run_id, judgement.variances)
    if is_newest and judgement.status is not CheckStatus.ERROR:
        _follow(conn, begun, tuple(judgement.unread))
    if not is_newest or before == judgement.status or (before is None and _is_no_news(judgement)):
        return None
    return StatusChange(
        run_id=begun.run_id,
        check_name=begun.check_name,
        category=begun.category,
        book=begun.book,
        before=before,
        after=judgement.status,
        summary=judgement.summary,
        variance_count=len(judgement.variances),
        at=finished_at,
    )


def _is_no_news(first: Judgement) -> bool:
    return first.status is CheckStatus.OK or NOT_SET_UP in first.metrics


class Superseded(Exception):
    """Another attempt has this run now, or finished it; nothing was written."""


def result_of(conn: Connection, *, check_name: str, book: CheckBook, slot: datetime) -> ReconCheckResult:
    """What the finished run of a slot found."""
    row = conn.execute(
        select(check_run).where(
            check_run.c.check_name == check_name, check_run.c.book == book.value, check_run.c.slot == slot
        )
    ).one()
    return ReconCheckResult(
        run_id=row.id,
        check_name=row.check_name,
        category=Category(row.category),
        book=CheckBook(row.book),
        status=CheckStatus(row.status),
        summary=row.summary,
        metrics=row.metrics,
        variances=_variances(conn, row.id),
        ran_at=row.started_at,
    )


def subject_from(said: Mapping[str, Any]) -> Subject:
    """The subject a stored one tells; the inverse of `as_json`."""
    given = dict(said)
    if "account_id" in given:
        given["account_id"] = UUID(given["account_id"])
    if "on" in given:
        given["on"] = date.fromisoformat(given["on"])
    return Subject(**given)


def figure(stored: Decimal) -> Quantity:
    """A stored figure: whole ones as int, so that minor units are what they were."""
    return int(stored) if stored == stored.to_integral_value() else stored.normalize()


def totals(variances: Iterable[Variance]) -> dict[str, str]:
    """Unit -> sum of what is unexplained, whatever its sign, as text."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for variance in variances:
        sums[variance.unit] += abs(Decimal(variance.unexplained))
    return {unit: f"{total:f}" for unit, total in sorted(sums.items())}


def _place(begun: Begun) -> str:
    return f"check {begun.check_name} {begun.book}"


def _status_before(conn: Connection, begun: Begun) -> CheckStatus | None:
    query = select(check_run.c.status).where(*_finished(begun)).order_by(check_run.c.id.desc()).limit(1)
    found = conn.execute(query).scalar_one_or_none()
    return None if found is None else CheckStatus(found)


def _is_newest(conn: Connection, begun: Begun) -> bool:
    """Whether no run has finished that looked at a later moment, or at a later day."""
    later = (check_run.c.id > begun.run_id) | (check_run.c.as_of > begun.as_of)
    return conn.execute(select(check_run.c.id).where(*_finished(begun), later).limit(1)).first() is None


def _finished(begun: Begun) -> tuple[Any, ...]:
    row = check_run.c
    return (row.check_name == begun.check_name, row.book == begun.book.value, row.finished_at.is_not(None))


def _end(
    conn: Connection, begun: Begun, judgement: Judgement, before: CheckStatus | None, duration_ms: int
) -> datetime:
    ended = conn.execute(
        update(check_run)
        .where(check_run.c.id == begun.run_id, check_run.c.attempt == begun.attempt, check_run.c.finished_at.is_(None))
        .values(
            finished_at=_NOW,
            status=judgement.status.value,
            status_before=before,
            summary=judgement.summary,
            metrics=judgement.told,
            variance_count=len(judgement.variances),
            variance_totals=totals(judgement.variances),
            duration_ms=duration_ms,
        )
        .returning(check_run.c.finished_at)
    ).scalar_one_or_none()
    if ended is None:
        raise Superseded
    return ended  # type: ignore[no-any-return]


def _copy_variances(conn: Connection, run_id: int, variances: Iterable[Variance]) -> None:
    driver = conn.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    columns = [column.name for column in check_variance.columns]
    with driver.cursor() as cursor, cursor.copy(f"copy check_variance ({', '.join(columns)}) from stdin") as copy:
        for v in variances:
            copy.write_row(
                (
                    *(run_id, v.subject.key, Jsonb(v.subject.as_json()), v.expected, v.actual, v.difference),
                    *(v.explained, v.unexplained, v.unit, v.note),
                )
            )


def _variances(conn: Connection, run_id: int) -> tuple[Variance, ...]:
    query = select(check_variance).where(check_variance.c.run_id == run_id).order_by(check_variance.c.subject_key)
    return tuple(
        Variance(
            subject=subject_from(row.subject),
            expected=figure(row.expected),
            actual=figure(row.actual),
            explained=figure(row.explained),
            unit=row.unit,
            note=row.note,
        )
        for row in conn.execute(query)
    )


def _follow(conn: Connection, begun: Begun, unread: tuple[str, ...]) -> None:
    """Open what is new, keep what is still there up to date, and close what is gone."""
    named = {"run_id": begun.run_id, "check": begun.check_name, "book": begun.book.value}
    conn.execute(text(_OPEN), named | {"category": begun.category.value})
    conn.execute(text(_CLOSE), named | {"unread": json.dumps(unread)})


_SEEN: Final = "subject, expected, actual, difference, explained, unexplained, unit, note"

_OPEN: Final = f"""
insert into variance (check_name, book, category, subject_key, first_run_id, first_seen_at, last_run_id, last_seen_at,
                      {_SEEN})
select :check, :book, :category, subject_key, r.id, r.started_at, r.id, r.started_at, {_SEEN}
  from check_variance join check_run r on r.id = run_id where run_id = :run_id order by subject_key
on conflict (check_name, book, subject_key) where fixed_run_id is null
do update set last_run_id = excluded.last_run_id, last_seen_at = excluded.last_seen_at,
              {", ".join(f"{name} = excluded.{name}" for name in _SEEN.split(", "))}
"""  # noqa: S608 - put together from our own text alone

_CLOSE: Final = """
update variance set fixed_run_id = r.id, fixed_at = r.started_at
  from check_run r
 where r.id = :run_id and variance.check_name = :check and variance.book = :book and variance.fixed_run_id is null
   and variance.last_run_id <> r.id
   and not coalesce(cast(:unread as jsonb) ? (variance.subject ->> 'customer'), false)
"""
