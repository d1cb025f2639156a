"""The cells of the rows that cancel each other."""

from __future__ import annotations

from datetime import date

from recon.model.transactions import Side
from recon.queries.netted_rows import NettedRow
from recon.ui.runs.cancelled import cancelled_frame


def test_a_carried_row_that_is_taken_back_shows_no_negative_line() -> None:
    row = NettedRow(
        side=Side.SOURCE,
        line=-4,
        other_line=1200,
        date=date(2026, 3, 2),
        other_date=date(2026, 4, 1),
        currency="EUR",
        amount=1000,
        text=None,
    )
    shown = cancelled_frame([row]).iloc[0]
    assert (shown["Line"], shown["Taken back"]) == ("carried", "1200")
