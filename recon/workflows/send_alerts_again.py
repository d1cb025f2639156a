"""Sending alerts again that were given up: a person says that the receiver is there now."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Engine

from recon.errors import TieoutError
from recon.model.people import Action
from recon.store import audit, outbox
from recon.workflows.permit import permit


class AlertsNotGivenUp(TieoutError):
    code = "ALERTS_NOT_GIVEN_UP"

    def __init__(self, alert_ids: Sequence[int]) -> None:
        which = ", ".join(str(alert_id) for alert_id in alert_ids)
        super().__init__(
            f"Nothing was sent again, because of {which}: there is no such alert, or it is delivered or on its way. "
            "`python -m recon alerts list` shows which wait for you."
        )


def send_alerts_again(engine: Engine, alert_ids: Sequence[int] | None = None, *, actor: str) -> tuple[int, ...]:
    """Have these alerts delivered under their old ids, or all that were given up (None). Returns their numbers.

    Raises AlertsNotGivenUp, and changes nothing, when one of them is not to be sent again. The sidecar sends them.
    """
    with engine.begin() as conn:
        permit(conn, actor, Action.ALERTS)
        again = outbox.send_again(conn, alert_ids)
        if alert_ids is not None and set(alert_ids) != set(again):
            raise AlertsNotGivenUp(sorted(set(alert_ids) - set(again)))
        outbox.end_pause(conn)
        for alert_id in again:
            audit.record(conn, actor=actor, action="alert_sent_again", subject=f"alert {alert_id}")
    return again
