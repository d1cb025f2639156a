"""The outbox: alerts written with what they tell of, and delivered afterwards, at least once, or shown as undelivered.

An alert is pending until it is delivered, dead (given up; a person may send it again) or kept (there was nowhere to
send it). Each try is a new attempt with a lease; who lost it changes nothing. A place that fails five times in a row is
left alone but for one try every five minutes. All times are the database's. Every function runs in its caller's
transaction.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, DateTime, Function, and_, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.elements import ColumnElement

from recon.store.alert_tables import alert, alert_endpoint

FAILURES_UNTIL_PAUSE: Final = 5
PROBE_EVERY: Final = timedelta(minutes=5)
LIFE: Final = timedelta(days=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One try at delivering an alert, as its attempt number `attempt`."""

    alert_id: int
    attempt: int
    try_count: int  # this one included
    webhook_id: str
    at: datetime
    kind: str
    payload: Mapping[str, Any]


def add(conn: Connection, *, kind: str, payload: Mapping[str, object]) -> int:
    """Add an alert that is to be delivered; returns its number."""
    added: int = conn.execute(insert(alert).values(kind=kind, payload=dict(payload)).returning(alert.c.id)).scalar_one()
    return added


def last_kind(conn: Connection, *, feed_id: int) -> str | None:
    """The kind of the newest alert about a feed, which is the transaction's own until it ends."""
    conn.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"feed alert {feed_id}", 0))))
    about = alert.c.payload["feed_id"].as_integer() == feed_id
    return conn.execute(select(alert.c.kind).where(about).order_by(alert.c.id.desc()).limit(1)).scalar_one_or_none()


def endpoint_key(url: str) -> str:
    """The name under which an address is remembered; the address itself may hold a secret."""
    return hashlib.sha256(url.encode()).hexdigest()


def claim(conn: Connection, *, endpoint: str, lease_seconds: float) -> Delivery | None:
    """Take the alert that waits longest for its next try, unless the endpoint is paused. None when there is none."""
    if conn.execute(select(alert.c.id).where(*_IS_DUE).limit(1)).first() is None:
        return None
    conn.execute(insert(alert_endpoint).values(endpoint=endpoint).on_conflict_do_nothing())
    state = conn.execute(
        select(
            alert_endpoint.c.failure_count,
            (alert_endpoint.c.paused_until > _now()).label("is_paused"),
        )
        .where(alert_endpoint.c.endpoint == endpoint)
        .with_for_update()
    ).one()
    if state.is_paused:
        return None
    taken = _take(conn, lease_seconds)
    if taken is not None and state.failure_count >= FAILURES_UNTIL_PAUSE:
        _note(conn, endpoint, paused_until=_now() + PROBE_EVERY)  # this is the one try for now
    return taken


def mark_delivered(conn: Connection, delivery: Delivery, *, endpoint: str) -> bool:
    """Record that the endpoint took the alert. False when another attempt has it."""
    _note(conn, endpoint, failure_count=0, paused_until=None, delivered_at=_now(), error_text=None)
    return _end(conn, delivery, state="delivered", delivered_at=_now(), error_text=None)


def mark_failed(
    conn: Connection, delivery: Delivery, *, endpoint: str, text: str, again_in: timedelta, is_told_to_wait: bool
) -> bool:
    """Record a try that may succeed later; after three days there is none. False when another attempt has the alert.

    `is_told_to_wait`: the endpoint itself asked for that pause, so nothing else is sent to it meanwhile.
    """
    failed = update(alert_endpoint).where(alert_endpoint.c.endpoint == endpoint)
    values = {"failure_count": alert_endpoint.c.failure_count + 1, "failed_at": _now(), "error_text": text}
    failures: int = conn.execute(failed.values(values).returning(alert_endpoint.c.failure_count)).scalar_one()
    pauses = [again_in] * is_told_to_wait + [PROBE_EVERY] * (failures >= FAILURES_UNTIL_PAUSE)
    if pauses:
        _note(conn, endpoint, paused_until=_now() + max(pauses))
    return _end(conn, delivery, next_try_at=_now() + again_in, error_text=text)


def bury(conn: Connection, delivery: Delivery, *, text: str) -> bool:
    """Record a try that no later one will better. False when another attempt has the alert."""
    return _end(conn, delivery, state="dead", error_text=text)


def bury_expired(conn: Connection, *, endpoint: str) -> int:
    """Give up alerts that were tried for three days, or that waited as long for an endpoint that fails."""
    is_failing = (
        select(alert_endpoint.c.endpoint)
        .where(alert_endpoint.c.endpoint == endpoint, alert_endpoint.c.failure_count >= FAILURES_UNTIL_PAUSE)
        .exists()
    )
    expired = update(alert).where(*_UNTOUCHED, alert.c.expires_at < _now(), or_(alert.c.try_count > 0, is_failing))
    return conn.execute(expired.values(state="dead")).rowcount


def keep_or_drop(conn: Connection, *, is_kept: bool) -> None:
    """There is nowhere to send alerts: keep those that were not delivered, to be looked at, or drop them."""
    undelivered = or_(and_(*_UNTOUCHED), alert.c.state == "dead")
    if is_kept:
        conn.execute(update(alert).where(undelivered).values(state="kept"))
    else:
        conn.execute(delete(alert).where(undelivered))


def send_again(conn: Connection, alert_ids: Sequence[int] | None = None) -> tuple[int, ...]:
    """Let dead and kept alerts be tried again, for three more days; None: all that are dead. Returns their numbers."""
    which = alert.c.state == "dead"
    if alert_ids is not None:
        which = and_(alert.c.state.in_(("dead", "kept")), alert.c.id.in_(alert_ids))
    again = update(alert).where(which)
    values = {"state": "pending", "try_count": 0, "next_try_at": _now(), "expires_at": _now() + LIFE}
    found = conn.execute(again.values(values).returning(alert.c.id)).scalars()
    return tuple(sorted(found))


def end_pause(conn: Connection) -> None:
    """Let the next try be made at once: a person says that it may succeed now."""
    conn.execute(update(alert_endpoint).values(paused_until=None))


def _take(conn: Connection, lease_seconds: float) -> Delivery | None:
    oldest = (
        select(alert.c.id)
        .where(*_IS_DUE)
        .order_by(alert.c.next_try_at, alert.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    row = conn.execute(
        update(alert)
        .where(alert.c.id == oldest)
        .values(
            attempt=alert.c.attempt + 1,
            try_count=alert.c.try_count + 1,
            lease_until=_now() + timedelta(seconds=lease_seconds),
        )
        .returning(
            alert.c.id.label("alert_id"),
            *(alert.c[name] for name in ("attempt", "try_count", "webhook_id", "at", "kind", "payload")),
        )
    ).one_or_none()
    return None if row is None else Delivery(**row._mapping)


def _end(conn: Connection, delivery: Delivery, **values: object) -> bool:
    mine = (alert.c.id == delivery.alert_id, alert.c.attempt == delivery.attempt, alert.c.state == "pending")
    return conn.execute(update(alert).where(*mine).values(lease_until=None, **values)).rowcount == 1


def _note(conn: Connection, endpoint: str, **values: object) -> None:
    conn.execute(update(alert_endpoint).where(alert_endpoint.c.endpoint == endpoint).values(values))


def _now() -> Function[datetime]:
    return func.clock_timestamp(type_=DateTime(timezone=True))


_UNTOUCHED: Final[tuple[ColumnElement[bool], ...]] = (
    alert.c.state == "pending",
    or_(alert.c.lease_until.is_(None), alert.c.lease_until < _now()),
)
_IS_DUE: Final = (*_UNTOUCHED, alert.c.next_try_at <= _now())
