"""A feed whose file has not come raises one alert for the wait, and one when a file ended it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time

from sqlalchemy import Engine, insert, select, update

from recon.alerts.message import body_of
from recon.model.feed import Arrival, Every
from recon.store.alert_tables import alert
from recon.store.feed_tables import feed_file
from recon.store.tables import feed
from recon.workflows.tell_missing_files import tell_missing_files
from tests.builders import stored_reading

WEEKLY = Arrival(every=Every.WEEK, by=time(9, 0), zone="UTC", day=1)
SINCE = datetime(2026, 3, 20, tzinfo=UTC)  # a Friday
BEFORE, AFTER = (datetime(2026, 3, 23, 8, tzinfo=UTC), datetime(2026, 3, 23, 10, tzinfo=UTC))


def expecting(engine: Engine) -> int:
    with engine.begin() as conn:
        values = {"name": "Bank / source", "created_by": "ana", "arrival": WEEKLY.document(), "arrival_since": SINCE}
        return conn.execute(insert(feed).values(values).returning(feed.c.id)).scalar_one()


def come(engine: Engine, feed_id: int, at: datetime) -> None:
    with engine.begin() as conn:
        reading_id = stored_reading(conn, "bank.csv")
        values = {"feed_id": feed_id, "reading_id": reading_id, "came_by": "ana", "totals": [], "upload_id": reading_id}
        number = conn.execute(insert(feed_file).values(values).returning(feed_file.c.id)).scalar_one()
        conn.execute(update(feed_file).where(feed_file.c.id == number).values(came_at=at))


def kinds(engine: Engine) -> list[str]:
    with engine.connect() as conn:
        return list(conn.execute(select(alert.c.kind).order_by(alert.c.id)).scalars())


def test_nothing_is_told_before_the_file_is_due(engine: Engine) -> None:
    expecting(engine)
    assert tell_missing_files(engine, now=BEFORE) == 0


def test_a_wait_is_told_once_and_its_end_once(engine: Engine) -> None:
    feed_id = expecting(engine)
    assert [tell_missing_files(engine, now=AFTER) for _ in range(2)] == [1, 0]
    come(engine, feed_id, AFTER)
    assert [tell_missing_files(engine, now=AFTER) for _ in range(2)] == [1, 0]
    assert kinds(engine) == ["feed.file_missing", "feed.file_came"]


def test_the_message_says_which_feed_and_leads_to_the_page(engine: Engine) -> None:
    feed_id = expecting(engine)
    tell_missing_files(engine, now=AFTER)
    with engine.connect() as conn:
        row = conn.execute(select(alert)).one()
    message = json.loads(body_of(row.kind, row.at, row.payload, public_url="https://tieout.example.com/"))
    assert message["type"] == "feed.file_missing"
    assert message["data"] == {
        "feed_id": feed_id,
        "due_at": "2026-03-23T09:00:00+00:00",
        "missing_count": 1,
        "old_status": "ok",
        "new_status": "missing",
        "link": "https://tieout.example.com/feeds",
    }
