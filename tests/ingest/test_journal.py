"""A file of journal lines is read whole: signed, or in debit and credit columns, and never guessed at."""

from __future__ import annotations

from datetime import date

import pytest

from recon.ingest.journal import read_journal
from recon.model.journal import JournalReading

TODAY = date(2026, 3, 31)


def read(text: str, **more: object) -> JournalReading:
    return read_journal(text.encode(), filename="journal.csv", today=TODAY, **more)  # type: ignore[arg-type]


def amounts(found: JournalReading) -> list[tuple[str, str, int]]:
    rows = found.lines.to_pylist()
    return [(row["entry"], row["account"], row["amount"]) for row in rows]


def test_signed_amounts_are_taken_as_they_are() -> None:
    found = read("entry,date,account,amount,currency\nE1,2026-03-02,Bank,12.50,USD\nE1,2026-03-02,Float,-12.50,USD\n")
    assert amounts(found) == [("E1", "Bank", 12_50), ("E1", "Float", -12_50)]
    assert (found.rows_read, found.rejects) == (2, ())


def test_a_debit_is_plus_and_a_credit_minus() -> None:
    text = """Voucher;Posting date;Account code;Debit;Credit;Currency;Narration
V1;02.03.2026;1000;1.250,00;;AED;Rent
V1;02.03.2026;4000;;1.250,00;AED;Rent
V2;03.03.2026;1000;0,00;7,00;AED;
V2;03.03.2026;4000;7,00;0,00;AED;
"""
    assert amounts(read(text)) == [
        ("V1", "1000", 1_250_00), ("V1", "4000", -1_250_00), ("V2", "1000", -7_00), ("V2", "4000", 7_00),
    ]  # fmt: skip


def test_every_row_is_a_line_a_reject_or_blank() -> None:
    text = """entry,date,account,amount,currency
E1,2026-03-02,Bank,12.50,USD
E1,2026-03-02,Float,12.5O,USD

E2,2026-02-30,Bank,1.00,USD
,2026-03-02,Bank,1.00,USD
E3,2026-03-02,,1.00,USD
E4,2026-03-02,Bank,1.00 DR,USD
E5,2026-03-02,Bank,1.00
E6,2026-03-02,Bank,1.001,USD
"""
    found = read(text)
    assert [(reject.line, reject.code) for reject in found.rejects] == [
        (3, "AMOUNT_NOT_A_NUMBER"),
        (5, "DATE_IMPOSSIBLE"),
        (6, "ENTRY_EMPTY"),
        (7, "ACCOUNT_EMPTY"),
        (8, "AMOUNT_MARKED"),
        (9, "ROW_COLUMNS"),
        (10, "AMOUNT_PRECISION"),
    ]
    assert found.spoilt >= {"E1", "E2", "E3", "E4", "E5", "E6"}
    assert (found.rows_read, len(found.lines), found.rows_ignored) == (9, 1, 1)


def test_a_row_that_looks_like_a_balance_is_a_line_all_the_same() -> None:
    text = """entry,date,account,amount,currency,description
O1,2026-03-01,Bank,100.00,USD,Opening balance
O1,2026-03-01,Equity,-100.00,USD,Opening balance
"""
    assert len(read(text).lines) == 2


def test_what_the_columns_do_not_say_is_asked_all_at_once() -> None:
    text = "no,when,ledger,sum\n1,2026-03-02,Bank,1.00\n"
    questions = read(text, answers={"HEADER": "1"}).questions
    assert [question.code for question in questions] == [
        "ENTRY_COLUMN",
        "DATE_COLUMN",
        "ACCOUNT_COLUMN",
        "AMOUNT_COLUMN",
    ]
    answers = {
        "ENTRY_COLUMN": "no", "DATE_COLUMN": "when", "ACCOUNT_COLUMN": "ledger", "AMOUNT_COLUMN": "sum", "HEADER": "1",
    }  # fmt: skip
    assert [question.code for question in read(text, answers=answers).questions] == ["CURRENCY"]
    assert amounts(read(text, answers=answers, currency="USD")) == [("1", "Bank", 1_00)]


def test_a_date_of_two_orders_is_asked() -> None:
    text = "entry,date,account,amount,currency\nE1,03/04/2026,Bank,1.00,USD\nE1,03/04/2026,Float,-1.00,USD\n"
    assert [question.code for question in read(text).questions] == ["DAY_MONTH_ORDER"]
    found = read(text.replace("2026", "2025"), answers={"DAY_MONTH_ORDER": "DMY"})
    assert found.lines["date"].to_pylist() == [date(2025, 4, 3)] * 2


@pytest.mark.parametrize("content", [b"", b"\n\n", b"PAR1....PAR1"])
def test_what_is_no_journal_is_refused(content: bytes) -> None:
    found = read_journal(content, filename="journal.csv", today=TODAY)
    assert found.refused is not None
