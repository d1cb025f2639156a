"""The currency of a row is what the file says, then what a person said, and never what a symbol suggests."""

from __future__ import annotations

import pytest

from tests.ingest.files import column, only_question, read_lines


def test_the_row_stands_before_its_amount_and_the_header() -> None:
    text = "date,amount_zar,currency\n2026-01-05,5,JPY\n2026-01-05,€5,\n2026-01-05,5,\n"
    assert column(read_lines(text, currency="USD"), "currency") == ["JPY", "EUR", "ZAR"]


def test_a_file_without_rows_is_not_asked_for_its_currency() -> None:
    assert column(read_lines("date,amount\n"), "currency") == []


def test_a_row_without_an_amount_asks_for_no_currency() -> None:
    reading = read_lines("date,amount\n2026-01-05,5.00 EUR\n2026-01-05,\n")
    assert column(reading, "currency") == ["EUR"]
    assert [reject.code for reject in reading.rejects] == ["AMOUNT_EMPTY"]


def test_a_symbol_narrows_the_question() -> None:
    question = only_question(read_lines("date,amount\n2026-01-05,kr 5\n"))
    assert [choice.value for choice in question.choices] == ["SEK", "NOK", "DKK", "ISK"]
    assert question.free_text


def test_an_empty_currency_column_is_as_none() -> None:
    text = "date,amount,currency\n2026-01-05,5.00,\n2026-01-06,6.00,\n"
    assert only_question(read_lines(text)).code == "CURRENCY"
    assert column(read_lines(text, CURRENCY="eur"), "currency") == ["EUR", "EUR"]


def test_a_currency_column_of_a_shared_symbol_is_a_question() -> None:
    text = "date,amount,currency\n2026-01-05,5.00,$\n"
    question = only_question(read_lines(text))
    assert (question.code, question.choices[0].value) == ("CURRENCY", "USD")
    assert column(read_lines(text, CURRENCY="CAD"), "currency") == ["CAD"]


@pytest.mark.parametrize("answer", ["EUR", "JPY"])
def test_an_answer_that_contradicts_the_symbol_is_not_bent(answer: str) -> None:
    reading = read_lines("date,amount,currency\n2026-01-05,5,$\n", CURRENCY=answer)
    assert [reject.code for reject in reading.rejects] == ["CURRENCY_SYMBOL_SHARED"]
    reading = read_lines("date,amount\n2026-01-05,$5\n", CURRENCY=answer)
    assert [reject.code for reject in reading.rejects] == ["CURRENCY_DISAGREES"]


def test_rows_that_name_no_currency_beside_others_that_do_are_asked_about() -> None:
    text = "date,amount\n2026-01-05,EUR 5.00\n2026-01-06,£6.00\n2026-01-07,7.00\n"
    question = only_question(read_lines(text))
    assert (question.code, [example.line for example in question.examples]) == ("CURRENCY", [4])
    assert [choice.value for choice in question.choices][:2] == ["EUR", "GBP"]
    assert question.text == "Some amounts name no currency. Which one is it?"
    assert column(read_lines(text, CURRENCY="USD"), "currency") == ["EUR", "GBP", "USD"]


def test_a_cell_that_is_no_amount_asks_for_no_currency() -> None:
    reading = read_lines("date,amount\n2026-01-05,5.00 EUR\n2026-01-06,abc\n")
    assert column(reading, "currency") == ["EUR"]
    assert [reject.code for reject in reading.rejects] == ["AMOUNT_NOT_A_NUMBER"]


def test_a_column_of_currency_codes_by_another_name_is_asked_about() -> None:
    text = "date,amount,unit\n2026-01-05,5,JPY\n2026-01-06,6,USD\n"
    question = only_question(read_lines(text, currency="EUR"))
    assert (question.code, [choice.value for choice in question.choices]) == ("CURRENCY_COLUMN", ["unit", "none"])
    assert column(read_lines(text, CURRENCY_COLUMN="unit"), "currency") == ["JPY", "USD"]
    reading = read_lines(text, currency="EUR", CURRENCY_COLUMN="none")
    assert column(reading, "currency") == ["EUR", "EUR"]
    assert read_lines(text, mapping=reading.mapping).table.equals(reading.table)


def test_codes_that_say_what_is_known_already_ask_nothing() -> None:
    text = "date,{},unit\n2026-01-05,5.00,EUR\n"
    assert column(read_lines(text.format("amount"), currency="eur"), "currency") == ["EUR"]
    assert column(read_lines(text.format("amount"), CURRENCY="EUR"), "currency") == ["EUR"]
    assert column(read_lines(text.format("amount_zar")), "currency") == ["ZAR"]
