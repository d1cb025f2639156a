"""What columns mean: by the seed's names, by the names banks use, and by a question where names do not say."""

from __future__ import annotations

import pytest

from recon.ingest.aliases import Role, plain, ranks
from recon.ingest.header import unique_names
from recon.model.reading import Mapping
from tests.ingest.files import column, only_question, read_lines


@pytest.mark.parametrize(
    "date", ["date", "transaction_date", "txn_date", "value_date", "Buchungstag", "Data", "Fecha", "Datum"]
)
@pytest.mark.parametrize(
    "amount", ["amount", "value", "amount_zar", "Betrag (€)", "Bedrag", "Importo", "Kwota", "Montant"]
)
def test_the_usual_names_of_a_date_and_an_amount_are_known(date: str, amount: str) -> None:
    reading = read_lines(f"{date},{amount},currency\n2026-01-05,10.00,ZAR\n".replace("(€)", ""))
    assert column(reading, "amount") == [1000]


@pytest.mark.parametrize(
    "name", ["description", "narration", "details", "reference", "memo", "Verwendungszweck", "libellé"]
)
def test_the_usual_names_of_a_description_are_known(name: str) -> None:
    assert column(read_lines(f"date,amount_zar,{name}\n2026-01-05,10.00,Coffee\n"), "description") == ["Coffee"]


def test_a_reference_beside_a_description_is_the_payment_reference() -> None:
    reading = read_lines("date,amount_zar,reference,description\n2026-01-05,10.00,INV-1,Coffee\n")
    assert (column(reading, "payment_ref"), column(reading, "description")) == (["INV-1"], ["Coffee"])


@pytest.mark.parametrize(
    ("out", "into"),
    [("debit", "credit"), ("Soll", "Haben"), ("Addebiti", "Accrediti"), ("Withdrawals (SGD)", "Deposits (SGD)")],
)
def test_a_debit_and_credit_pair_keeps_both_sides(out: str, into: str) -> None:
    reading = read_lines(f"""
        date,{out},{into},currency
        2026-01-05,10.00,,SGD
        2026-01-06,,2.50,SGD
    """)
    assert column(reading, "amount") == [-1000, 250]


@pytest.mark.parametrize(
    ("out", "into"), [("Af", "Bij"), ("D", "C"), ("DR", "CR"), ("S", "H"), ("D", "K"), ("debit", "credit")]
)
def test_a_word_beside_the_amount_says_which_way_it_went(out: str, into: str) -> None:
    reading = read_lines(f"date,amount,D/C,currency\n2026-01-05,10.00,{out},EUR\n2026-01-06,2.50,{into},EUR\n")
    assert column(reading, "amount") == [-1000, 250]


def test_the_word_may_stand_in_the_type_column() -> None:
    reading = read_lines("date,amount,type,currency\n2026-01-05,10.00,Debit,EUR\n2026-01-06,2.50,Credit,EUR\n")
    assert column(reading, "amount") == [-1000, 250]


@pytest.mark.parametrize("kind", ["payment", "Sale", "deposit", "Gutschrift"])
def test_a_type_that_says_nothing_of_money_out_leaves_the_sign_alone(kind: str) -> None:
    assert column(read_lines(f"date,amount,type,currency\n2026-01-05,10.00,{kind},EUR\n"), "amount") == [1000]


@pytest.mark.parametrize(
    "kinds", [("Debit", "Credit", "Fee"), ("Sale", "POS Debit", "Refund"), ("Sale", "Fee", "Payout")]
)
def test_a_type_of_money_out_beside_amounts_without_a_minus_is_asked_about(kinds: tuple[str, ...]) -> None:
    rows = "".join(f"2026-01-05,10.00,{kind},EUR\n" for kind in kinds)
    question = only_question(read_lines(f"date,amount,type,currency\n{rows}"))
    assert question.code == "SIGN_MODEL"
    told = column(read_lines(f"date,amount,type,currency\n{rows}", SIGN_MODEL=question.choices[0].value), "amount")
    assert told == [-1000 if kind in ("Debit", "Fee", "POS Debit", "Refund", "Payout") else 1000 for kind in kinds]
    signed = read_lines(f"date,amount,type,currency\n{rows}", SIGN_MODEL="signed")
    assert column(signed, "amount") == [1000, 1000, 1000]


def test_a_type_that_contradicts_every_sign_is_asked_about() -> None:
    text = "date,amount,type,currency\n2026-01-05,10.00,Debit,EUR\n2026-01-06,-2.50,Credit,EUR\n"
    assert only_question(read_lines(text)).code == "SIGN_MODEL"
    assert column(read_lines(text, SIGN_MODEL="indicator"), "amount") == [-1000, 250]


def test_a_word_that_agrees_with_the_sign_adds_nothing() -> None:
    reading = read_lines("date,amount,D/C,currency\n2026-01-05,-10.00,D,EUR\n2026-01-06,2.50,C,EUR\n")
    assert column(reading, "amount") == [-1000, 250]


def test_a_word_missing_in_a_row_that_is_rejected_anyway_asks_nothing() -> None:
    reading = read_lines("date,amount,D/C,currency\n2026-01-05,10.00,D,EUR\nx,,,\n")
    assert column(reading, "amount") == [-1000]


def test_a_plus_beside_bare_amounts_asks_which_way_the_bare_ones_went() -> None:
    text = 'date,amount\n2026-01-05,£12.50\n2026-01-06," + £1,100.00"\n'
    assert only_question(read_lines(text)).code == "SIGN_MODEL"
    assert column(read_lines(text, SIGN_MODEL="unmarked_out"), "amount") == [-1250, 110000]
    assert column(read_lines(text, SIGN_MODEL="unmarked_in"), "amount") == [1250, 110000]
    assert column(read_lines(text + "2026-01-07,-£1.00\n"), "amount") == [1250, 110000, -100]


def test_every_combination_of_two_unknown_words_is_offered() -> None:
    text = "date,amount,D/C,currency\n2026-01-05,10.00,Up,EUR\n2026-01-06,2.50,Down,EUR\n"
    values = [choice.value for choice in only_question(read_lines(text)).choices]
    assert values == ["Down=out|Up=out", "Down=out|Up=in", "Down=in|Up=out", "Down=in|Up=in", "signed"]
    assert column(read_lines(text, SIGN_MODEL="Down=out|Up=in"), "amount") == [1000, -250]


def test_an_amount_and_a_pair_that_differ_are_asked_about() -> None:
    text = "date,amount,debit,credit,currency\n2026-01-05,-9.70,10.00,,EUR\n"
    question = only_question(read_lines(text))
    assert question.code == "AMOUNT_COLUMN"
    assert [choice.value for choice in question.choices] == ["amount", "debit and credit"]
    amounts = [column(read_lines(text, AMOUNT_COLUMN=choice.value), "amount") for choice in question.choices]
    assert amounts == [[-970], [-1000]]


@pytest.mark.parametrize(
    ("amount", "debit", "kept"),
    [("-10,50", "10,50", "amount"), ("-10,50", "-10,50", "amount"), ("10,50", "10,50", "debit")],
)
def test_an_amount_and_a_pair_that_agree_on_every_row_are_not_asked_about(amount: str, debit: str, kept: str) -> None:
    reading = read_lines(f"""
        date;amount;debit;credit;currency
        2026-01-05;{amount};{debit};;EUR
        2026-01-06;2.500,00;;2.500,00;EUR
    """)
    assert column(reading, "amount") == [-1050, 250000]
    assert kept in reading.mapping.roles


def test_a_pair_and_an_amount_without_any_debit_keep_the_pair() -> None:
    reading = read_lines("date,amount,debit,credit,currency\n2026-01-05,10.00,,10.00,EUR\n")
    assert reading.mapping.roles.keys() >= {"debit", "credit"}
    next_month = "date,amount,debit,credit,currency\n2026-02-05,10.00,10.00,,EUR\n"
    assert column(read_lines(next_month, mapping=reading.mapping), "amount") == [-1000]


def test_a_column_of_dates_is_no_amount_whatever_it_is_called() -> None:
    reading = read_lines("""
        Date;Credit in CHF;Debit in CHF;Value;Balance in CHF
        30.01.2026;5000.00;;30.01.2026;6000.00
        29.01.2026;;-45.50;29.01.2026;1000.00
        28.01.2026;;-5.50;28.01.2026;1000.00
    """)
    assert column(reading, "amount") == [500000, -4550, -550]


def test_a_column_without_a_date_is_not_the_date() -> None:
    assert column(read_lines("posted,date,amount_zar\nyes,2026-01-05,10.00\n"), "amount") == [1000]


HEADLESS = """
    "07 Nov 2025","VIS","SHOP","","£12.50","","£987.50"
    "08 Nov 2025","DD","COUNCIL","","£100.00","","£887.50"
    "01 Nov 2025","BGC","SALARY","","","£1000.00","£1887.50"
"""


def test_a_file_without_column_names_offers_its_pair() -> None:
    first = only_question(read_lines(HEADLESS))
    assert (first.code, first.choices[0].value) == ("HEADER", "none")
    second = only_question(read_lines(HEADLESS, HEADER="none", DATE_COLUMN="Column 1"))
    assert "Column 5 and Column 6" in [choice.value for choice in second.choices]
    answers = {"HEADER": "none", "DATE_COLUMN": "Column 1", "AMOUNT_COLUMN": "Column 5 and Column 6"}
    reading = read_lines(HEADLESS, **answers, DESCRIPTION_COLUMN="Column 3")
    assert column(reading, "amount") == [-1250, -10000, 100000]
    assert column(reading, "description") == ["SHOP", "COUNCIL", "SALARY"]
    assert read_lines(HEADLESS, mapping=reading.mapping).table.equals(reading.table)


def test_lines_that_hold_a_date_and_an_amount_show_the_delimiter_below_a_long_preamble() -> None:
    text = """
        Kontoauszug
        Inhaber: Max, Moritz
        Zeitraum

        Wann;Was;Wieviel
        05.01.2026;Kauf;-1,00
        06.01.2026;Lohn;2,00
    """
    question = only_question(read_lines(text))
    assert (question.code, question.choices[0].value) == ("HEADER", "5")
    answers = {"HEADER": "5", "DATE_COLUMN": "Wann", "AMOUNT_COLUMN": "Wieviel", "CURRENCY": "EUR"}
    assert column(read_lines(text, **answers), "amount") == [-100, 200]


def test_roles_of_a_mapping_find_the_header() -> None:
    mapping = Mapping(roles={"date": "Wann", "amount": "Wieviel", "currency": "Geld"})
    text = "Konto 7\nWas,Wann,Wieviel,Geld\nx,2026-01-05,10.00,EUR\n"
    assert column(read_lines(text, mapping=mapping), "amount") == [1000]
    roles = {"date": "Column 1", "debit": "Column 5", "credit": "Column 6"}
    assert column(read_lines(HEADLESS, mapping=Mapping(roles=roles)), "amount") == [-1250, -10000, 100000]


def test_a_column_of_the_mapping_that_is_not_there_is_asked_about() -> None:
    text = "date,amount,payout,currency\n2026-01-05,10.00,9.70,EUR\n"
    mapping = Mapping(roles={"amount": "Paid out net"})
    question = only_question(read_lines(text, mapping=mapping))
    assert question.code == "AMOUNT_COLUMN"
    assert "Paid out net" in question.text
    assert column(read_lines(text, mapping=mapping, AMOUNT_COLUMN="payout"), "amount") == [970]


@pytest.mark.parametrize(
    ("code", "answer"), [("AMOUNT_COLUMN", "a and b"), ("DATE_COLUMN", "when"), ("DESCRIPTION_COLUMN", "what")]
)
def test_an_answer_that_names_no_column_asks_even_where_nothing_was_open(code: str, answer: str) -> None:
    question = only_question(read_lines("date,amount,currency\n2026-01-05,5.00,EUR\n", **{code: answer}))
    assert question.code == code
    assert repr(answer) in question.text


def test_the_state_of_a_payout_is_not_the_state_of_its_rows() -> None:
    text = "date,payout status,amount,currency\n2026-01-05,pending,5.00,EUR\n"
    assert column(read_lines(text), "amount") == [500]


def test_an_answer_stands_before_the_mapping() -> None:
    text = "date,gross,net,currency\n2026-01-05,10.00,9.70,EUR\n"
    mapping = read_lines(text, AMOUNT_COLUMN="gross").mapping
    assert column(read_lines(text, mapping=mapping, AMOUNT_COLUMN="net"), "amount") == [970]


def test_two_columns_that_could_be_the_currency_are_asked_about_unless_they_say_the_same() -> None:
    differ = read_lines("date,amount,currency,currency\n2026-01-05,10.00,EUR,USD\n")
    assert only_question(differ).code == "CURRENCY_COLUMN"
    assert column(read_lines("date,amount,currency,currency\n2026-01-05,10.00,EUR,EUR\n"), "currency") == ["EUR"]


def test_several_open_questions_are_asked_at_once() -> None:
    reading = read_lines("""
        date,amount
        03/04/2026,"1,234"
        05/06/2026,"5,678"
    """)
    assert {question.code for question in reading.questions} == {"DAY_MONTH_ORDER", "DECIMAL_MARK", "CURRENCY"}
    assert all(question.examples for question in reading.questions)
    assert reading.raw.column_names == ["line", "date", "amount"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Betrag (EUR)", "betrag"),
        ("amount_zar", "amount"),
        ("Credit in CHF", "credit"),
        ("RunningBalance", "running balance"),
        ("Débit", "debit"),
        (" Währung ", "wahrung"),
        ("EUR", "eur"),
    ],
)
def test_names_are_compared_without_case_accents_and_currency(name: str, expected: str) -> None:
    assert plain(name) == expected


def test_column_names_are_unique_whatever_the_header_says() -> None:
    names = unique_names(("Amount", "Amount (column 3)", "Amount", "", "Column 4", ""))
    assert len(set(names)) == len(names)
    assert unique_names(("a", "", "b", "b")) == ("a", "Column 2", "b (column 3)", "b (column 4)")


def test_a_column_called_line_does_not_hide_the_line_of_the_row() -> None:
    reading = read_lines("line,date,amount_zar\n7,2026-01-05,10.00\n")
    assert reading.raw.column_names == ["line", "line (column 1)", "date", "amount_zar"]
    assert column(reading, "line") == [2]


def test_no_name_is_both_money_out_and_money_in() -> None:
    assert not ranks(Role.DEBIT).keys() & ranks(Role.CREDIT).keys()
    assert not ranks(Role.AMOUNT).keys() & (
        ranks(Role.DEBIT).keys() | ranks(Role.CREDIT).keys() | ranks(Role.BALANCE).keys()
    )
