"""Feeds and their mappings: what a person decided about an origin of rows, kept for its next file.

Mappings are versions that are only ever added; the newest counts, and an empty one says that what was decided before
is forgotten.
"""

from __future__ import annotations

from sqlalchemy import Connection, func, null, select, update
from sqlalchemy.dialects.postgresql import insert

from recon.errors import FeedNotFound
from recon.model.feed import NOTHING_DECIDED, Arrival, SavedMapping
from recon.model.reading import Mapping
from recon.store import audit
from recon.store.reading_files import mapping_document, mapping_from
from recon.store.tables import feed, feed_mapping


def newest(conn: Connection, name: str) -> SavedMapping | None:
    """The mapping a feed goes by, also a forgotten one; None when it never had one."""
    row = (
        conn.execute(
            select(feed_mapping.c.version, feed_mapping.c.mapping, feed_mapping.c.created_at, feed_mapping.c.created_by)
            .join_from(feed, feed_mapping)
            .where(feed.c.name == name)
            .order_by(feed_mapping.c.version.desc())
            .limit(1)
        )
        .mappings()
        .one_or_none()
    )
    return None if row is None else SavedMapping(**{**row, "mapping": mapping_from(row["mapping"])})


def save(conn: Connection, name: str, mapping: Mapping, *, actor: str) -> SavedMapping | None:
    """Make this the feed's mapping, as a new version unless it is the newest already; returns the newest.

    A feed is made with its first mapping that decides something: until then there is none, and None is returned.
    """
    if mapping == NOTHING_DECIDED and newest(conn, name) is None:
        return None
    conn.execute(insert(feed).values(name=name, created_by=actor).on_conflict_do_nothing())
    feed_id = conn.execute(select(feed.c.id).where(feed.c.name == name).with_for_update()).scalar_one()
    before = newest(conn, name)
    if before is not None and before.mapping == mapping:
        return before
    version = before.version + 1 if before else 1
    document = mapping_document(mapping)
    created_at = conn.execute(
        insert(feed_mapping)
        .values(feed_id=feed_id, version=version, mapping=document, created_by=actor)
        .returning(feed_mapping.c.created_at)
    ).scalar_one()
    saved = SavedMapping(version=version, mapping=mapping, created_at=created_at, created_by=actor)
    action = "mapping_forgotten" if saved.is_forgotten else "mapping_saved"
    detail = {
        "feed": name,
        "version": version,
        "before": mapping_document(before.mapping) if before else None,
        "after": document,
    }
    audit.record(conn, actor=actor, action=action, subject=f"feed {feed_id}", detail=detail)
    return saved


def expect(conn: Connection, name: str, arrival: Arrival | None, *, actor: str) -> None:
    """Say when the feed's files are expected, from now on; None: whenever they come. Raises FeedNotFound."""
    row = conn.execute(select(feed.c.id, feed.c.arrival).where(feed.c.name == name).with_for_update()).one_or_none()
    if row is None:
        raise FeedNotFound(name)
    document = arrival.document() if arrival else None
    if row.arrival == document:
        return
    values = {
        "arrival": null() if document is None else document,
        "arrival_since": None if document is None else func.clock_timestamp(),
    }
    conn.execute(update(feed).where(feed.c.id == row.id).values(values))
    detail = {"feed": name, "before": row.arrival, "after": document}
    audit.record(conn, actor=actor, action="arrival_changed", subject=f"feed {row.id}", detail=detail)
