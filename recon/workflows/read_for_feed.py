"""Read an upload as its feed's files are read, and keep what a person answers about it for the feed's next file."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Engine

from recon.model.feed import NOTHING_DECIDED, SavedMapping
from recon.model.people import Action
from recon.model.progress import Progress, silent
from recon.model.reading import Mapping, Reading
from recon.store import feeds
from recon.store.evidence import Evidence
from recon.workflows.permit import permit
from recon.workflows.read_upload import StoredReading, read_upload
from recon.workflows.take_in_file import FileStanding, take_in_file

OF_THIS_FILE: Final = frozenset({"HEADER_CHANGED", "CONTROL_TOTAL"})
"""Questions whose answer alone says nothing about the next file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedReading:
    """What was read, and the feed's mapping now: None when there is none, or it was forgotten.

    `standing` is how the file stands to the feed's others; None without a feed, or while the file is not read whole.
    """

    stored: StoredReading
    mapping: SavedMapping | None
    standing: FileStanding | None = None


def read_for_feed(
    engine: Engine,
    evidence: Evidence,
    upload_id: int,
    *,
    feed: str | None,
    actor: str,
    currency: str | None = None,
    answers: MappingType[str, str] | None = None,
    on_progress: Progress = silent,
) -> FeedReading:
    """Read an upload by its feed's mapping. `answers` go before it, and what they settle becomes its next version.

    Without a feed, as if no file had come before; then nothing is kept. Raises what `permit` and
    `read_upload` raise.
    """
    with engine.connect() as conn:
        permit(conn, actor, Action.IMPORT)
        before = feeds.newest(conn, feed) if feed else None
    mapping = before.mapping if before else NOTHING_DECIDED
    stored = read_upload(
        engine, evidence, upload_id, mapping=mapping, currency=currency, answers=answers, on_progress=on_progress
    )
    learned = what_was_learned(mapping, stored.preview, answers) if answers else None
    if feed and learned is not None:
        with engine.begin() as conn:
            before = feeds.save(conn, feed, learned, actor=actor)
    standing = None
    if feed and stored.reading_id is not None:
        standing = take_in_file(engine, evidence, stored, feed=feed, actor=actor)
    is_mapped = before is not None and not before.is_forgotten
    return FeedReading(stored=stored, mapping=before if is_mapped else None, standing=standing)


def what_was_learned(mapping: Mapping, reading: Reading, answers: MappingType[str, str]) -> Mapping | None:
    """The mapping with what `answers` settled; None when they settled nothing, as of a refused file.

    While other questions are open it is what was there, with the answers that led on to them.
    """
    if reading.refused is not None:
        return None
    if not reading.questions:
        return reading.mapping
    still_open = {question.code for question in reading.questions}
    settled = {code: value for code, value in answers.items() if code not in still_open}
    if not settled:
        return None
    kept = {code: value for code, value in settled.items() if code not in OF_THIS_FILE}
    return Mapping(
        roles={role: name for role, name in mapping.roles.items() if name in reading.columns},
        answers={**mapping.answers, **kept},
        header=reading.columns if "HEADER_CHANGED" in settled else mapping.header,
    )
