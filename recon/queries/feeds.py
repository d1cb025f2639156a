"""Feeds as pages and the command line show them: each with its newest file, its files, and its mapping's versions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, func, or_, select

from recon.errors import FeedNotFound
from recon.model.feed import Arrival, Period, SavedMapping, SharedRows
from recon.model.reading import Account, Control
from recon.store.feed_files import shared_from
from recon.store.feed_tables import feed_file
from recon.store.reading_files import accounts_from, controls_from, mapping_from
from recon.store.tables import feed, feed_mapping, reading, run, upload


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRow:
    """One feed. `mapping_version` is None while nothing was decided about its files."""

    id: int
    name: str
    created_at: datetime
    created_by: str
    arrival: Arrival | None
    arrival_since: datetime | None
    mapping_version: int | None
    file_count: int
    last_came_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileTotal:
    """One currency of a file; credits and debits in minor units, both zero or more."""

    currency: str
    transactions: int
    credits: int
    debits: int
    first_date: date
    last_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A control that a person let pass, by its mark."""

    mark: str
    says: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedFile:
    """One file of a feed as it was read last, with all that was told about it.

    `zone` is the feed's at that time, on whose clocks its times were read. `shared` is None until it was compared with
    the feed's other files; `run_ids` are the runs of this very reading.
    """

    id: int
    upload_id: int
    reading_id: int
    reading_key: str
    filename: str
    sha256: str
    size_bytes: int
    came_at: datetime
    came_by: str
    format: str
    encoding: str | None
    zone: str | None
    rows_read: int
    rows_accepted: int
    rows_rejected: int
    rows_ignored: int
    totals: tuple[FileTotal, ...]
    accounts: tuple[Account, ...]
    controls: tuple[Control, ...]
    shared: SharedRows | None
    accepted: tuple[Accepted, ...]
    set_aside_at: datetime | None
    set_aside_by: str | None
    run_ids: tuple[int, ...]

    @property
    def is_set_aside(self) -> bool:
        """Whether a person said that it does not belong to the feed."""
        return self.set_aside_at is not None


def feed_rows(engine: Engine) -> tuple[FeedRow, ...]:
    """Every feed, by name."""
    with engine.connect() as connection:
        return tuple(_feed_row(row) for row in connection.execute(_FEEDS.order_by(feed.c.name)))


def one_feed(engine: Engine, name: str) -> FeedRow:
    """The feed of that name. Raises FeedNotFound."""
    with engine.connect() as connection:
        row = connection.execute(_FEEDS.where(feed.c.name == name)).one_or_none()
    if row is None:
        raise FeedNotFound(name)
    return _feed_row(row)


def feed_files(engine: Engine, feed_id: int) -> tuple[FeedFile, ...]:
    """The files of a feed, newest first, with those that were set aside."""
    with engine.connect() as connection:
        found = connection.execute(_FILES.where(feed_file.c.feed_id == feed_id).order_by(feed_file.c.id.desc())).all()
        runs = _runs_of(connection, [row.reading_id for row in found])
    return tuple(_file(row, runs.get(row.reading_id, ())) for row in found)


def mapping_versions(engine: Engine, feed_id: int) -> tuple[SavedMapping, ...]:
    """Every version of a feed's mapping, newest first."""
    columns = (feed_mapping.c.version, feed_mapping.c.mapping, feed_mapping.c.created_at, feed_mapping.c.created_by)
    query = select(*columns).where(feed_mapping.c.feed_id == feed_id).order_by(feed_mapping.c.version.desc())
    with engine.connect() as connection:
        rows = connection.execute(query).mappings()
        return tuple(SavedMapping(**{**row, "mapping": mapping_from(row["mapping"])}) for row in rows)


def periods(files: tuple[FeedFile, ...]) -> tuple[Period, ...]:
    """What the files that belong to the feed state about each account; of an account without days, none."""
    return tuple(
        period
        for file in files
        if not file.is_set_aside
        for account in file.accounts
        if (period := _period(file, account)) is not None
    )


def _period(file: FeedFile, account: Account) -> Period | None:
    """An account's days are its rows', else those its balances are of."""
    total = next((one for one in file.totals if one.currency == account.currency and account.row_count), None)
    first_on = total.first_date if total else account.opened_on or account.closed_on
    last_on = total.last_date if total else account.closed_on or account.opened_on
    if first_on is None or last_on is None:
        return None
    return Period(
        upload_id=file.upload_id,
        filename=file.filename,
        came_at=file.came_at,
        account=account.number,
        currency=account.currency,
        first_on=first_on,
        last_on=max(first_on, last_on),
        opening=account.opening,
        closing=account.closing,
    )


_VERSION = select(func.max(feed_mapping.c.version)).where(feed_mapping.c.feed_id == feed.c.id).scalar_subquery()
_BELONGS = (feed_file.c.feed_id == feed.c.id, feed_file.c.set_aside_at.is_(None))
_OF_FEED: list[ColumnElement[Any]] = [
    *(feed.c[name] for name in ("id", "name", "created_at", "created_by", "arrival", "arrival_since")),
    _VERSION.label("mapping_version"),
    select(func.count()).where(*_BELONGS).scalar_subquery().label("file_count"),
    select(func.max(feed_file.c.came_at)).where(*_BELONGS).scalar_subquery().label("last_came_at"),
]
_FEEDS = select(*_OF_FEED)
_OF_FILE = ("id", "upload_id", "reading_id", "came_at", "came_by", "totals", "shared", "accepted")
_OF_READING = ("reading_key", "format", "encoding", "rows_read", "rows_accepted", "rows_rejected", "rows_ignored")
_OF_ALL: list[ColumnElement[Any]] = [
    *(feed_file.c[name] for name in (*_OF_FILE, "set_aside_at", "set_aside_by")),
    *(reading.c[name] for name in (*_OF_READING, "accounts", "controls")),
    reading.c.mapping[("answers", "ZONE")].astext.label("zone"),
    *(upload.c[name] for name in ("filename", "sha256", "size_bytes")),
]
_FILES = (
    select(*_OF_ALL)
    .join_from(feed_file, reading, feed_file.c.reading_id == reading.c.id)
    .join(upload, feed_file.c.upload_id == upload.c.id)
)


def _feed_row(row: Row[Any]) -> FeedRow:
    arrival = Arrival.of(row.arrival) if row.arrival else None
    return FeedRow(**{**row._mapping, "arrival": arrival})


def _file(row: Row[Any], run_ids: tuple[int, ...]) -> FeedFile:
    values = {
        **row._mapping,
        "totals": tuple(_total(one) for one in row.totals),
        "accounts": accounts_from(row.accounts),
        "controls": controls_from(row.controls),
        "shared": shared_from(row.shared),
        "accepted": tuple(Accepted(**{**one, "at": datetime.fromisoformat(one["at"])}) for one in row.accepted),
        "run_ids": run_ids,
    }
    return FeedFile(**values)


def _total(stored: dict[str, Any]) -> FileTotal:
    days = {name: date.fromisoformat(stored[name]) for name in ("first_date", "last_date")}
    return FileTotal(**{**stored, **days})


def _runs_of(connection: Connection, reading_ids: list[int]) -> dict[int, tuple[int, ...]]:
    """Reading -> its runs, newest first."""
    used = or_(run.c.source_reading_id.in_(reading_ids), run.c.reference_reading_id.in_(reading_ids))
    query = select(run.c.id, run.c.source_reading_id, run.c.reference_reading_id).where(used)
    runs: dict[int, tuple[int, ...]] = {}
    for row in connection.execute(query.order_by(run.c.id.desc())):
        for reading_id in {row.source_reading_id, row.reference_reading_id}:
            runs[reading_id] = (*runs.get(reading_id, ()), row.id)
    return runs
