"""Raise an alert when a feed's file has not come, once for each wait, and one when a file ended it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine

from recon.alerts.message import Kind, file_payload
from recon.queries.feeds import FeedRow, feed_rows
from recon.store import outbox
from recon.workflows.feed_standings import expected_of


def tell_missing_files(engine: Engine, *, now: datetime) -> int:
    """Look at every feed that expects files. Returns how many alerts were raised; the sidecar delivers them."""
    return sum(_tell(engine, feed, now) for feed in feed_rows(engine) if feed.arrival is not None)


def _tell(engine: Engine, feed: FeedRow, now: datetime) -> bool:
    found = expected_of(feed, now)
    missing = found.missing if found else ()
    wanted = Kind.FILE_MISSING if missing else Kind.FILE_CAME
    with engine.begin() as conn:
        last = outbox.last_kind(conn, feed_id=feed.id)
        if last == wanted or (last is None and not missing):
            return False
        due_at = missing[0] if missing else None
        payload = file_payload(feed.id, due_at=due_at, missing_count=len(missing))
        outbox.add(conn, kind=wanted, payload=payload)
    return True
