"""Readings: one row for a file read whole, without open questions. Its rows are in the evidence store, by its key."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from recon.errors import ReadingNotFound
from recon.model.reading import Reading
from recon.store.reading_files import account_documents, control_documents
from recon.store.tables import reading, upload


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingRow:
    """What a run needs to know of a reading: where its rows are, and how many were accepted."""

    id: int
    upload_id: int
    reading_key: str
    filename: str
    sha256: str
    rows_accepted: int


def find(conn: Connection, *, upload_id: int, reading_key: str) -> int | None:
    """The number of that upload's reading with that key, if it was stored."""
    query = select(reading.c.id).where(reading.c.upload_id == upload_id, reading.c.reading_key == reading_key)
    return conn.execute(query).scalar_one_or_none()


def add(conn: Connection, *, upload_id: int, reading_key: str, result: Reading) -> int:
    """Store a reading's row; the same upload and key again is the same row. Returns its number."""
    assert not result.questions, "a reading with open questions is not stored"
    assert result.refused is None, "a refused file has no reading"
    values = {
        "upload_id": upload_id,
        "reading_key": reading_key,
        "format": result.format,
        "encoding": result.encoding,
        "mapping": {**asdict(result.mapping), "header": list(result.mapping.header)},
        "rows_read": result.rows_read,
        "rows_accepted": result.rows_accepted,
        "rows_rejected": result.rows_rejected,
        "rows_ignored": result.rows_ignored,
        "notes": [asdict(note) for note in result.notes],
        "accounts": account_documents(result.accounts),
        "controls": control_documents(result.controls),
    }
    added = conn.execute(insert(reading).values(values).on_conflict_do_nothing().returning(reading.c.id))
    reading_id = added.scalar_one_or_none() or find(conn, upload_id=upload_id, reading_key=reading_key)
    assert reading_id is not None
    return reading_id


def are_of_one_file(conn: Connection, one: str, other: str) -> bool:
    """Whether two reading keys are of the same bytes."""
    query = select(upload.c.sha256).join_from(reading, upload, reading.c.upload_id == upload.c.id)
    files = {conn.execute(query.where(reading.c.reading_key == key).limit(1)).scalar() for key in (one, other)}
    return len(files) == 1 and None not in files


def get(conn: Connection, reading_id: int) -> ReadingRow:
    """The reading of that number. Raises `ReadingNotFound`."""
    query = (
        select(
            reading.c.id,
            reading.c.upload_id,
            reading.c.reading_key,
            upload.c.filename,
            upload.c.sha256,
            reading.c.rows_accepted,
        )
        .join_from(reading, upload, reading.c.upload_id == upload.c.id)
        .where(reading.c.id == reading_id)
    )
    row = conn.execute(query).mappings().one_or_none()
    if row is None:
        raise ReadingNotFound(reading_id)
    return ReadingRow(**row)
