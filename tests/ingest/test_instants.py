"""A time in a column of its own makes an instant where the file says its zone, and never changes the booking date."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from tests.ingest.files import column, read_lines


@pytest.mark.parametrize(
    ("zone", "instant"),
    [
        ("Europe/Berlin", datetime(2026, 1, 13, 22, 11, 12, tzinfo=UTC)),
        ("+05:30", datetime(2026, 1, 13, 17, 41, 12, tzinfo=UTC)),
        ("GMT-02:00", datetime(2026, 1, 14, 1, 11, 12, tzinfo=UTC)),
        ("UTC", datetime(2026, 1, 13, 23, 11, 12, tzinfo=UTC)),
        ("PST", None),
        ("Eastern Time (US & Canada)", datetime(2026, 1, 14, 4, 11, 12, tzinfo=UTC)),
        ("../../etc/passwd", None),
        ("", None),
    ],
)
def test_date_time_and_zone_in_three_columns_make_the_instant(zone: str, instant: datetime | None) -> None:
    reading = read_lines(f"Date;Time;Time Zone;Amount;Currency\n13/01/2026;23:11:12;{zone};5.00;EUR\n")
    assert column(reading, "date") == [date(2026, 1, 13)]
    assert column(reading, "at") == [instant]


def test_each_row_has_its_own_zone_and_a_time_that_cannot_be_read_costs_nothing() -> None:
    reading = read_lines("""
        Datum;Uhrzeit;Zeitzone;Betrag;Währung
        13.01.2026;10:00;Europe/Berlin;1,00;EUR
        13.07.2025;10:00;Europe/Berlin;2,00;EUR
        13.01.2026;10:00 PM;UTC;3,00;EUR
        13.01.2026;25:00;UTC;4,00;EUR
        13.01.2026;soon;UTC;5,00;EUR
    """)
    hours = [at and at.hour for at in column(reading, "at")]
    assert hours == [9, 8, 22, None, None]


def test_a_name_that_says_utc_is_the_zone_of_both_columns() -> None:
    reading = read_lines("Date,Time (UTC),Amount,Currency\n2026-01-13,10:00,5.00,EUR\n")
    assert column(reading, "at") == [datetime(2026, 1, 13, 10, tzinfo=UTC)]


def test_a_time_in_the_date_cell_stands_before_the_time_column() -> None:
    reading = read_lines("Date,Time,Time Zone,Amount,Currency\n2026-01-13 09:00Z,10:00,UTC,5.00,EUR\n")
    assert column(reading, "at") == [datetime(2026, 1, 13, 9, tzinfo=UTC)]
