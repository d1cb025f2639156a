"""A time without a zone is an instant only where the feed says whose clocks it is of; no date moves by it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from tests.ingest.files import column, only_question, read_lines

LOCAL = "date,amount,currency\n2026-01-05 23:30:00,1.00,EUR\n"
APART = "date,time,amount,currency\n2026-07-05,00:30:00,1.00,EUR\n"


def test_without_a_zone_of_the_feed_a_local_time_is_no_instant() -> None:
    assert column(read_lines(LOCAL), "at") == [None]


@pytest.mark.parametrize(
    ("text", "day", "at"),
    [
        (LOCAL, date(2026, 1, 5), datetime(2026, 1, 5, 22, 30, tzinfo=UTC)),
        (APART, date(2026, 7, 5), datetime(2026, 7, 4, 22, 30, tzinfo=UTC)),
    ],
)
def test_the_zone_of_the_feed_makes_instants_and_moves_no_date(text: str, day: date, at: datetime) -> None:
    reading = read_lines(text, ZONE="Europe/Berlin")
    assert (column(reading, "date"), column(reading, "at")) == ([day], [at])
    assert reading.mapping.answers["ZONE"] == "Europe/Berlin"


def test_a_zone_the_file_names_counts_before_that_of_the_feed() -> None:
    text = "date (UTC),amount,currency\n2026-01-05 23:30:00,1.00,EUR\n"
    assert column(read_lines(text, ZONE="Asia/Dubai"), "at") == [datetime(2026, 1, 5, 23, 30, tzinfo=UTC)]


def test_a_time_the_clocks_skipped_is_a_reject() -> None:
    reading = read_lines("date,amount,currency\n2026-03-29 02:30:00,1.00,EUR\n", ZONE="Europe/Berlin")
    assert [reject.code for reject in reading.rejects] == ["TIME_SKIPPED"]


def test_the_zone_stays_in_the_mapping_of_a_file_without_times() -> None:
    reading = read_lines("date,amount,currency\n2026-01-05,1.00,EUR\n", ZONE="Asia/Kolkata")
    assert reading.mapping.answers["ZONE"] == "Asia/Kolkata"


def test_a_name_of_no_zone_is_asked_about() -> None:
    question = only_question(read_lines(LOCAL, ZONE="Mars/Base"))
    assert (question.code, question.free_text) == ("ZONE", True)
    assert "'Mars/Base' is no time zone" in question.text
