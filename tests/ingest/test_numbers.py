"""Amount text: what one cell means, what a column proves, and the laws that hold for every currency and locale."""

from __future__ import annotations

import random
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon.ingest.codes import ValueCode, problem
from recon.ingest.numbers import DecimalMark, NumberFormat, decide_numbers, parse_amounts
from recon.ingest.undecided import QuestionCode, Undecided
from recon.money import MAX_MINOR, exponents

POINT, COMMA = NumberFormat(decimal=DecimalMark.POINT), NumberFormat(decimal=DecimalMark.COMMA)


def read(cells: list[str | None], fmt: NumberFormat = POINT, exponent: int = 2) -> list[int | str]:
    """Minor units of each cell, or the code of what is wrong with it."""
    parsed = parse_amounts(pa.array(cells, pa.string()), fmt, exponent)
    codes = [parsed.verdicts.at(row) for row in range(len(cells))]
    return [code.value if code else int(minor) for code, minor in zip(codes, parsed.minor, strict=True)]


def decide(cells: list[str | None], answer: str | None = None) -> str:
    """The mark a column decides for, or `?`."""
    decided = decide_numbers(pa.array(cells, pa.string()), answer)
    return "?" if isinstance(decided, Undecided) else decided.decimal.value


@pytest.mark.parametrize(
    ("cell", "fmt", "minor"),
    [
        ("1,234.56", POINT, 123456),
        ("1.234,56", COMMA, 123456),
        ("1 234,56", COMMA, 123456),
        ("1\u00a0234,56", COMMA, 123456),
        ("1\u202f234,56", COMMA, 123456),
        ("1\u2009234,56", COMMA, 123456),
        ("1'234.56", POINT, 123456),
        ("1’234.56", POINT, 123456),
        ("1,23,456.78", POINT, 12345678),
        ("12,34,56,789", POINT, 1234567890 * 10),
        ("1,00.00", POINT, 10000),
        ("59 258,71", COMMA, 5925871),
        ("-1.450", COMMA, -145000),
        ("1.000,0", COMMA, 100000),
        ("2.980,00", COMMA, 298000),
        ("-.46", POINT, -46),
        ("-,01", COMMA, -1),
        ("-4320,4", COMMA, -432040),
        ("100,", COMMA, 10000),
        ("2500", COMMA, 250000),
        ("0", POINT, 0),
        ("00012.50", POINT, 1250),
    ],
)
def test_a_number_is_read_in_every_way_it_is_grouped(cell: str, fmt: NumberFormat, minor: int) -> None:
    assert read([cell], fmt) == [minor]


@pytest.mark.parametrize(
    ("cell", "minor"),
    [
        ("-5", -500),
        ("\u22125", -500),
        ("\u20105", -500),
        ("5-", -500),
        ("12.5-", -1250),
        ("(5.00)", -500),
        ("( 85.00 )", -8500),
        ("5.00 CR", 500),
        ("5.00 DR", -500),
        ("5.00Dr.", -500),
        ("5.00 DB", -500),
        ("Cr 5.00", 500),
        ("+1092.00", 109200),
        ("- 5", -500),
        ("-0", 0),
        ("(0.00)", 0),
    ],
)
def test_a_sign_is_read_wherever_it_stands(cell: str, minor: int) -> None:
    assert read([cell]) == [minor]


@pytest.mark.parametrize("cell", ["(-5)", "(\u22125)", "--5", "-5-", "-5 DR", "-5 CR", "(5) DR", "-(5)", "+-5"])
def test_two_signs_are_refused_and_not_multiplied_out(cell: str) -> None:
    assert read([cell]) == ["AMOUNT_DOUBLE_SIGN"]


@pytest.mark.parametrize(
    ("cell", "minor", "currency"),
    [
        ("€12", 1200, "EUR"),
        ("12 EUR", 1200, "EUR"),
        ("-10.80 €", -1080, "EUR"),
        ("US$5", 500, "USD"),
        ("USD -5", -500, "USD"),
        ("0.01USD", 1, "USD"),
        ("1,162.55USD", 116255, "USD"),
        ("'579.68 USD", 57968, "USD"),
        ("$12 USD", 1200, "USD"),
        ("12.00 zł", 1200, "PLN"),
        ("RMB 5", 500, "CNY"),
        ("$12", 1200, None),
        ("+ $73.01", 7301, None),
        ("-$0.93", -93, None),
        ("$-0.93", -93, None),
        ("($85.00)", -8500, None),
        ("$(85.00)", -8500, None),
        ("$1.00CR", 100, None),
        ("+ £1,100.00", 110000, "GBP"),
        ("Rs. 500", 50000, None),
        ("Rs.500", 50000, None),
        ("kr 5", 500, None),
        ("5 kr.", 500, None),
        ("¥1,000", 100000, None),
    ],
)
def test_a_currency_beside_the_amount_is_read_and_a_shared_symbol_decides_none(
    cell: str, minor: int, currency: str | None
) -> None:
    parsed = parse_amounts(pa.array([cell]), POINT, 2)
    assert (read([cell]), parsed.currencies().to_pylist()) == ([minor], [currency])


def test_a_symbol_contradicts_a_currency_it_cannot_mean() -> None:
    parsed = parse_amounts(pa.array(["$5", "kr 5", "€5", "5", "$5"]), POINT, 2)
    rows = pa.array(["CAD", "USD", "EUR", "JPY", None])
    assert parsed.disagrees(rows).tolist() == [False, True, False, False, True]


def test_a_symbol_and_a_code_that_exclude_each_other_are_refused() -> None:
    assert read(["$12 EUR", "$12 CAD", "€ 12 EUR"]) == ["CURRENCY_DISAGREES", 1200, 1200]


def test_debit_and_credit_marks_are_kept_beside_the_signed_amount() -> None:
    parsed = parse_amounts(pa.array(["5.00 CR", "5.00 DR", "5.00", "-5.00"]), POINT, 2)
    assert parsed.indicators.tolist() == [1, -1, 0, 0]


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (None, "AMOUNT_EMPTY"),
        ("", "AMOUNT_EMPTY"),
        (" \t\u00a0", "AMOUNT_EMPTY"),
        ("-", "AMOUNT_PLACEHOLDER"),
        ("--", "AMOUNT_PLACEHOLDER"),
        ("N/A", "AMOUNT_NOT_A_NUMBER"),
        ("null", "AMOUNT_NOT_A_NUMBER"),
        ("NaN", "AMOUNT_NOT_A_NUMBER"),
        ("sNaN", "AMOUNT_NOT_A_NUMBER"),
        ("-inf", "AMOUNT_NOT_A_NUMBER"),
        ("Infinity", "AMOUNT_NOT_A_NUMBER"),
        ("1_000", "AMOUNT_NOT_A_NUMBER"),
        ("１２３", "AMOUNT_NOT_A_NUMBER"),
        ("١٢٣", "AMOUNT_NOT_A_NUMBER"),
        ("1.2.3", "AMOUNT_NOT_A_NUMBER"),
        ("1,2,3", "AMOUNT_NOT_A_NUMBER"),
        ("1.5,2", "AMOUNT_NOT_A_NUMBER"),
        ("1,234 567", "AMOUNT_NOT_A_NUMBER"),
        ("12 34", "AMOUNT_NOT_A_NUMBER"),
        ("12,-", "AMOUNT_NOT_A_NUMBER"),
        ("12 apples", "AMOUNT_NOT_A_NUMBER"),
        ("5 )", "AMOUNT_NOT_A_NUMBER"),
        (")5(", "AMOUNT_NOT_A_NUMBER"),
        ("12 XXX", "AMOUNT_NOT_A_NUMBER"),
        ("0x10", "AMOUNT_NOT_A_NUMBER"),
        ("=1+1", "AMOUNT_NOT_A_NUMBER"),
        ("1e5", "AMOUNT_EXPONENT_FORM"),
        ("1.2E+03", "AMOUNT_EXPONENT_FORM"),
        ("1e999999999", "AMOUNT_EXPONENT_FORM"),
        ("9" * 41, "AMOUNT_TOO_LONG"),
        ("9" * 2_000_000, "AMOUNT_TOO_LONG"),
        ("12,5", "AMOUNT_OTHER_LOCALE"),
        ("1.234.567", "AMOUNT_OTHER_LOCALE"),
    ],
)
def test_what_is_no_amount_says_why(cell: str | None, code: str) -> None:
    assert read([cell]) == [code]


@pytest.mark.parametrize(
    ("cell", "exponent", "minor"),
    [
        ("1.50", 2, 150),
        ("999999999999999999", 0, 999999999999999999),
        ("999999999999999999", 2, "AMOUNT_TOO_LARGE"),
        ("1.5", 2, 150),
        ("1.500", 2, 150),
        ("1.005", 2, "AMOUNT_PRECISION"),
        ("1.5", 0, "AMOUNT_PRECISION"),
        ("1.0", 0, 1),
        ("1.234", 3, 1234),
        ("1.2345", 3, "AMOUNT_PRECISION"),
        ("0.30000000000000004", 2, "AMOUNT_PRECISION"),
        ("3.3000000000000003", 2, "AMOUNT_PRECISION"),
        ("1.00000000000000000000000000", 2, 100),
        ("1.00000000000000000000000001", 2, "AMOUNT_PRECISION"),
    ],
)
def test_more_decimals_than_the_currency_are_refused_unless_they_are_zeros(
    cell: str, exponent: int, minor: int | str
) -> None:
    assert read([cell], exponent=exponent) == [minor]


def test_a_float_in_the_export_is_called_by_its_name() -> None:
    assert "float" in problem(ValueCode.AMOUNT_PRECISION, "0.30000000000000004")
    assert "float" not in problem(ValueCode.AMOUNT_PRECISION, "1.005")


@pytest.mark.parametrize(("above", "minor"), [(-1, MAX_MINOR - 1), (0, MAX_MINOR), (1, "AMOUNT_TOO_LARGE")])
@pytest.mark.parametrize("exponent", [0, 2, 4])
def test_the_largest_amount_is_exact_and_one_more_is_refused(above: int, minor: int | str, exponent: int) -> None:
    text = f"{Decimal(MAX_MINOR + above).scaleb(-exponent):f}"
    assert read([text], exponent=exponent) == [minor]
    negative = -minor if isinstance(minor, int) else minor
    assert read([f"-{text}"], exponent=exponent) == [negative]


def test_each_row_may_have_its_own_exponent() -> None:
    parsed = parse_amounts(pa.array(["1.500", "1.500", "1.500"]), POINT, np.array([3, 2, 0]))
    assert parsed.minor.tolist() == [1500, 150, 0]
    assert parsed.verdicts.rejects() == [(2, ValueCode.AMOUNT_PRECISION)]


@pytest.mark.parametrize(
    ("cells", "mark"),
    [
        (["1,234", "12.5"], "."),
        (["1.234", "12,5"], ","),
        (["1,234", "1,234,567"], "."),
        (["1.234", "1.234.567"], ","),
        (["1,234", "0,500"], ","),
        (["1,234", "1234.567"], "."),
        (["1,234", "1 234,5"], ","),
        (["1,234", "$1,234.00"], "."),
        (["1.234", "(12,5)"], ","),
        (["1,234", "1,23,456"], "."),
        (["1.234", ",5"], ","),
        (["1.234", "100,"], ","),
    ],
)
def test_one_value_that_fits_one_mark_only_decides_the_column(cells: list[str | None], mark: str) -> None:
    assert decide(cells) == mark
    assert decide(cells[::-1]) == mark


@pytest.mark.parametrize("cells", [["1,234", "5,678"], ["1.234"], ["1.234", "12", None, "n/a"], ["-12.345 €"]])
def test_a_column_that_reads_differently_with_either_mark_is_asked_about(cells: list[str | None]) -> None:
    assert decide(cells) == "?"
    assert decide(cells, answer=",") == ","
    assert decide(cells, answer=".") == "."
    assert decide(cells, answer="maybe") == "?"


@pytest.mark.parametrize("cells", [[], [None], ["12", "1 234", "1'234"], ["n/a", "abc"]])
def test_a_column_that_reads_the_same_with_either_mark_is_not_asked_about(cells: list[str | None]) -> None:
    assert decide(cells) == "."
    assert decide(cells, answer=",") == ","


def test_decimals_are_no_proof_of_a_currency_or_a_mark() -> None:
    assert decide(["1.234", "5.670"]) == "?"


def test_the_question_shows_the_rows_it_is_about() -> None:
    asked = decide_numbers(pa.array(["12", "1,234", "n/a", "5,678"]))
    assert isinstance(asked, Undecided)
    assert asked.code is QuestionCode.DECIMAL_MARK
    assert [choice.value for choice in asked.choices] == [".", ","]
    assert asked.examples == (1, 3)


@pytest.mark.parametrize(
    ("strays", "decided"),
    [(0, "."), (1, "."), (2, "?"), (3, "?")],
)
def test_a_stray_of_the_other_locale_is_one_bad_row_and_several_are_a_question(strays: int, decided: str) -> None:
    assert decide(["1.50", "2.50", "3.50", "1,234"] + ["12,5"] * strays) == decided


def test_one_in_a_hundred_is_a_stray_too() -> None:
    assert decide(["1.50"] * 299 + ["1,234"] + ["12,5"] * 2) == "."
    assert decide(["1.50"] * 399 + ["1,234"] + ["12,5"] * 3) == "."
    assert decide(["1.50"] * 399 + ["1,234"] + ["12,5"] * 4) == "?"


def test_where_no_value_fits_both_marks_the_fewer_are_refused_and_nothing_is_misread() -> None:
    cells: list[str | None] = ["1.50", "2.50", "12,5"]
    assert decide(cells) == "."
    assert read(cells) == [150, 250, "AMOUNT_OTHER_LOCALE"]
    assert decide(["1.50", "12,5"]) == "?"


def test_an_old_answer_gives_way_to_a_column_that_proves_the_opposite() -> None:
    assert decide(["1,234"] + ["1.50"] * 50, answer=",") == "."


def test_an_old_answer_stands_against_a_stray() -> None:
    assert decide(["1,234"] * 50 + ["1.50"], answer=",") == ","


def test_chunks_of_several_columns_prove_a_mark_together() -> None:
    debit, credit = pa.array(["1,234", None]), pa.array([None, "0,50"])
    assert decide_numbers(pa.chunked_array([debit, credit])) == COMMA


def test_a_slice_of_a_column_is_read_as_that_slice() -> None:
    column = pa.array(["9.99", "1.00", "-2.50", "x", None, "3"]).slice(1, 4)
    assert parse_amounts(column, POINT, 2).minor.tolist() == [100, -250, 0, 0]


# --- laws -------------------------------------------------------------------------------------------------------

STYLES = [
    (",", "."),
    (".", ","),
    (" ", ","),
    ("\u00a0", ","),
    ("\u202f", ","),
    ("'", "."),
    ("’", "."),
    ("", "."),
    ("", ","),
]
DRESSES = ["{}", "-{}", "\u2212{}", "{}-", "({})", "{} DR", "{} CR", "EUR {}", "-{} €", "+ ${}", " {}\t", "'{}"]
NEGATIVE = {"-{}", "\u2212{}", "{}-", "({})", "{} DR", "-{} €"}


def written(minor: int, exponent: int, grouping: str, decimal: str) -> str:
    """An amount as a person of some locale writes it."""
    whole, rest = divmod(minor, 10**exponent)
    text = f"{whole:,}".replace(",", grouping)
    return f"{text}{decimal}{rest:0{exponent}d}" if exponent else text


amounts = st.one_of(st.integers(0, 10**6), st.integers(0, MAX_MINOR))


@given(
    amounts,
    st.sampled_from(sorted(set(exponents().values()))),
    st.sampled_from(STYLES),
    st.sampled_from(DRESSES),
)
def test_what_is_written_is_read_for_every_exponent_and_locale(
    minor: int, exponent: int, style: tuple[str, str], dress: str
) -> None:
    grouping, decimal = style
    cell = dress.format(written(minor, exponent, grouping, decimal))
    expected = -minor if dress in NEGATIVE else minor
    assert read([cell], NumberFormat(decimal=DecimalMark(decimal)), exponent) == [expected]


cell_texts = st.one_of(
    st.text(alphabet="0123456789.,-+()' €$eCRD", max_size=12),
    st.decimals(allow_nan=True, allow_infinity=True).map(str),
    st.text(max_size=6),
    st.none(),
)


@given(st.lists(cell_texts, max_size=12), st.sampled_from([POINT, COMMA]), st.randoms(use_true_random=False))
def test_a_cell_means_the_same_whatever_stands_around_it(
    cells: list[str | None], fmt: NumberFormat, order: random.Random
) -> None:
    alone = {cell: read([cell], fmt)[0] for cell in cells}
    order.shuffle(cells)
    assert read(cells, fmt) == [alone[cell] for cell in cells]


@given(st.lists(cell_texts, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_decision(cells: list[str | None], order: random.Random) -> None:
    decided = decide(cells)
    order.shuffle(cells)
    assert decide(cells) == decided


@given(st.from_regex(r"-?[0-9]{1,20}(\.[0-9]{1,8})?", fullmatch=True), st.integers(0, 4))
def test_plain_numbers_agree_with_decimal(cell: str, exponent: int) -> None:
    exact = Decimal(cell) * 10**exponent
    if exact != exact.to_integral_value():
        expected: int | str = "AMOUNT_PRECISION"
    else:
        expected = int(exact) if abs(exact) <= MAX_MINOR else "AMOUNT_TOO_LARGE"
    assert read([cell], exponent=exponent) == [expected]


@given(st.lists(amounts, min_size=1, max_size=20), st.sampled_from(STYLES))
def test_a_column_is_never_decided_for_the_mark_it_was_not_written_with(
    column: list[int], style: tuple[str, str]
) -> None:
    grouping, decimal = style
    cells: list[str | None] = [written(minor, 2, grouping, decimal) for minor in column]
    assert decide(cells) == decimal
