"""A balance that falls beside amounts without a minus is asked about; one that agrees says nothing."""

from __future__ import annotations

import pytest

from tests.ingest.files import column, only_question, read_lines

ROWS = ("2026-01-05,10.00,EUR,90.00", "2026-01-06,20.00,EUR,70.00", "2026-01-07,5.00,EUR,75.00")
HEADER = "date,amount,currency,balance"


@pytest.mark.parametrize(("rows", "unknown_line"), [(ROWS, 2), (ROWS[::-1], 4)], ids=["oldest first", "newest first"])
def test_a_balance_that_falls_where_no_amount_has_a_minus_is_asked_about(rows, unknown_line: int) -> None:
    text = "\n".join((HEADER, *rows)) + "\n"
    assert only_question(read_lines(text)).code == "SIGN_MODEL"
    assert sorted(column(read_lines(text, SIGN_MODEL="signed"), "amount")) == [500, 1000, 2000]
    reading = read_lines(text, SIGN_MODEL="balance")
    assert sorted(column(reading, "amount")) == [-2000, 500]
    assert [(reject.line, reject.code) for reject in reading.rejects] == [(unknown_line, "SIGN_UNKNOWN")]


@pytest.mark.parametrize(
    "rows",
    [
        ("2026-01-05,10.00,EUR,110.00", "2026-01-06,20.00,EUR,130.00", "2026-01-07,5.00,EUR,135.00"),
        ("2026-01-05,-10.00,EUR,90.00", "2026-01-06,-20.00,EUR,70.00", "2026-01-07,5.00,EUR,75.00"),
        ("2026-01-05,10.00,EUR,90.00", "2026-01-06,20.00,EUR,71.00", "2026-01-07,5.00,EUR,75.00"),
        ("2026-01-05,10.00,EUR,90.00", "2026-01-06,20.00,EUR,", "2026-01-07,5.00,EUR,75.00"),
    ],
    ids=["agrees", "signed", "is no chain", "has gaps"],
)
def test_any_other_balance_says_nothing(rows) -> None:
    assert read_lines("\n".join((HEADER, *rows)) + "\n").rows_accepted == 3
