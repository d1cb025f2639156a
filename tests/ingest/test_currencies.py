"""Currency text: codes, aliases and symbols of a column, and currencies named in headers."""

from __future__ import annotations

import pyarrow as pa
import pytest

from recon.ingest import currencies as module
from recon.ingest.cells import clean, clean_column
from recon.ingest.codes import ValueCode
from recon.ingest.currencies import currency_in_header, parse_currencies, read_mark
from recon.money import exponents
from tests.ingest.files import column, read_lines


def read(cells: list[str | None]) -> list[str]:
    """The currency of each cell, or the code of what is wrong with it."""
    parsed = parse_currencies(pa.array(cells, pa.string()))
    codes = [parsed.verdicts.at(row) for row in range(len(cells))]
    return [code.value if code else name for code, name in zip(codes, parsed.currencies.to_pylist(), strict=True)]


@pytest.mark.parametrize(
    ("cell", "outcome"),
    [
        ("EUR", "EUR"),
        ("eur", "EUR"),
        (" usd\u00a0", "USD"),
        ("'ZAR", "ZAR"),
        ("JPY", "JPY"),
        ("KWD", "KWD"),
        ("CLF", "CLF"),
        ("RMB", "CNY"),
        ("rmb", "CNY"),
        ("UKP", "GBP"),
        ("RUR", "RUB"),
        ("€", "EUR"),
        ("US$", "USD"),
        ("zł", "PLN"),
        ("$", "CURRENCY_SYMBOL_SHARED"),
        ("kr", "CURRENCY_SYMBOL_SHARED"),
        ("¥", "CURRENCY_SYMBOL_SHARED"),
        ("", "CURRENCY_EMPTY"),
        (None, "CURRENCY_EMPTY"),
        ("XXX", "CURRENCY_UNKNOWN"),
        ("XAU", "CURRENCY_UNKNOWN"),
        ("DEM", "CURRENCY_UNKNOWN"),
        ("BGN", "BGN"),
        ("HRK", "HRK"),
        ("EURO COIN", "CURRENCY_UNKNOWN"),
        ("ＥＵＲ", "CURRENCY_UNKNOWN"),
        ("12", "CURRENCY_UNKNOWN"),
    ],
)
def test_a_currency_is_a_code_an_alias_by_table_or_a_symbol_of_one_currency(cell: str | None, outcome: str) -> None:
    assert read([cell]) == [outcome]


def test_aliases_are_counted_so_that_they_can_be_noted() -> None:
    parsed = parse_currencies(pa.chunked_array([["RMB", "EUR", "rmb"], ["RUR", " RMB "]]))
    assert parsed.aliases == (("RMB", "CNY", 3), ("RUR", "RUB", 1))
    assert parsed.currencies.to_pylist() == ["CNY", "EUR", "CNY", "RUB", "CNY"]


def test_a_row_that_is_refused_leaves_its_neighbours_alone() -> None:
    parsed = parse_currencies(pa.array(["EUR", "XXX", None, "USD"]))
    assert parsed.currencies.to_pylist() == ["EUR", None, None, "USD"]
    assert parsed.verdicts.rejects() == [(1, ValueCode.CURRENCY_UNKNOWN), (2, ValueCode.CURRENCY_EMPTY)]


def test_a_currency_withdrawn_of_late_has_the_decimals_it_had() -> None:
    reading = read_lines("""
        date,amount,currency
        2025-12-31,12.34,BGN
        2016-06-30,500,BYR
        2016-06-30,5.5,BYR
    """)
    assert column(reading, "amount") == [1234, 500]
    assert [reject.code for reject in reading.rejects] == ["AMOUNT_PRECISION"]


def test_an_empty_column_has_no_currencies() -> None:
    assert parse_currencies(pa.chunked_array([], pa.string())).currencies.to_pylist() == []


@pytest.mark.parametrize(
    ("header", "currency"),
    [
        ("amount_zar", "ZAR"),
        ("Betrag (EUR)", "EUR"),
        ("Betrag (€)", "EUR"),
        ("Credit in CHF", "CHF"),
        ("Withdrawals (SGD)", "SGD"),
        ("Amount [usd]", "USD"),
        ("AMOUNT USD", "USD"),
        ("Amount US$", "USD"),
        ("Amount (US$)", "USD"),
        ("Amount €", "EUR"),
        ("amount_rmb", "CNY"),
        ("Montant EUR (TTC)", "EUR"),
        ("Amount TRY", "TRY"),
        ("Amount (TRY)", "TRY"),
        ("Amount", None),
        ("Amount ($)", None),
        ("Amount (total)", None),
        ("amount_all", None),
        ("amount_net", None),
        ("TOP UP", None),
        ("TOTAL ALL", None),
        ("Gross Credit (GC)", None),
        ("Date (UTC)", None),
        ("EUR/USD rate", None),
        ("European amount", None),
        ("", None),
    ],
)
def test_a_header_names_a_currency_only_where_it_plainly_does(header: str, currency: str | None) -> None:
    assert currency_in_header(header) == currency


def test_every_currency_of_the_tables_is_one_we_can_count() -> None:
    named = {*module.ALIASES.values(), *module._DECIDING.values(), *" ".join(module._SHARED.values()).split()}
    assert named <= set(exponents())


def test_no_symbol_that_decides_is_shared_and_no_code_is_an_alias() -> None:
    assert not set(module._DECIDING) & set(module._SHARED)
    assert not set(module.ALIASES) & set(exponents())


@pytest.mark.parametrize("symbol", ["$", "kr", "¥", "Rs", "Rs.", "₩"])
def test_a_shared_symbol_decides_nothing(symbol: str) -> None:
    mark = read_mark(symbol)
    assert mark is not None
    assert mark.decides is None
    assert len(mark.may_mean) > 1


@pytest.mark.parametrize(
    ("cell", "content"),
    [
        ("  a ", "a"),
        ("\ta\u00a0", "a"),
        ("'123", "123"),
        ("' 123 ", "123"),
        ("it's", "it's"),
        ("", ""),
        ("'", ""),
        ("NA", "NA"),
    ],
)
def test_blanks_and_a_text_guard_are_no_part_of_a_cell(cell: str, content: str) -> None:
    assert clean(cell) == content
    assert clean_column(pa.array([cell, None])).to_pylist() == [content, None]
