"""Delivering what is in the outbox: claim one alert, send it, record what came of it. Any number may deliver at once.

A message that was sent but not recorded, because the process died in between, is sent again under the same id.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import structlog
from sqlalchemy import Connection, Engine

from recon.alerts import retry, webhook
from recon.alerts.endpoint import Endpoint
from recon.alerts.message import body_of
from recon.alerts.problems import AddressRefused, NotSent
from recon.alerts.retry import Meaning
from recon.alerts.signature import signed_headers
from recon.alerts.webhook import Answer
from recon.store import outbox
from recon.store.outbox import Delivery

LEASE_SECONDS: Final = 3 * webhook.DEADLINE_SECONDS
AT_MOST: Final = 50
"""How many tries one round makes; the next round goes on."""

log = structlog.get_logger(__name__)

Send = Callable[..., Answer]


def never() -> bool:
    """For who delivers until nothing is due."""
    return False


def deliver_alerts(
    engine: Engine,
    endpoint: Endpoint | None,
    *,
    is_kept: bool = True,
    is_stopping: Callable[[], bool] = never,
    send: Send = webhook.send,
) -> int:
    """Try every alert that is due. Returns how many were delivered.

    Without an endpoint, alerts that wait are kept to be looked at (`is_kept`) or dropped.
    """
    if endpoint is None:
        with engine.begin() as conn:
            outbox.keep_or_drop(conn, is_kept=is_kept)
        return 0
    key = outbox.endpoint_key(endpoint.url)
    with engine.begin() as conn:
        buried = outbox.bury_expired(conn, endpoint=key)
    if buried:
        log.error("alerts_given_up", count=buried)
    delivered = 0
    for _ in range(AT_MOST):
        if is_stopping():
            break
        with engine.begin() as conn:
            delivery = outbox.claim(conn, endpoint=key, lease_seconds=LEASE_SECONDS)
        if delivery is None:
            break
        delivered += _deliver(engine, endpoint, key, delivery, send)
    return delivered


def _deliver(engine: Engine, endpoint: Endpoint, key: str, delivery: Delivery, send: Send) -> bool:
    """One try. Whether the alert was delivered."""
    now = datetime.now(UTC)
    body = body_of(delivery.kind, delivery.at, delivery.payload, public_url=endpoint.public_url)
    headers = signed_headers(webhook_id=delivery.webhook_id, at=now, body=body, secrets=endpoint.secrets)
    try:
        answer = send(endpoint.url, headers=headers, body=body, allow_loopback=endpoint.allow_loopback)
    except (AddressRefused, NotSent) as problem:
        outcome: Answer | AddressRefused | NotSent = problem
    else:
        outcome = answer
    with engine.begin() as conn:
        return _record(conn, key, delivery, outcome, now=now)


def _record(
    conn: Connection, key: str, delivery: Delivery, outcome: Answer | AddressRefused | NotSent, *, now: datetime
) -> bool:
    known = log.bind(alert_id=delivery.alert_id, webhook_id=delivery.webhook_id, attempt=delivery.attempt)
    told_to_wait = None
    match outcome:
        case Answer() if retry.meaning_of(outcome.status) is Meaning.TAKEN:
            known.info("alert_delivered", status=outcome.status)
            return outbox.mark_delivered(conn, delivery, endpoint=key)
        case Answer() if retry.meaning_of(outcome.status) is Meaning.REFUSED:
            text, is_final = f"It answered {outcome.status}, which no later try would change.", True
        case Answer():
            text, is_final = f"It answered {outcome.status}.", False
            told_to_wait = retry.retry_after(outcome.retry_after, now=now)
        case NotSent():
            text, is_final = str(outcome), False
        case AddressRefused():
            text, is_final = str(outcome), True
    known.warning("alert_not_delivered", why=text)
    if is_final:
        outbox.bury(conn, delivery, text=text)
        return False
    wait = retry.delay(delivery.try_count, chance=random.random(), told_to_wait=told_to_wait)  # noqa: S311 - no secret
    is_told = told_to_wait is not None
    outbox.mark_failed(conn, delivery, endpoint=key, text=text, again_in=wait, is_told_to_wait=is_told)
    return False
