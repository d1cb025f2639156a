"""Files that were received, newest first: to choose one again instead of sending it again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select

from recon.store.tables import upload


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadRow:
    """One file as received; `filename` is what its sender called it."""

    id: int
    filename: str
    sha256: str
    size_bytes: int
    received_at: datetime
    received_by: str


def recent_uploads(engine: Engine, *, limit: int = 200) -> tuple[UploadRow, ...]:
    """The last files received."""
    query = select(*(upload.c[name] for name in UploadRow.__slots__)).order_by(upload.c.id.desc()).limit(limit)
    with engine.connect() as connection:
        return tuple(UploadRow(**row) for row in connection.execute(query).mappings())
