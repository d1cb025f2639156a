"""What the queries say of alerts and of the receiver that takes them, or does not."""

from __future__ import annotations

from sqlalchemy import Engine

from recon.alerts import outbox as alerts
from recon.alerts.endpoint import Endpoint
from recon.alerts.problems import NotSent
from recon.alerts.webhook import Answer
from recon.queries.alerts import OutboxState, alert_lines, outbox_state
from recon.workflows.deliver_alerts import deliver_alerts
from tests.alerts.builders import change

NOTHING = OutboxState(
    pending_count=0, dead_count=0, total_count=0, next_try_at=None, paused_until=None, error_text=None
)


def raise_alerts(engine: Engine, count: int) -> None:
    with engine.begin() as conn:
        for _ in range(count):
            alerts.add(conn, change("warn", "fail"))


def deliver(engine: Engine, *, url: str = "https://old.test/", status: int | None = None) -> None:
    def send(*_: object, **__: object) -> Answer:
        if status is None:
            raise NotSent("There was no answer in time.")
        return Answer(status=status, retry_after=None)

    place = Endpoint(url=url, secrets=(), allow_loopback=False, public_url="")
    deliver_alerts(engine, place, send=send)


def test_a_quiet_desk_has_nothing_to_say(engine: Engine) -> None:
    assert outbox_state(engine) == NOTHING
    assert alert_lines(engine) == ()


def test_a_receiver_that_fails_is_told_with_its_reason_and_its_pause(engine: Engine) -> None:
    raise_alerts(engine, 6)
    deliver(engine)
    state = outbox_state(engine)
    assert (state.pending_count, state.total_count) == (6, 6)
    assert state.error_text == "There was no answer in time."
    assert state.paused_until is not None


def test_a_new_receiver_that_takes_alerts_ends_the_complaint_about_the_old_one(engine: Engine) -> None:
    raise_alerts(engine, 2)
    deliver(engine)
    raise_alerts(engine, 1)
    deliver(engine, url="https://new.test/", status=200)
    state = outbox_state(engine)
    assert (state.pending_count, state.error_text, state.paused_until) == (2, None, None)


def test_the_latest_alerts_come_first_and_by_state(engine: Engine) -> None:
    raise_alerts(engine, 2)
    deliver(engine, status=404)
    raise_alerts(engine, 1)
    lines = alert_lines(engine)
    assert [(line.alert_id, line.state) for line in lines] == [(3, "pending"), (2, "dead"), (1, "dead")]
    assert (lines[0].check_name, lines[0].book, lines[0].old_status, lines[0].new_status) == (
        *("account_totals", "uae"),
        *("warn", "fail"),
    )
    assert [line.alert_id for line in alert_lines(engine, states=["dead"], limit=1)] == [2]
