"""An alert is delivered at least once, or shown as undelivered, whatever the receiver does and whoever dies."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select, update

from recon.alerts import outbox as alerts
from recon.alerts import webhook
from recon.alerts.endpoint import Endpoint
from recon.alerts.problems import NotSent
from recon.alerts.webhook import Answer
from recon.store import outbox
from recon.store.alert_tables import alert, alert_endpoint
from recon.workflows.deliver_alerts import deliver_alerts
from tests.alerts.builders import answering, change, receiver


def endpoint(url: str = "https://hooks.test/") -> Endpoint:
    return Endpoint(url=url, secrets=("shared",), allow_loopback=True, public_url="https://tieout.test")


def raise_alerts(engine: Engine, count: int = 1) -> None:
    with engine.begin() as conn:
        for _ in range(count):
            alerts.add(conn, change("ok", "fail", variance_count=2))


def states(engine: Engine) -> list[str]:
    with engine.connect() as conn:
        return list(conn.execute(select(alert.c.state).order_by(alert.c.id)).scalars())


def pass_time(engine: Engine, by: timedelta) -> None:
    """As if so much time had passed for alerts and endpoints."""
    with engine.begin() as conn:
        for table, columns in (
            (alert, ("next_try_at", "expires_at", "lease_until")),
            (alert_endpoint, ("paused_until",)),
        ):
            conn.execute(update(table).values({name: table.c[name] - by for name in columns}))


def waits(engine: Engine) -> timedelta:
    """Until the next try of the first alert."""
    with engine.connect() as conn:
        due, now = conn.execute(select(alert.c.next_try_at, func.clock_timestamp()).order_by(alert.c.id).limit(1)).one()
        return due - now


class Refuses:
    """A receiver that cannot be reached; counts how often that was tried."""

    def __init__(self) -> None:
        self.tries = 0

    def __call__(self, *_: object, **__: object) -> Answer:
        self.tries += 1
        raise NotSent("No connection could be made.")


def test_a_change_is_delivered_once_and_signed(engine: Engine) -> None:
    raise_alerts(engine)
    with receiver(answering("204 No Content")) as there:
        assert deliver_alerts(engine, endpoint(there.url)) == 1
        assert deliver_alerts(engine, endpoint(there.url)) == 0
    headers, body = there.headers(0), there.body(0)
    assert len(there.requests) == 1
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = b64encode(hmac.new(b"shared", signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{digest}"
    assert json.loads(body)["data"]["variance_count"] == 2
    assert states(engine) == ["delivered"]


def test_what_is_rolled_back_is_never_told_and_no_news_is_no_alert(engine: Engine) -> None:
    with engine.connect() as conn:
        assert alerts.add(conn, change("ok", "fail")) is not None
        conn.rollback()
        assert alerts.add(conn, change("ok", "ok")) is None
        conn.commit()
    assert states(engine) == []


def test_an_alert_sent_but_not_recorded_is_sent_again_under_the_same_id(engine: Engine) -> None:
    raise_alerts(engine)

    def send_and_die(url: str, **how: object) -> Answer:
        webhook.send(url, **how)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with receiver(answering("200 OK")) as there:
        with pytest.raises(KeyboardInterrupt):
            deliver_alerts(engine, endpoint(there.url), send=send_and_die)
        assert deliver_alerts(engine, endpoint(there.url)) == 0  # it may still be on its way
        pass_time(engine, timedelta(minutes=1))
        assert deliver_alerts(engine, endpoint(there.url)) == 1
    assert there.headers(0)["webhook-id"] == there.headers(1)["webhook-id"]
    assert there.body(0) == there.body(1)


def test_a_delivery_that_lost_its_lease_changes_nothing(engine: Engine) -> None:
    raise_alerts(engine)
    key = outbox.endpoint_key("https://hooks.test/")
    with engine.begin() as conn:
        late = outbox.claim(conn, endpoint=key, lease_seconds=0)
        again = outbox.claim(conn, endpoint=key, lease_seconds=30)
        assert late is not None
        assert again is not None
        assert (late.attempt, again.attempt) == (1, 2)
        assert not outbox.bury(conn, late, text="late")
        assert outbox.mark_delivered(conn, again, endpoint=key)
        assert not outbox.mark_delivered(conn, late, endpoint=key)
    assert states(engine) == ["delivered"]


@pytest.mark.parametrize(
    ("head", "least", "most"),
    [
        ("500 Oops", 7, 12),
        ("302 Found\r\nLocation: http://127.0.0.1/", 7, 12),
        ("429 Slow Down\r\nRetry-After: 100", 99, 100),
        ("503 Closed\r\nRetry-After: 1", 7, 12),
    ],
)
def test_a_failure_that_may_pass_is_tried_again_later(engine: Engine, head: str, least: int, most: int) -> None:
    raise_alerts(engine)
    with receiver(answering(head, "200 OK")) as there:
        assert deliver_alerts(engine, endpoint(there.url)) == 0
        assert timedelta(seconds=least - 5) < waits(engine) <= timedelta(seconds=most)
        assert deliver_alerts(engine, endpoint(there.url)) == 0  # too early
        pass_time(engine, timedelta(seconds=most))
        assert deliver_alerts(engine, endpoint(there.url)) == 1
    assert len(there.requests) == 2


def test_a_receiver_that_asks_for_a_pause_gets_it_for_every_alert(engine: Engine) -> None:
    raise_alerts(engine, 3)
    with receiver(answering("429 Slow Down\r\nRetry-After: 100", "200 OK")) as there:
        deliver_alerts(engine, endpoint(there.url))
        assert len(there.requests) == 1
        pass_time(engine, timedelta(seconds=100))
        assert deliver_alerts(engine, endpoint(there.url)) == 3


@pytest.mark.parametrize("head", ["400 Bad", "401 Who", "404 Where", "410 Gone"])
def test_what_the_receiver_refuses_is_dead_at_once_and_can_be_sent_again(engine: Engine, head: str) -> None:
    raise_alerts(engine)
    with receiver(answering(head, "200 OK")) as there:
        assert deliver_alerts(engine, endpoint(there.url)) == 0
        assert states(engine) == ["dead"]
        with engine.begin() as conn:
            assert len(outbox.send_again(conn)) == 1
        assert deliver_alerts(engine, endpoint(there.url)) == 1
    assert there.headers(0)["webhook-id"] == there.headers(1)["webhook-id"]


def test_an_address_inside_the_network_is_never_asked(engine: Engine) -> None:
    raise_alerts(engine)
    deliver_alerts(engine, endpoint("https://10.0.0.1/"))
    with engine.connect() as conn:
        state, text = conn.execute(select(alert.c.state, alert.c.error_text)).one()
    assert (state, text) == ("dead", "ALERT_WEBHOOK_URL is refused: its name leads into a private network.")


def test_after_five_failures_one_try_is_made_in_five_minutes_until_one_succeeds(engine: Engine) -> None:
    raise_alerts(engine, 20)
    refuses = Refuses()
    deliver_alerts(engine, endpoint(), send=refuses)
    assert refuses.tries == 5
    deliver_alerts(engine, endpoint(), send=refuses)
    assert refuses.tries == 5
    pass_time(engine, timedelta(minutes=5))
    deliver_alerts(engine, endpoint(), send=refuses)
    assert refuses.tries == 6
    pass_time(engine, timedelta(minutes=6))
    assert deliver_alerts(engine, endpoint(), send=lambda *_, **__: Answer(status=200, retry_after=None)) == 20


def test_while_the_one_try_is_on_its_way_no_other_is_made(engine: Engine) -> None:
    raise_alerts(engine, 7)
    deliver_alerts(engine, endpoint(), send=Refuses())
    pass_time(engine, timedelta(minutes=5))
    key = outbox.endpoint_key(endpoint().url)
    with engine.begin() as conn:
        assert outbox.claim(conn, endpoint=key, lease_seconds=30) is not None
        assert outbox.claim(conn, endpoint=key, lease_seconds=30) is None


def test_another_address_starts_without_the_failures_of_the_old_one(engine: Engine) -> None:
    raise_alerts(engine, 6)
    deliver_alerts(engine, endpoint(), send=Refuses())
    taken = deliver_alerts(
        engine, endpoint("https://new.test/"), send=lambda *_, **__: Answer(status=200, retry_after=None)
    )
    assert taken == 1  # the others wait for their next try


def test_after_three_days_of_failures_alerts_are_dead_and_a_person_can_send_them_again(engine: Engine) -> None:
    raise_alerts(engine, 8)
    deliver_alerts(engine, endpoint(), send=Refuses())
    pass_time(engine, timedelta(days=3, minutes=1))
    refuses = Refuses()
    deliver_alerts(engine, endpoint(), send=refuses)
    assert states(engine) == ["dead"] * 8
    assert refuses.tries == 0
    with engine.begin() as conn:
        assert len(outbox.send_again(conn)) == 8
        outbox.end_pause(conn)
    assert deliver_alerts(engine, endpoint(), send=lambda *_, **__: Answer(status=200, retry_after=None)) == 8


def test_an_alert_nobody_tried_for_three_days_still_gets_its_try(engine: Engine) -> None:
    raise_alerts(engine)
    pass_time(engine, timedelta(days=4))
    assert deliver_alerts(engine, endpoint(), send=lambda *_, **__: Answer(status=200, retry_after=None)) == 1


def test_what_was_given_up_is_only_listed_once_there_is_no_address_any_more(engine: Engine) -> None:
    raise_alerts(engine)
    with receiver(answering("410 Gone")) as there:
        deliver_alerts(engine, endpoint(there.url))
    assert states(engine) == ["dead"]
    deliver_alerts(engine, None)
    assert states(engine) == ["kept"]


def test_without_an_address_alerts_are_kept_or_dropped_and_never_sent_by_themselves(engine: Engine) -> None:
    raise_alerts(engine)
    deliver_alerts(engine, None)
    assert states(engine) == ["kept"]
    refuses = Refuses()
    deliver_alerts(engine, endpoint(), send=refuses)
    assert refuses.tries == 0
    raise_alerts(engine)
    deliver_alerts(engine, None, is_kept=False)
    assert states(engine) == ["kept"]


def test_two_who_deliver_at_once_send_each_alert_once(engine: Engine) -> None:
    raise_alerts(engine, 6)
    others = iter([lambda: deliver_alerts(engine, endpoint(there.url))])

    def deliver_the_rest_meanwhile(url: str, **how: object) -> Answer:
        for deliver_too in others:
            deliver_too()
        return webhook.send(url, **how)  # type: ignore[arg-type]

    with receiver(answering("200 OK")) as there:
        deliver_alerts(engine, endpoint(there.url), send=deliver_the_rest_meanwhile)
    ids = [there.headers(place)["webhook-id"] for place in range(len(there.requests))]
    assert len(ids) == len(set(ids)) == 6
