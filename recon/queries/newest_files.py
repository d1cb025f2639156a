"""The newest file of each side of a reconciliation: what its next run is made of, unless somebody chooses others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select
from sqlalchemy.dialects.postgresql import distinct_on

from recon.model.feed import feed_name
from recon.model.transactions import Side
from recon.store.feed_tables import feed_file
from recon.store.tables import feed, reading, upload


@dataclass(frozen=True, slots=True, kw_only=True)
class NewestFile:
    """The file of a feed that came last, of those that belong to it. `address`: where it was fetched from, if it was.

    A side that was fetched has no new file by itself: it is fetched anew when it is wanted.
    """

    feed: str
    file_id: int
    upload_id: int
    filename: str
    sha256: str
    came_at: datetime
    rows_accepted: int
    address: str | None


def newest_files(engine: Engine, reconciliation: str | None = None) -> Mapping[str, NewestFile]:
    """Feed -> its newest file, of one reconciliation's feeds or of all; a feed without one is left out."""
    f = feed_file.c
    query = (
        select(
            feed.c.name.label("feed"),
            f.id.label("file_id"),
            f.upload_id,
            f.came_at,
            upload.c.filename,
            upload.c.sha256,
            upload.c.address,
            reading.c.rows_accepted,
        )
        .join_from(feed, feed_file)
        .join(upload, upload.c.id == f.upload_id)
        .join(reading, reading.c.id == f.reading_id)
        .where(f.set_aside_at.is_(None))
        .ext(distinct_on(feed.c.name))
        .order_by(feed.c.name, f.id.desc())
    )
    if reconciliation is not None:
        query = query.where(feed.c.name.in_([feed_name(reconciliation, side) for side in Side]))
    with engine.connect() as conn:
        return {row.feed: NewestFile(**row._mapping) for row in conn.execute(query)}
