"""`alerts`: what was not delivered is told, and sent again when it was given up."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, update

from recon.alerts import outbox
from recon.store.alert_tables import alert
from tests.alerts.builders import change
from tests.cli.conftest import Command

pytestmark = pytest.mark.usefixtures("stored")


def raise_alerts(engine: Engine, *states: str) -> None:
    with engine.begin() as conn:
        for state in states:
            alert_id = outbox.add(conn, change("ok", "fail"))
            conn.execute(update(alert).where(alert.c.id == alert_id).values(state=state, error_text="It answered 404."))


def test_nothing_waits_on_a_quiet_desk(tieout: Command) -> None:
    told = tieout("alerts", "list")
    assert (told.status, told.stdout) == (0, "No alert waits: all were delivered, or there were none.\n")


def test_what_was_not_delivered_is_listed_and_what_was_given_up_fails_the_command(
    tieout: Command, engine: Engine
) -> None:
    raise_alerts(engine, "pending")
    assert tieout("alerts", "list").status == 0
    raise_alerts(engine, "dead", "kept")
    told = tieout("alerts", "list", "--json")
    assert told.status == 1
    assert [(one["alert_id"], one["state"]) for one in told.document["alerts"]] == [(2, "dead"), (1, "pending")]
    assert len(tieout("alerts", "list", "--all", "--json").document["alerts"]) == 3
    assert "ok -> fail" in tieout("alerts", "list").stdout


def test_alerts_that_were_given_up_are_sent_again(
    tieout: Command, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALERT_WEBHOOK_URL", "https://hooks.example.com/")
    raise_alerts(engine, "dead", "pending", "kept", "dead")
    refused = tieout("alerts", "replay", 1, 2, 99)
    assert refused.status == 2
    assert "because of 2, 99" in refused.stderr
    assert tieout("alerts", "replay", 3, "--json").document == {"alerts": [3]}
    assert tieout("alerts", "replay").stdout == "Alerts that are sent again: 2.\n"
    assert tieout("alerts", "list").status == 0


def test_without_a_receiver_nothing_is_sent_again(tieout: Command) -> None:
    told = tieout("alerts", "replay")
    assert (told.status, "Set ALERT_WEBHOOK_URL" in told.stderr) == (2, True)
