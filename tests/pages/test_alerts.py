"""Alerts that do not get through are seen on the overview, and sent again with one click."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, func, insert, select, update

from recon.alerts import outbox
from recon.config import Settings
from recon.queries.alerts import OutboxState
from recon.store.alert_tables import alert, alert_endpoint
from recon.ui.alerts_card import how_it_goes
from tests.alerts.builders import change
from tests.builders import published_run
from tests.pages.conftest import Visit
from tests.pages.shown import text

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"alert_webhook_url": "https://hooks.test/"})


def raise_alerts(engine: Engine, *states: str) -> None:
    with engine.begin() as conn:
        for state in states:
            alert_id = outbox.add(conn, change("ok", "fail"))
            delivered_at = func.now() if state == "delivered" else None
            error = "It answered 404." if state == "dead" else None
            values = {"state": state, "delivered_at": delivered_at, "error_text": error}
            conn.execute(update(alert).where(alert.c.id == alert_id).values(values))


def states(engine: Engine) -> list[str]:
    with engine.connect() as conn:
        return list(conn.execute(select(alert.c.state).order_by(alert.c.id)).scalars())


def test_alerts_that_were_given_up_are_seen_on_the_overview_and_sent_again(visit: Visit, engine: Engine) -> None:
    published_run(engine)
    raise_alerts(engine, "dead", "dead", "delivered")
    at = visit()
    assert "2 alerts could not be delivered" in text(at)
    frame = next(one.value for one in at.dataframe if "Delivery" in one.value)
    assert list(frame["Delivery"]) == [["Delivered"], ["Given up"], ["Given up"]]
    assert list(frame["Change"]) == ["ok → fail"] * 3
    at = at.button(key="alerts_again").click().run()
    assert states(engine) == ["pending", "pending", "delivered"]
    assert "could not be delivered" not in text(at)


def test_a_receiver_that_fails_is_seen_before_anything_is_given_up(visit: Visit, engine: Engine) -> None:
    published_run(engine)
    raise_alerts(engine, "pending")
    assert "receiver" not in text(visit())
    with engine.begin() as conn:
        conn.execute(
            insert(alert_endpoint).values(
                endpoint="x", failure_count=5, failed_at=func.now(), error_text="It answered 500."
            )
        )
    assert "The receiver does not take alerts" in text(visit())


def test_alerts_that_get_through_stay_out_of_the_overview(visit: Visit, engine: Engine) -> None:
    published_run(engine)
    raise_alerts(engine, "delivered", "kept")
    assert not any("Delivery" in one.value for one in visit().dataframe)


@pytest.mark.parametrize(
    ("state", "has_receiver", "said"),
    [
        ({}, True, ["No alert was raised yet"]),
        ({"total_count": 3}, True, ["Every alert was delivered"]),
        ({"total_count": 3}, False, ["No receiver is set"]),
        ({"total_count": 3, "pending_count": 1}, True, ["1 alert waits to be delivered"]),
        ({"total_count": 3, "pending_count": 2}, True, ["2 alerts wait to be delivered"]),
        ({"total_count": 3, "dead_count": 1}, True, ["1 alert could not be delivered"]),
        (
            {
                "total_count": 3,
                "dead_count": 1,
                "pending_count": 2,
                "error_text": "It answered 500.",
                "paused_until": NOW + timedelta(minutes=5),
            },
            True,
            ["1 alert could not be", "The next try is at 12:05 UTC", "2 alerts wait"],
        ),
    ],
)
def test_what_is_said_of_delivery(state: dict[str, object], has_receiver: bool, said: list[str]) -> None:
    nothing = dict.fromkeys(("pending_count", "dead_count", "total_count"), 0)
    unknown = dict.fromkeys(("next_try_at", "paused_until", "error_text"))
    found = how_it_goes(OutboxState(**{**nothing, **unknown, **state}), NOW, has_receiver=has_receiver)  # type: ignore[arg-type]
    assert len(found) == len(said)
    for line, words in zip(found, said, strict=True):
        assert words in line
