"""Rows that are no transactions are counted and used; rows that only look like it stay transactions."""

from __future__ import annotations

import pytest

from tests.ingest.files import column, only_question, read_lines

HEADER = "date,amount,currency,description,id"
ONE, TWO = "2026-01-05,10.00,EUR,one,T1", "2026-01-06,20.00,EUR,two,T2"


def ignored(*rows: str, header: str = HEADER) -> dict[str, int]:
    reading = read_lines("\n".join((header, *rows)) + "\n")
    assert not reading.rejects
    return {note.text.rpartition(": ")[2]: note.count for note in reading.notes if note.code == "ROWS_IGNORED"}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",,,,", "blank."),
        ("# checked by hand,,,,", "comment."),
        (HEADER, "repeated header."),
        ("Date,Amount,Currency,Description,ID", "repeated header."),
        ("Total,30.00,,,", "total."),
        (",30.00,,Grand total:,", "total."),
        ("2 rows", "row count."),
        ("Number of transactions: 2,,,,", "row count."),
        ("Please check this statement carefully.", "footer."),
        ("Disclaimer:", "footer."),
        (",,,and this is still two,", "a description that goes on."),
        (",30.00,,Total for January,", "total."),
        ("Total,30.00", "total."),
        ("Saldo al 31/01/2026,130.00,,,", "closing balance."),
        ("2026-01-31,130.00,EUR,Likutis pabaigai,", "closing balance."),
        ("2026-01-31,130.00,EUR,S A L D O,9", "closing balance."),
        ("2026-01-01,130.00,EUR,Начальный остаток,", "opening balance."),
        ("2026-01-31,30.00,EUR,Apyvarta,", "total."),
        ("Pending,5.00,EUR,three,T3", "not booked."),
    ],
)
def test_a_row_that_is_no_transaction_is_set_aside_and_counted(row: str, reason: str) -> None:
    assert ignored(ONE, TWO, row) == {reason: 1}


@pytest.mark.parametrize(
    "row",
    [
        "2026-01-07,30.00,EUR,Total Energies,T3",
        "2026-01-07,30.00,EUR,TOTAL,T3",
        "2026-01-07,30.00,EUR,Balance sheet printing,T3",
        "2026-01-07,30.00,EUR,12 rows of chairs,T3",
        "2026-01-07,30.00,EUR,#hashtag,T3",
        "2026-01-07,30.00,EUR,Total for January,T3",
    ],
)
def test_a_transaction_that_reads_like_a_control_row_stays_one(row: str) -> None:
    assert ignored(ONE, TWO, row) == {}


@pytest.mark.parametrize(
    "row",
    ["#1001,,10.00,EUR", "totally,1.00,EUR,x,T3", ",30.00,EUR,three,T3", "2026-01-0", ",30.00,EUR,Balance sheet,T3"],
)
def test_a_broken_transaction_is_a_reject_and_not_set_aside(row: str) -> None:
    reading = read_lines("\n".join((HEADER, ONE, TWO, row)) + "\n")
    assert [reject.line for reject in reading.rejects] == [4]
    assert reading.rows_ignored == 0


def test_a_description_goes_on_over_the_lines_below_it() -> None:
    reading = read_lines(f"{HEADER}\n{ONE}\n,,,more of it,\n,,,and more,\n{TWO}\n")
    assert column(reading, "description") == ["one more of it and more", "two"]
    assert column(reading, "line") == [2, 5]


def test_pending_rows_are_counted_and_left_out() -> None:
    reading = read_lines("""
        date,amount,currency,status
        2026-01-05,1.00,EUR,Completed
        2026-01-05,2.00,EUR,PENDING
        2026-01-05,3.00,EUR,Declined
        ,4.00,EUR,pending
        2026-01-05,5.00,EUR,FAILURE
        2026-01-05,6.00,EUR,Zurückgewiesen
    """)
    assert column(reading, "amount") == [100]
    assert (reading.rows_ignored, reading.rows_rejected) == (5, 0)


def test_rows_that_wait_are_counted_whether_the_date_or_the_status_says_so() -> None:
    reading = read_lines("""
        date,amount,currency,status
        2026-01-05,1.00,EUR,Completed
        2026-01-05,2.00,EUR,Pending
        Pending,3.00,EUR,
    """)
    assert column(reading, "amount") == [100]
    assert reading.rows_ignored == 2


def test_a_state_we_do_not_know_is_said() -> None:
    reading = read_lines("date,amount,currency,status\n2026-01-05,1.00,EUR,Limbo\n2026-01-05,2.00,EUR,Paid\n")
    assert reading.rows_accepted == 2
    assert [note.text for note in reading.notes if note.code == "STATUS_UNKNOWN"] == [
        "Rows were read as booked in a state we do not know: Limbo."
    ]


def test_opening_balance_and_movements_must_give_the_closing_balance() -> None:
    text = "\n".join(
        (
            "date,description,amount,balance,currency",
            ",Opening balance,,100.00,EUR",
            "2026-01-05,x,5.00,105.00,EUR",
            ",Closing balance,,{},EUR",
        )
    )
    assert read_lines(text.format("105.00")).rows_accepted == 1
    question = only_question(read_lines(text.format("106.00")))
    assert question.code == "CONTROL_TOTAL"
    assert "100.00 and movements 5.00 against closing balance 106.00 EUR" in question.text


def test_balances_are_checked_for_each_currency() -> None:
    text = "\n".join(
        (
            "date,description,amount,balance,currency",
            ",Opening balance EUR,,100.00,EUR",
            ",Opening balance JPY,,1000,JPY",
            "2026-01-05,x,5.00,105.00,EUR",
            "2026-01-05,x,-10,990,JPY",
            ",Closing balance EUR,,105.00,EUR",
            ",Closing balance JPY,,{},JPY",
        )
    )
    assert read_lines(text.format("990")).rows_accepted == 2
    assert "movements -10 against closing balance 991 JPY" in only_question(read_lines(text.format("991"))).text


def test_a_sum_that_misses_rejected_rows_is_a_note() -> None:
    reading = read_lines(f"{HEADER}\n{ONE}\n2026-01-06,oops,EUR,two,T2\nTotal,30.00,,,\n")
    assert (reading.rows_accepted, reading.rows_rejected) == (1, 1)
    (note,) = (note for note in reading.notes if note.code == "CONTROL_TOTAL_OPEN")
    assert "sum to 10.00. 1 rejected rows" in note.text


def test_totals_of_one_direction_are_checked_too() -> None:
    text = "date,amount,currency,description\n2026-01-05,-10.00,EUR,a\n2026-01-06,25.00,EUR,b\nTotal {},{},,\n"
    for word, figure in (("debits", "10.00"), ("debits", "-10.00"), ("credits", "25.00"), ("", "15.00")):
        assert read_lines(text.format(word, figure)).rows_accepted == 2
    assert only_question(read_lines(text.format("debits", "9.00"))).code == "CONTROL_TOTAL"


def test_a_text_beside_an_unknown_column_only_is_a_footer() -> None:
    assert ignored(f"{ONE},", f"{TWO},", ",,,,,See overleaf.", header=f"{HEADER},legal") == {"footer.": 1}


def test_totals_over_several_currencies_are_no_sum_of_anything() -> None:
    reading = read_lines(f"{HEADER}\n{ONE}\n2026-01-06,20.00,USD,two,T2\nTotal,31.00,,,\n")
    assert (reading.rows_accepted, reading.rows_ignored) == (2, 1)
