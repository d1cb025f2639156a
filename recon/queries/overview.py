"""The figures of the overview: where each reconciliation stands, what is open and how old, what goes on.

What is open is what the current runs left open. A run is current until a later one of the same reconciliation has been
published for the same two files: runs on other files do not replace it, so nothing drops out of sight. What a run
carried on into a later one is counted there alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Date, Engine, and_, case, cast, func, or_, select, true
from sqlalchemy.dialects.postgresql import distinct_on

from recon.errors import RunNotFound
from recon.store.carried_discrepancies import ABOUT_ROWS
from recon.store.tables import discrepancy_tally, heartbeat, reading, reconciliation, run, upload
from recon.store.workbench_tables import run_carry

AGE_BUCKETS: Final = (("0–1 d", 0, 1), ("2–5 d", 2, 5), ("6–10 d", 6, 10), ("11–30 d", 11, 30), ("over 30 d", 31, None))
"""Label, first and last day. A date still to come counts as day 0."""

OLD_AFTER_DAYS: Final = 5
SIDECAR_SILENT_AFTER: Final = timedelta(seconds=60)
_HISTORY_LENGTH: Final = 14
_CURRENT_LIMIT: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPoint:
    """One published run on the chart of runs."""

    run_id: int
    reconciliation: str
    finished_at: datetime
    matched_row_count: int
    row_count: int
    discrepancy_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where one reconciliation stands: its latest published run, and how its last run of any kind ended.

    `history` holds the discrepancy counts of its last published runs, oldest first. `latest` is None until a run was
    published.
    """

    reconciliation: str
    latest: RunPoint | None
    history: tuple[int, ...]
    last_run_id: int
    last_status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenGroup:
    """Open discrepancies of one run, kind, currency and age; `gross` is a sum of sizes in minor units."""

    run_id: int
    kind: str
    currency: str
    bucket: int
    count: int
    gross: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """What goes on right now. `sidecar_seen_at` is None when no sidecar ever reported, `worker_seen_at` when no process
    that executes runs did: sidecars do, and workers beside them.
    """

    running_count: int
    queued_count: int
    last_run_at: datetime | None
    sidecar_seen_at: datetime | None
    worker_seen_at: datetime | None
    today_count: int

    def is_sidecar_up(self, now: datetime) -> bool:
        """Whether a sidecar reported within the last minute; else no check is made and no alert delivered."""
        return _is_recent(self.sidecar_seen_at, now)

    def is_worker_up(self, now: datetime) -> bool:
        """Whether anything that executes runs reported within the last minute; else queued runs wait."""
        return _is_recent(self.worker_seen_at, now)


def standings(engine: Engine) -> tuple[Standing, ...]:
    """Every reconciliation that has a run, by name."""
    with engine.connect() as connection:
        last = connection.execute(
            select(reconciliation.c.name, run.c.id, run.c.status)
            .join_from(reconciliation, run)
            .ext(distinct_on(reconciliation.c.name))
            .order_by(reconciliation.c.name, run.c.id.desc())
        ).all()
        published: dict[str, list[RunPoint]] = {}
        for point in _recent_points(connection):
            published.setdefault(point.reconciliation, []).append(point)
    return tuple(_standing(row.name, row.id, row.status, published.get(row.name, [])) for row in last)


def run_points(engine: Engine, *, limit: int = 45, reconciliation_name: str | None = None) -> tuple[RunPoint, ...]:
    """The last published runs, oldest first."""
    where = [_PUBLISHED] if reconciliation_name is None else [_PUBLISHED, reconciliation.c.name == reconciliation_name]
    with engine.connect() as connection:
        found = connection.execute(
            _POINTS.where(*where).order_by(run.c.finished_at.desc(), run.c.id.desc()).limit(limit)
        )
        return tuple(RunPoint(**row._mapping) for row in reversed(found.all()))


def current_runs(engine: Engine) -> tuple[RunPoint, ...]:
    """The runs whose discrepancies count, newest first; at most the last 500."""
    ours, theirs = upload.alias("ours"), upload.alias("theirs")
    source, reference = reading.alias("source_reading"), reading.alias("reference_reading")
    place = func.row_number().over(
        partition_by=(run.c.reconciliation_id, ours.c.sha256, theirs.c.sha256),
        order_by=(run.c.finished_at.desc(), run.c.id.desc()),
    )
    ranked = (
        _POINTS.add_columns(place.label("place"))
        .join(source, run.c.source_reading_id == source.c.id)
        .join(ours, source.c.upload_id == ours.c.id)
        .join(reference, run.c.reference_reading_id == reference.c.id)
        .join(theirs, reference.c.upload_id == theirs.c.id)
        .where(_PUBLISHED, ~_IS_REPLACED)
        .subquery()
    )
    query = select(*(ranked.c[name] for name in RunPoint.__dataclass_fields__)).where(ranked.c.place == 1)
    with engine.connect() as connection:
        found = connection.execute(
            query.order_by(ranked.c.finished_at.desc(), ranked.c.run_id.desc()).limit(_CURRENT_LIMIT)
        )
        return tuple(RunPoint(**row._mapping) for row in found)


def run_point(engine: Engine, run_id: int) -> RunPoint:
    """One published run, whether it still counts or not; raises RunNotFound."""
    with engine.connect() as connection:
        found = connection.execute(_POINTS.where(_PUBLISHED, run.c.id == run_id)).one_or_none()
    if found is None:
        raise RunNotFound(run_id)
    return RunPoint(**found._mapping)


def open_groups(engine: Engine, run_ids: Sequence[int], *, today: date, once: bool = False) -> tuple[OpenGroup, ...]:
    """What the published attempts of these runs left open, by run, kind, currency and age.

    `once`: without what a later run has again, because the reconciliation carries its open items.
    """
    tally = discrepancy_tally.c
    days = today - tally.date
    bucket = case(
        *((days <= last, place) for place, (_, _, last) in enumerate(AGE_BUCKETS) if last is not None),
        else_=len(AGE_BUCKETS) - 1,
    ).label("bucket")
    count, gross = func.sum(tally.row_count).label("count"), func.sum(tally.gross).label("gross")
    query = (
        select(tally.run_id, tally.kind, tally.currency, bucket, count, gross)
        .join_from(run, discrepancy_tally, PUBLISHED_TALLIES)
        .where(run.c.id.in_(run_ids), tally.status == "open", COUNTED_ONCE if once else true())
        .group_by(tally.run_id, tally.kind, tally.currency, bucket)
        .having(count > 0)
    )
    with engine.connect() as connection:
        rows = connection.execute(query).mappings()
        return tuple(OpenGroup(**{**row, "count": int(row["count"]), "gross": int(row["gross"])}) for row in rows)


def open_by_day(engine: Engine, run_ids: Sequence[int], *, today: date, days: int = 31) -> tuple[int, ...]:
    """How many of what these runs left open, each once, are dated on each of the last days, today last."""
    first = today - timedelta(days=days - 1)
    count = func.sum(discrepancy_tally.c.row_count)
    query = (
        select(discrepancy_tally.c.date, count)
        .join_from(run, discrepancy_tally, PUBLISHED_TALLIES)
        .where(run.c.id.in_(run_ids), discrepancy_tally.c.status == "open", discrepancy_tally.c.date >= first)
        .where(COUNTED_ONCE)
        .group_by(discrepancy_tally.c.date)
    )
    with engine.connect() as connection:
        counts = {day: int(number) for day, number in connection.execute(query)}
    return tuple(counts.get(first + timedelta(days=place), 0) for place in range(days))


def resolved_count(engine: Engine, run_ids: Sequence[int]) -> int:
    """How many of the discrepancies of these runs, each counted once, are resolved."""
    query = (
        select(func.coalesce(func.sum(discrepancy_tally.c.row_count), 0))
        .join_from(run, discrepancy_tally, PUBLISHED_TALLIES)
        .where(run.c.id.in_(run_ids), discrepancy_tally.c.status == "resolved", COUNTED_ONCE)
    )
    with engine.connect() as connection:
        return int(connection.execute(query).scalar_one())


def runs_per_day(engine: Engine, *, today: date, days: int = _HISTORY_LENGTH) -> tuple[int, ...]:
    """How many runs were asked for on each of the last days (UTC), today last."""
    day = cast(func.timezone("UTC", run.c.requested_at), Date)
    first = today - timedelta(days=days - 1)
    with engine.connect() as connection:
        found = connection.execute(select(day, func.count()).where(day >= first).group_by(day))
        counts = {at: number for at, number in found}  # noqa: C416 - a row is no pair to a type checker
    return tuple(counts.get(first + timedelta(days=place), 0) for place in range(days))


def pulse(engine: Engine, *, now: datetime) -> Pulse:
    """What goes on right now, in one statement."""
    counted = select(
        func.count().filter(run.c.status == "running").label("running_count"),
        func.count().filter(run.c.status == "queued").label("queued_count"),
        func.max(run.c.finished_at).label("last_run_at"),
        func.count()
        .filter(run.c.requested_at >= now.replace(hour=0, minute=0, second=0, microsecond=0))
        .label("today_count"),
    ).subquery()
    seen = select(
        func.max(heartbeat.c.seen_at).filter(heartbeat.c.role == "sidecar").label("sidecar_seen_at"),
        func.max(heartbeat.c.seen_at).label("worker_seen_at"),
    ).subquery()
    with engine.connect() as connection:
        row = connection.execute(select(counted, seen).join_from(counted, seen, true())).one()
        return Pulse(**row._mapping)


def _is_recent(seen_at: datetime | None, now: datetime) -> bool:
    return seen_at is not None and now - seen_at < SIDECAR_SILENT_AFTER


_PUBLISHED = run.c.published_attempt.is_not(None)
PUBLISHED_TALLIES = and_(discrepancy_tally.c.run_id == run.c.id, discrepancy_tally.c.attempt == run.c.published_attempt)
_IS_REPLACED: Final = (
    select(run_carry.c.run_id)
    .where(run_carry.c.run_id == run.c.id, or_(run_carry.c.replaced_by_id.is_not(None), run_carry.c.looks_back))
    .correlate(run)
    .exists()
)
"""Corrected files took its place; or it only looked back at one that still counts."""

_this, _later = run_carry.alias("this"), run_carry.alias("later")
_IS_CARRIED_ON: Final = (
    select(_later.c.run_id)
    .where(
        _this.c.run_id == run.c.id,
        _later.c.reconciliation_id == _this.c.reconciliation_id,
        or_(_later.c.number > _this.c.number, and_(_this.c.number.is_(None), _later.c.number.is_not(None))),
    )
    .correlate(run)
    .exists()
)
COUNTED_ONCE: Final = or_(discrepancy_tally.c.kind.not_in([kind.value for kind in ABOUT_ROWS]), ~_IS_CARRIED_ON)
"""Leaves out of a run what a later one has again: rows that stay open are carried on."""

_RUNS = run.join(reconciliation, run.c.reconciliation_id == reconciliation.c.id)
_POINTS = select(
    run.c.id.label("run_id"),
    reconciliation.c.name.label("reconciliation"),
    run.c.finished_at,
    run.c.matched_row_count,
    (run.c.source_count + run.c.reference_count).label("row_count"),
    run.c.discrepancy_count,
).select_from(_RUNS)


def _recent_points(connection: Connection) -> tuple[RunPoint, ...]:
    """The last published runs of each reconciliation, oldest first."""
    place = func.row_number().over(
        partition_by=run.c.reconciliation_id, order_by=(run.c.finished_at.desc(), run.c.id.desc())
    )
    ranked = _POINTS.add_columns(place.label("place")).where(_PUBLISHED).subquery()
    kept = [column for column in ranked.c if column.name != "place"]
    found = connection.execute(
        select(*kept).where(ranked.c.place <= _HISTORY_LENGTH).order_by(ranked.c.finished_at, ranked.c.run_id)
    )
    return tuple(RunPoint(**row._mapping) for row in found)


def _standing(name: str, last_run_id: int, last_status: str, points: Sequence[RunPoint]) -> Standing:
    return Standing(
        reconciliation=name,
        latest=points[-1] if points else None,
        history=tuple(point.discrepancy_count for point in points),
        last_run_id=last_run_id,
        last_status=last_status,
    )
