"""Checks as pages and scripts read them: the board, the history of one check, one run, and what changed since the last.

Every query over the history walks an index from the newest run backwards, so that a long history costs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Connection,
    Engine,
    Row,
    Select,
    cast,
    false,
    func,
    not_,
    select,
    text,
)

from recon.errors import TieoutError
from recon.model.checks import EXAMINED, NOT_SET_UP, Category, CheckBook, CheckStatus, Variance
from recon.store.check_tables import check_run, check_variance
from recon.store.checks import figure, subject_from

STRIP: Final = 20
"""Runs in the strip of a board cell."""


class CheckRunNotFound(TieoutError):
    code = "CHECK_RUN_NOT_FOUND"

    def __init__(self, run_id: object) -> None:
        super().__init__(f"There is no run {run_id} of a check. Open Integrity to see those that exist.")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRunRow:
    """A finished run as one line. `variance_totals`: unit -> what is unexplained, whatever its sign.

    `is_set_up` is False where the check's broker had no address, so that nothing could be asked.
    """

    id: int
    check_name: str
    book: CheckBook
    category: Category
    as_of: date
    slot: datetime | None
    requested_by: str
    started_at: datetime
    finished_at: datetime
    status: CheckStatus
    status_before: CheckStatus | None
    summary: str
    variance_count: int
    variance_totals: Mapping[str, Decimal]
    duration_ms: int
    examined_count: int
    is_set_up: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRunDetail:
    """A finished run with all its metrics."""

    run: CheckRunRow
    metrics: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """One past run of a board cell."""

    run_id: int
    status: CheckStatus
    finished_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardCell:
    """A check on a book: its last finished run, the runs before it (oldest first), and when one at work began."""

    check_name: str
    book: CheckBook
    last: CheckRunRow | None
    strip: tuple[Strip, ...]
    open_count: int  # variances that are open, explained ones included
    at_work_since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """A run against the finished run of the same check and book before it; None when it was the first."""

    previous_id: int | None
    new_count: int
    still_open_count: int
    fixed_count: int
    new: tuple[Variance, ...]  # some of them, the largest first
    fixed: tuple[Variance, ...]


def board(engine: Engine, wanted: Sequence[tuple[str, CheckBook]]) -> tuple[BoardCell, ...]:
    """A cell for each check and book, in the order given."""
    named = {"checks": [name for name, _ in wanted], "books": [book.value for _, book in wanted]}
    with engine.connect() as conn:
        rows = conn.execute(text(_BOARD), named | {"strip": STRIP}).all()
        ids = [row.last_id for row in rows if row.last_id is not None]
        last = {row.id: row for row in map(_row, conn.execute(_ROWS.where(check_run.c.id.in_(ids))))}
    return tuple(
        BoardCell(
            check_name=row.check_name,
            book=CheckBook(row.book),
            last=last.get(row.last_id),
            strip=tuple(
                Strip(run_id=id_, status=CheckStatus(status), finished_at=at)
                for id_, status, at in zip(row.ids or (), row.statuses or (), row.instants or (), strict=True)
            ),
            open_count=row.open_count,
            at_work_since=row.at_work_since,
        )
        for row in rows
    )


def history(
    engine: Engine,
    *,
    check_name: str,
    book: CheckBook,
    statuses: Sequence[CheckStatus] = (),
    limit: int = 50,
    before: int | None = None,
) -> tuple[CheckRunRow, ...]:
    """Some finished runs of a check, newest first; `before` is the number of the last run of the page before."""
    row = check_run.c
    query = _ROWS.where(row.check_name == check_name, row.book == book.value).order_by(row.id.desc()).limit(limit)
    if statuses:
        query = query.where(row.status.in_([status.value for status in statuses]))
    if before is not None:
        query = query.where(row.id < before)
    with engine.connect() as conn:
        return tuple(_row(found) for found in conn.execute(query))


def recent(engine: Engine, *, limit: int = 50, before: int | None = None) -> tuple[CheckRunRow, ...]:
    """Some finished runs of all checks, newest first."""
    query = _ROWS.order_by(check_run.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(check_run.c.id < before)
    with engine.connect() as conn:
        return tuple(_row(found) for found in conn.execute(query))


def check_run_detail(engine: Engine, run_id: int) -> CheckRunDetail:
    """One finished run; raises CheckRunNotFound."""
    with engine.connect() as conn:
        return CheckRunDetail(
            run=_row(_one(conn, _ROWS, run_id)), metrics=_one(conn, select(check_run.c.metrics), run_id).metrics
        )


def run_variances(engine: Engine, run_id: int, *, limit: int = 50, offset: int = 0) -> tuple[Variance, ...]:
    """A page of what a run found, the largest unexplained part first; `variance_count` of the run says how many."""
    query = _largest_first(select(check_variance).where(check_variance.c.run_id == run_id), limit).offset(offset)
    with engine.connect() as conn:
        return tuple(_variance(row) for row in conn.execute(query))


def changes(engine: Engine, run_id: int, *, limit: int = 50) -> Changes:
    """What is new, fixed and still open since the run before; raises CheckRunNotFound.

    A run that ended in an error looked at nothing: nothing changed by it, and the next is compared with the one before.
    What belongs to customers who could not be read this time is not fixed.
    """
    with engine.connect() as conn:
        now = _row(_one(conn, _ROWS, run_id))
        previous_id = _previous(conn, now)
        appeared, gone = _only_in(run_id, previous_id), _only_in(previous_id, run_id)
        gone = gone.where(_was_read(run_id, gone.selected_columns.subject))
        if now.status is CheckStatus.ERROR:
            gone = gone.where(false())
        (new_count, new), (fixed_count, fixed) = (_counted(conn, query, limit) for query in (appeared, gone))
        return Changes(
            previous_id=previous_id,
            new_count=new_count,
            still_open_count=now.variance_count - new_count,
            fixed_count=fixed_count,
            new=new,
            fixed=fixed,
        )


_FROM_METRICS: Final = {
    "examined_count": cast(check_run.c.metrics[EXAMINED].astext, BigInteger),
    "is_set_up": not_(check_run.c.metrics.has_key(NOT_SET_UP)),
}
_COLUMNS: Final = tuple(check_run.c[name] for name in CheckRunRow.__dataclass_fields__ if name not in _FROM_METRICS)
_ROWS: Final = select(*_COLUMNS, *(found.label(name) for name, found in _FROM_METRICS.items())).where(
    check_run.c.finished_at.is_not(None)
)

_BOARD: Final = """
select c.check_name, c.book, strip.ids, strip.statuses, strip.instants, strip.ids[cardinality(strip.ids)] as last_id,
       (select count(*) from variance v where v.check_name = c.check_name and v.book = c.book
                                          and v.fixed_run_id is null) as open_count,
       (select max(started_at) from check_run w where w.check_name = c.check_name and w.book = c.book
                                  and w.finished_at is null and w.lease_until > clock_timestamp()) as at_work_since
  from unnest(cast(:checks as text[]), cast(:books as text[])) with ordinality as c (check_name, book, place)
  left join lateral (
       select array_agg(id order by id) as ids, array_agg(status order by id) as statuses,
              array_agg(finished_at order by id) as instants
         from (select id, status, finished_at from check_run r
                where r.check_name = c.check_name and r.book = c.book and r.finished_at is not null
                order by r.id desc limit :strip) as newest) as strip on true
 order by c.place
"""


def _row(found: Row[Any]) -> CheckRunRow:
    given = dict(found._mapping)
    before = given["status_before"]
    return CheckRunRow(
        **given
        | {
            "book": CheckBook(given["book"]),
            "category": Category(given["category"]),
            "status": CheckStatus(given["status"]),
            "status_before": None if before is None else CheckStatus(before),
            "variance_totals": {unit: Decimal(total) for unit, total in given["variance_totals"].items()},
        }
    )


def _one(conn: Connection, query: Select[Any], run_id: int) -> Row[Any]:
    found = conn.execute(query.where(check_run.c.id == run_id)).one_or_none()
    if found is None:
        raise CheckRunNotFound(run_id)
    return found


def _variance(row: Row[Any]) -> Variance:
    return Variance(
        subject=subject_from(row.subject),
        expected=figure(row.expected),
        actual=figure(row.actual),
        explained=figure(row.explained),
        unit=row.unit,
        note=row.note,
    )


def _largest_first(query: Select[Any], limit: int) -> Select[Any]:
    row = query.selected_columns
    return query.order_by(func.abs(row.unexplained).desc(), row.subject_key).limit(limit)


def _previous(conn: Connection, now: CheckRunRow) -> int | None:
    row = check_run.c
    query = (
        select(row.id)
        .where(row.check_name == now.check_name, row.book == now.book.value, row.id < now.id)
        .where(row.finished_at.is_not(None), row.status != CheckStatus.ERROR.value)
        .order_by(row.id.desc())
        .limit(1)
    )
    found: int | None = conn.execute(query).scalar_one_or_none()
    return found


def _only_in(one: int | None, other: int | None) -> Select[Any]:
    """Rows of a run whose subjects the other run has not.

    One pass over both, sorted: a join would go by what the planner believes of rows written a moment ago.
    """
    runs = [run_id for run_id in (one, other) if run_id is not None]
    times = func.count().over(partition_by=check_variance.c.subject_key).label("times")
    both = select(check_variance, times).where(check_variance.c.run_id.in_(runs)).subquery()
    columns = (both.c[column.name] for column in check_variance.columns)
    return select(*columns).where(both.c.run_id == one, both.c.times == 1)


def _was_read(run_id: int, subject: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether the run learned of the variance's customer, if it has one."""
    unread = select(check_run.c.metrics["unread"]).where(check_run.c.id == run_id).scalar_subquery()
    is_unread = unread.bool_op("?")(subject["customer"].astext)
    return not_(func.coalesce(is_unread, false(), type_=Boolean))


def _counted(conn: Connection, query: Select[Any], limit: int) -> tuple[int, tuple[Variance, ...]]:
    """How many rows there are, and the largest of them."""
    rows = conn.execute(_largest_first(query.add_columns(func.count().over().label("total")), limit)).all()
    return (rows[0].total if rows else 0), tuple(_variance(row) for row in rows)
