"""Uploads: one row for a file as someone sent it. The same bytes under the same name are one upload."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from recon.errors import UploadNotFound
from recon.store.tables import upload


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One file as received: `sha256` names its bytes in the evidence store, `filename` is what the sender called it.

    `address`: where it was fetched from; None of a file that somebody sent.
    """

    id: int
    sha256: str
    filename: str
    size_bytes: int
    received_at: datetime
    received_by: str
    address: str | None = None


_COLUMNS = (
    upload.c.id,
    upload.c.sha256,
    upload.c.filename,
    upload.c.size_bytes,
    upload.c.received_at,
    upload.c.received_by,
    upload.c.address,
)


def add(
    conn: Connection, *, sha256: str, filename: str, size_bytes: int, actor: str, address: str | None = None
) -> tuple[Upload, Upload | None]:
    """The upload of these bytes under this name, and the upload that brought these bytes first, if one did.

    Nothing is added when bytes and name are known. Two at once are told apart by a lock on the bytes' name.
    """
    conn.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(sha256, 0))))
    known = [
        Upload(**row)
        for row in conn.execute(select(*_COLUMNS).where(upload.c.sha256 == sha256).order_by(upload.c.id)).mappings()
    ]
    same = next((one for one in known if one.filename == filename), None)
    if same:
        return same, same
    values = {
        "sha256": sha256,
        "filename": filename,
        "size_bytes": size_bytes,
        "received_by": actor,
        "address": address,
    }
    added = conn.execute(insert(upload).values(values).returning(*_COLUMNS)).mappings().one()
    return Upload(**added), known[0] if known else None


def get(conn: Connection, upload_id: int) -> Upload:
    """The upload of that number. Raises `UploadNotFound`."""
    row = conn.execute(select(*_COLUMNS).where(upload.c.id == upload_id)).mappings().one_or_none()
    if row is None:
        raise UploadNotFound(upload_id)
    return Upload(**row)
