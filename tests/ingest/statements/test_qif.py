"""QIF: dates and amounts decided over the file, Quicken's apostrophe, splits, several accounts, and cut records."""

from __future__ import annotations

from datetime import date

import pytest

from recon.model.reading import Reading
from tests.ingest.files import column, only_question, read_bytes


def read(text: str, **answers: str) -> Reading:
    return read_bytes(text.encode(), filename="export.qif", currency="EUR", **answers)


def test_a_record_is_a_transaction_and_its_splits_are_not_added() -> None:
    reading = read(
        "!Type:Bank\nD31/01/2026\nT-1,234.50\nPAcme\nMInvoice 9\nN1001\nLOffice\n"
        "SPaper\n$-1,000.00\nSInk\n$-234.50\n^\n"
    )
    assert column(reading, "amount") == [-123450]
    assert column(reading, "date") == [date(2026, 1, 31)]
    assert column(reading, "counterparty") == ["Acme"]
    assert column(reading, "description") == ["Invoice 9"]
    assert column(reading, "payment_ref") == ["1001"]


def test_one_day_above_twelve_decides_the_order_of_the_whole_file() -> None:
    assert column(read("!Type:Bank\nD1/2/2026\nT1.00\n^\nD1/13/2026\nT2.00\n^\n"), "date") == [
        date(2026, 1, 2),
        date(2026, 1, 13),
    ]


def test_an_order_that_nothing_decides_is_asked_about() -> None:
    assert only_question(read("!Type:CCard\nD1/2/2026\nT1.00\n^\n")).code == "DAY_MONTH_ORDER"


@pytest.mark.parametrize("written", ["1/13'26", "1/13' 26", " 1/ 13/2026"])
def test_an_apostrophe_stands_before_a_year_of_this_century(written: str) -> None:
    assert column(read(f"!Type:Cash\nD{written}\nT1.00\n^\n"), "date") == [date(2026, 1, 13)]


def test_a_comma_before_the_decimals_is_found_over_the_file() -> None:
    assert column(read("!Type:Bank\nD13.1.2026\nT1.234,50\n^\nD14.1.2026\nT-5,00\n^\n"), "amount") == [123450, -500]


def test_the_currency_is_asked_for() -> None:
    assert only_question(read_bytes(b"!Type:Bank\nD13/1/2026\nT1.00\n^\n")).code == "CURRENCY"


def test_lists_that_move_no_cash_and_the_opening_balance_are_counted() -> None:
    lists = "!Type:Cat\nNOffice\nDPaper and ink\n^\n"
    reading = read(f"{lists}!Type:Bank\nD13/1/2026\nT100.00\nPOpening Balance\n^\nD14/1/2026\nT1.00\n^\n")
    assert column(reading, "amount") == [100]
    assert (reading.rows_read, reading.rows_ignored) == (3, 2)


def test_several_accounts_are_asked_about() -> None:
    one = "!Account\nNChecking\nTBank\n^\n!Type:Bank\nD13/1/2026\nT1.00\n^\n"
    two = "!Account\nNCard\nTCCard\n^\n!Type:CCard\nD14/1/2026\nT2.00\n^\n"
    assert only_question(read(one + two)).code == "ACCOUNT"
    assert column(read(one + two, ACCOUNT="Card"), "amount") == [200]


def test_a_record_that_is_cut_is_a_reject() -> None:
    reading = read("!Type:Bank\nD13/1/2026\nT1.00\n^\nD14/1/2026\nT2")
    assert [(reject.line, reject.code) for reject in reading.rejects] == [(5, "RECORD_CUT")]
    assert reading.rows_accepted == 1


def test_a_record_without_an_amount_is_a_reject() -> None:
    assert [reject.code for reject in read("!Type:Bank\nD13/1/2026\nPx\n^\n").rejects] == ["STATEMENT_ENTRY"]
