"""Take a file in for its feed: keep how it was read, and tell how it stands to the files that came before.

What is told: whether its opening balance is the closing balance of the file before it, and which of its rows an earlier
file had. A balance that does not follow must be accepted by a person before the file is run.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from zlib import crc32

from sqlalchemy import Engine

from recon.feeds.continuity import control_of, links
from recon.model.feed import Link, LinkState, SharedRows, SharedWith
from recon.model.people import Action
from recon.model.reading import Control
from recon.queries.feeds import FeedFile, feed_files, one_feed, periods
from recon.store import feed_files as store
from recon.store.evidence import Evidence
from recon.workflows.compare_rows import Other, compare_rows
from recon.workflows.permit import permit
from recon.workflows.read_upload import StoredReading
from recon.workflows.totals import CurrencyTotal, reading_totals


@dataclass(frozen=True, slots=True, kw_only=True)
class FileStanding:
    """How a file stands to the others of its feed: controls of kind continuity, days it goes over again, known rows."""

    file: FeedFile
    controls: tuple[Control, ...]
    overlaps: tuple[Link, ...]
    shared: SharedRows

    @property
    def open_controls(self) -> tuple[Control, ...]:
        """What does not follow, and nobody accepted yet."""
        return tuple(control for control in self.controls if not control.agrees and not control.is_accepted)


def take_in_file(engine: Engine, evidence: Evidence, stored: StoredReading, *, feed: str, actor: str) -> FileStanding:
    """Make a file that was read whole one of the feed's, and say how it stands. Again changes nothing.

    Raises `ReadingStopped` where its rows cannot be compared, and what `permit` raises.
    """
    assert stored.reading_id is not None, "a file with open questions, or a refused one, is not taken in"
    with engine.connect() as conn:
        permit(conn, actor, Action.IMPORT)
        known = store.find(conn, feed, stored.upload.id)
    if known is None or known[1] != stored.reading_id:
        totals = [_document(total) for total in reading_totals(evidence, stored.key)]
        with engine.begin() as conn:
            store.take_in(
                conn, feed, upload_id=stored.upload.id, reading_id=stored.reading_id, totals=totals, actor=actor
            )
    files = feed_files(engine, one_feed(engine, feed).id)
    file = next(file for file in files if file.upload_id == stored.upload.id)
    shared = file.shared or _compare(engine, evidence, file, files)
    return standing(replace(file, shared=shared), files)


def standing(file: FeedFile, files: tuple[FeedFile, ...]) -> FileStanding:
    """How one of the files stands to the others."""
    found = [link for link in links(periods(files)) if link.touches(file.upload_id)]
    return FileStanding(
        file=file,
        controls=tuple(judged(link, files) for link in found if link.state is not LinkState.OVERLAPS),
        overlaps=tuple(link for link in found if link.state is LinkState.OVERLAPS),
        shared=file.shared or SharedRows(row_count=file.rows_accepted, known_count=0, files=()),
    )


def judged(link: Link, files: Iterable[FeedFile]) -> Control:
    """The control of a link, and whether it was accepted with either of its files."""
    control = control_of(link)
    assert control is not None
    marks = {one.mark for file in files for one in file.accepted}
    return replace(control, is_accepted=not control.agrees and _mark(control) in marks)


def accept_controls(engine: Engine, standing: FileStanding, *, actor: str) -> None:
    """Let what does not follow pass: the file is run all the same. Kept with the file, and on record."""
    with engine.begin() as conn:
        permit(conn, actor, Action.IMPORT)
        for control in standing.open_controls:
            store.accept(conn, standing.file.id, mark=_mark(control), says=control.says, actor=actor)


def set_file_aside(engine: Engine, file_id: int, *, is_aside: bool, actor: str) -> None:
    """Say that a file does not belong to its feed, or that it does after all."""
    with engine.begin() as conn:
        permit(conn, actor, Action.IMPORT)
        store.set_aside(conn, file_id, is_aside=is_aside, actor=actor)


def _compare(engine: Engine, evidence: Evidence, file: FeedFile, files: tuple[FeedFile, ...]) -> SharedRows:
    """Only files with days of this one can have its rows."""
    earlier = [one for one in files if one.id < file.id and not one.is_set_aside and _share_days(one, file)]
    row_count = sum(one.rows_accepted for one in (file, *earlier))
    found = compare_rows(
        evidence,
        file.reading_key,
        [Other(key=one.reading_key, has_same_zone=one.zone == file.zone) for one in earlier],
        row_count=row_count,
        filename=file.filename,
    )
    shared = SharedRows(
        row_count=file.rows_accepted,
        known_count=found.known_count,
        files=tuple(
            SharedWith(upload_id=one.upload_id, filename=one.filename, came_at=one.came_at, row_count=count)
            for one, count in zip(earlier, found.by_file, strict=True)
            if count
        ),
    )
    with engine.begin() as conn:
        store.keep_shared(conn, file.id, shared)
    return shared


def _share_days(one: FeedFile, other: FeedFile) -> bool:
    return any(
        a.currency == b.currency and a.first_date <= b.last_date and b.first_date <= a.last_date
        for a in one.totals
        for b in other.totals
    )


def _mark(control: Control) -> str:
    return f"{crc32(control.says.encode()):08x}"


def _document(total: CurrencyTotal) -> dict[str, object]:
    days = {name: getattr(total, name).isoformat() for name in ("first_date", "last_date")}
    return asdict(total) | days
