"""What became of the alerts: how many wait or were given up, why, and the latest of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Engine, case, func, select, true

from recon.store.alert_tables import alert, alert_endpoint

UNDELIVERED: Final = ("pending", "dead")


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertLine:
    """One alert. `book` names the feed where it is about a file that has not come.

    `state` is pending, delivered, dead or kept; `error_text` says why the last try failed.
    """

    alert_id: int
    at: datetime
    check_name: str
    book: str
    old_status: str | None
    new_status: str
    state: str
    try_count: int
    next_try_at: datetime
    error_text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxState:
    """How delivery goes. `paused_until` and `error_text` are of the receiver asked last; None while it takes alerts."""

    pending_count: int
    dead_count: int
    total_count: int
    next_try_at: datetime | None
    paused_until: datetime | None
    error_text: str | None


def alert_lines(engine: Engine, *, states: Collection[str] | None = None, limit: int = 50) -> tuple[AlertLine, ...]:
    """The latest alerts in these states, newest first; None: in any."""
    said = {name: alert.c.payload[name].astext.label(name) for name in ("old_status", "new_status")}
    query = select(
        alert.c.id.label("alert_id"),
        func.coalesce(
            alert.c.payload["check"].astext,
            case((_IS_PROPOSAL, "emergency"), (_IS_RUN, "run by itself"), else_="file arrival"),
        ).label("check_name"),
        func.coalesce(
            alert.c.payload["book"].astext,
            "proposal " + alert.c.payload["proposal_id"].astext,
            "run " + alert.c.payload["run_id"].astext,
            "reconciliation " + alert.c.payload["reconciliation_id"].astext,
            "feed " + alert.c.payload["feed_id"].astext,
        ).label("book"),
        *said.values(),
        *(alert.c[name] for name in ("at", "state", "try_count", "next_try_at", "error_text")),
    )
    if states is not None:
        query = query.where(alert.c.state.in_(states))
    with engine.connect() as conn:
        return tuple(AlertLine(**row._mapping) for row in conn.execute(query.order_by(alert.c.id.desc()).limit(limit)))


_IS_PROPOSAL = alert.c.payload.has_key("proposal_id")
_IS_RUN = alert.c.payload.has_key("reconciliation_id")


def outbox_state(engine: Engine) -> OutboxState:
    """How delivery goes, in one statement."""
    is_pending = alert.c.state == "pending"
    counted = select(
        func.count().filter(is_pending).label("pending_count"),
        func.count().filter(alert.c.state == "dead").label("dead_count"),
        func.count().label("total_count"),
        func.min(alert.c.next_try_at).filter(is_pending).label("next_try_at"),
    ).subquery()
    is_paused = alert_endpoint.c.paused_until > func.now()
    last_heard = func.greatest(alert_endpoint.c.failed_at, alert_endpoint.c.delivered_at)
    receiver = (
        select(case((is_paused, alert_endpoint.c.paused_until)).label("paused_until"), alert_endpoint.c.error_text)
        .order_by(last_heard.desc().nulls_last())
        .limit(1)
        .subquery()
    )
    with engine.connect() as conn:
        row = conn.execute(select(counted, receiver).select_from(counted.outerjoin(receiver, true()))).one()
    return OutboxState(**row._mapping)
