"""The files of feeds: one row for a feed and an upload that came for it, however often it is read."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, null, select, update
from sqlalchemy.dialects.postgresql import insert

from recon.model.feed import SharedRows, SharedWith
from recon.store import audit
from recon.store.feed_tables import feed_file
from recon.store.tables import feed


def find(conn: Connection, feed_name: str, upload_id: int) -> tuple[int, int] | None:
    """The file's number in that feed and its reading's, if the upload came for the feed."""
    query = select(feed_file.c.id, feed_file.c.reading_id).join_from(feed_file, feed)
    row = conn.execute(query.where(feed.c.name == feed_name, feed_file.c.upload_id == upload_id)).one_or_none()
    return None if row is None else (row.id, row.reading_id)


def take_in(
    conn: Connection,
    feed_name: str,
    *,
    upload_id: int,
    reading_id: int,
    totals: Sequence[MappingType[str, Any]],
    actor: str,
) -> int:
    """Make the upload a file of the feed, as it was read now; the feed is made with its first file.

    Read otherwise than before, what was said about the earlier reading does not hold of this one. Returns its number.
    """
    conn.execute(insert(feed).values(name=feed_name, created_by=actor).on_conflict_do_nothing())
    feed_id = conn.execute(select(feed.c.id).where(feed.c.name == feed_name)).scalar_one()
    values = {"reading_id": reading_id, "totals": list(totals), "shared": null(), "accepted": []}
    new = {**values, "feed_id": feed_id, "upload_id": upload_id, "came_by": actor}
    add = insert(feed_file).values(new)
    file_id: int = conn.execute(
        add.on_conflict_do_update(index_elements=["feed_id", "upload_id"], set_=values).returning(feed_file.c.id)
    ).scalar_one()
    detail = {"file": file_id, "upload": upload_id, "reading": reading_id}
    audit.record(conn, actor=actor, action="feed_file_taken_in", subject=f"feed {feed_id}", detail=detail)
    return file_id


def keep_shared(conn: Connection, file_id: int, shared: SharedRows) -> None:
    """Keep which of the file's rows came before it."""
    document = asdict(shared)
    document["files"] = [{**asdict(one), "came_at": one.came_at.isoformat()} for one in shared.files]
    conn.execute(update(feed_file).where(feed_file.c.id == file_id).values(shared=document))


def shared_from(document: MappingType[str, Any] | None) -> SharedRows | None:
    """What a document holds of shared rows."""
    if document is None:
        return None
    files = tuple(SharedWith(**{**one, "came_at": datetime.fromisoformat(one["came_at"])}) for one in document["files"])
    return SharedRows(row_count=document["row_count"], known_count=document["known_count"], files=files)


def accept(conn: Connection, file_id: int, *, mark: str, says: str, actor: str) -> None:
    """Let a control of the file pass; the same mark once."""
    row = conn.execute(select(feed_file).where(feed_file.c.id == file_id).with_for_update()).one()
    if any(one["mark"] == mark for one in row.accepted):
        return
    at = conn.execute(select(func.clock_timestamp())).scalar_one()
    one = {"mark": mark, "says": says, "by": actor, "at": at.isoformat()}
    conn.execute(update(feed_file).where(feed_file.c.id == file_id).values(accepted=[*row.accepted, one]))
    detail = {"file": file_id, "says": says}
    audit.record(conn, actor=actor, action="control_accepted", subject=f"feed {row.feed_id}", detail=detail)


def set_aside(conn: Connection, file_id: int, *, is_aside: bool, actor: str) -> None:
    """Say that the file does not belong to the feed, or that it does after all. Rows of other files may be new then."""
    values = {"set_aside_at": func.clock_timestamp(), "set_aside_by": actor} if is_aside else _BELONGS
    feed_id = conn.execute(
        update(feed_file).where(feed_file.c.id == file_id).values(values).returning(feed_file.c.feed_id)
    ).scalar_one()
    conn.execute(update(feed_file).where(feed_file.c.feed_id == feed_id).values(shared=null()))
    action = "feed_file_set_aside" if is_aside else "feed_file_put_back"
    audit.record(conn, actor=actor, action=action, subject=f"feed {feed_id}", detail={"file": file_id})


_BELONGS: dict[str, None] = {"set_aside_at": None, "set_aside_by": None}
