"""PayPal's reports: hundredths in every currency, directions beside the amounts, framed records and their counts."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from recon.model.reading import Reading
from tests.ingest.files import column, only_question, read_bytes

NAMES = (
    "Transaction ID,Invoice ID,PayPal Reference ID,Transaction Event Code,Transaction Completion Date,"
    "Transaction Debit or Credit,Gross Transaction Amount,Gross Transaction Currency,Fee Debit or Credit,Fee Amount,"
    "Fee Currency,Custom Field"
)


def row(*, gross: str = "CR,2000", currency: str = "EUR", fee: str = "DR,88", name: str = "TX1") -> str:
    return f"SB,{name},INV-1,,T0006,2026/01/05 23:30:00 -0800,{gross},{currency},{fee},{currency},order 7"


def read(*rows: str, count: int | None = None, names: str = NAMES) -> Reading:
    lines = ['"RH",2026/01/06 04:00:00 -0800,A,ME,011', "FH,1", 'SH,2026/01/05 00:00:00 -0800,x,"AC\nC",']
    lines += [
        f"CH,{names}",
        *rows,
        "SF,EUR,2000,0",
        f"SC,{len(rows) if count is None else count}",
        "RF,EUR",
        "RC,1",
        "FF,1",
    ]
    return read_bytes("\n".join(lines).encode(), filename="STL.CSV")


def test_what_moved_the_balance_is_gross_less_fee() -> None:
    reading = read(row(), row(gross="DR,2000", fee="CR,59", name="TX2"))
    assert column(reading, "amount") == [1912, -1941]
    assert column(reading, "fee") == [88, -59]
    assert column(reading, "txn_id") == ["TX1", "TX2"]
    assert column(reading, "payment_ref") == ["INV-1", "INV-1"]
    assert column(reading, "kind") == ["T0006", "T0006"]
    assert column(reading, "date") == [date(2026, 1, 5)] * 2
    assert column(reading, "at") == [datetime(2026, 1, 6, 7, 30, tzinfo=UTC)] * 2
    assert column(reading, "line") == [6, 7]


def test_a_yen_comes_in_hundredths_too() -> None:
    assert column(read(row(gross="CR,120000", currency="JPY", fee="DR,4300")), "amount") == [1157]


@pytest.mark.parametrize("gross", ["XX,2000", "CR,20.00", "CR,"])
def test_a_row_without_a_direction_or_whole_amount_is_a_reject(gross: str) -> None:
    assert [reject.code for reject in read(row(gross=gross), row()).rejects] == ["STATEMENT_ENTRY"]


def test_a_count_that_differs_is_asked_about() -> None:
    assert "states 3 rows; 1 were found" in only_question(read(row(), count=3)).text


def test_a_report_without_its_footer_and_one_of_disputes_are_refused() -> None:
    cut = read_bytes(f"RH,x\nFH,1\nSH,a,b,ACC\nCH,{NAMES}\n{row()}\n".encode())
    disputes = read("SB,D1,100", names="Dispute ID,Disputed amount")
    assert [reading.refused.code for reading in (cut, disputes) if reading.refused] == ["FILE_DAMAGED", "FILE_KIND"]
