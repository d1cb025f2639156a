"""What is news, and what is said of it."""

from __future__ import annotations

import json

import pytest

from recon.alerts.message import Kind, body_of, kind_of, payload_of
from recon.model.checks import CheckStatus
from tests.alerts.builders import AT, change


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (None, "ok", None),
        (None, "warn", Kind.STATUS_CHANGED),
        ("ok", "ok", None),
        ("ok", "error", Kind.STATUS_CHANGED),
        ("warn", "fail", Kind.STATUS_CHANGED),
        ("fail", "warn", Kind.STATUS_CHANGED),
        ("fail", "fail", None),
        ("error", "ok", Kind.RESOLVED),
    ],
)
def test_a_change_is_news_and_a_return_to_ok_is_a_resolution(before: str | None, after: str, kind: Kind | None) -> None:
    assert kind_of(change(before, after)) == kind


def test_a_message_holds_ids_statuses_counts_and_a_link_and_nothing_from_the_books() -> None:
    told = change("ok", "fail", variance_count=3)
    message = json.loads(body_of(Kind.STATUS_CHANGED, AT, payload_of(told), public_url="https://tieout.example.com/"))
    assert message == {
        "type": "check.status_changed",
        "timestamp": "2026-03-02T12:00:00.000Z",
        "data": {
            "check": "account_totals",
            "category": "B",
            "book": "uae",
            "old_status": "ok",
            "new_status": "fail",
            "variance_count": 3,
            "run_id": 7,
            "link": "https://tieout.example.com/integrity?check=account_totals&book=uae",
        },
    }
    assert told.summary not in json.dumps(message)


def test_the_same_alert_is_the_same_bytes() -> None:
    payload = payload_of(change("ok", "fail"))
    again = dict(reversed(payload.items()))
    assert body_of("k", AT, payload, public_url="") == body_of("k", AT, again, public_url="")


def test_every_status_can_be_told() -> None:
    assert {payload_of(change("ok", status))["new_status"] for status in CheckStatus} == set(CheckStatus)
