"""What an answer means, and when a message is tried again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from recon.alerts.retry import DELAYS, LONGEST_WAIT, Meaning, delay, meaning_of, retry_after

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("meaning", "statuses"),
    [
        (Meaning.TAKEN, (200, 201, 202, 204, 299)),
        (Meaning.REFUSED, (400, 401, 403, 404, 409, 410, 413, 422, 451)),
        (Meaning.TRY_AGAIN, (301, 302, 307, 308, 408, 425, 429, 500, 502, 503, 504, 599)),
    ],
)
def test_what_a_status_means(meaning: Meaning, statuses: tuple[int, ...]) -> None:
    assert {meaning_of(status) for status in statuses} == {meaning}


def test_the_waits_grow_to_twelve_hours_and_stay_there() -> None:
    waits = [delay(tries, chance=0.5) for tries in range(1, 10)]
    assert waits[:7] == list(DELAYS)
    assert waits[7:] == [timedelta(hours=12)] * 2


def test_waits_differ_by_up_to_a_fifth() -> None:
    assert delay(1, chance=0) == timedelta(seconds=8)
    assert delay(1, chance=1) == timedelta(seconds=12)


def test_a_receivers_wish_lengthens_the_wait_but_never_shortens_it() -> None:
    assert delay(1, chance=0.5, told_to_wait=timedelta(seconds=90)) == timedelta(seconds=90)
    assert delay(2, chance=0.5, told_to_wait=timedelta(seconds=1)) == timedelta(minutes=1)
    assert delay(1, chance=0.5, told_to_wait=timedelta(days=400)) == LONGEST_WAIT


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("120", timedelta(seconds=120)),
        (" 0 ", timedelta(0)),
        ("999999999999999999", LONGEST_WAIT),
        ("Mon, 02 Mar 2026 12:01:00 GMT", timedelta(minutes=1)),
        ("Mon, 02 Mar 2026 11:00:00 GMT", timedelta(0)),
        ("soon", None),
        ("-5", None),
        ("٣", None),
        ("", None),
        (None, None),
    ],
)
def test_a_wait_is_asked_for_in_seconds_or_until_a_date(header: str | None, wait: timedelta | None) -> None:
    assert retry_after(header, now=NOW) == wait
