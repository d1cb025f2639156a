"""What the CSV files say is exact, adds up to the proof, and runs in no spreadsheet."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon.ingest.cells import clean
from recon.model.outcome import DiscrepancyKind
from recon.model.reading import Reject
from recon.model.transactions import Side
from recon.money import to_text
from recon.report import discrepancy_rows, matched_rows, reject_rows, write_csv
from recon.report.columns import decimal_text, neutral_text
from tests.report.tables import DISCREPANCIES, MATCHES, PROOF, REFERENCE, SOURCE, discrepancies, matches, transactions


def _read(table: pa.Table) -> list[dict[str, str]]:
    target = io.BytesIO()
    write_csv(table, target)
    return list(csv.DictReader(io.StringIO(target.getvalue().decode(), newline="")))


def test_the_first_columns_of_matches_are_the_contract_with_scripts() -> None:
    rows = _read(matched_rows(MATCHES, SOURCE, REFERENCE))
    contract = ["source_line", "reference_line", "status", "pass", "confidence", "amount_delta", "days"]
    assert list(rows[0])[:7] == contract
    assert [rows[0][name] for name in contract] == ["2", "2", "matched", "exact", "1", "-0.50", "0"]


def test_a_discrepancy_names_its_side_and_its_line() -> None:
    rows = _read(discrepancy_rows(DISCREPANCIES, SOURCE, REFERENCE))
    assert list(rows[0])[:3] == ["kind", "side", "line"]
    assert [(row["kind"], row["side"], row["line"], row["amount"]) for row in rows] == [
        ("amount_mismatch", "source", "2", "-0.50"),
        ("missing_in_reference", "source", "3", "500"),
        ("missing_in_reference", "source", "5", "0.99"),
    ]


def test_the_listed_amounts_add_up_to_the_proof() -> None:
    rows = _read(discrepancy_rows(DISCREPANCIES, SOURCE, REFERENCE))
    for line in PROOF:
        listed = sum((Decimal(row["amount"]) for row in rows if row["currency"] == line.currency), Decimal(0))
        assert listed == Decimal(to_text(line.source_total - line.reference_total, line.currency))


@pytest.mark.parametrize("text", ["=1+1", "+1+1", "-2+3", "@SUM", "\tx", "\rx", "＝cmd", " =1", "'=1", "\ufeff=1"])
def test_text_like_a_formula_gets_a_guard(text: str) -> None:
    assert neutral_text(pa.chunked_array([[text]])).to_pylist() == ["'" + text]


@pytest.mark.parametrize("text", ["Office chairs", "a=b", "12.50", "", "R-1", "é"])
def test_harmless_text_stays_as_it_is(text: str) -> None:
    assert neutral_text(pa.chunked_array([[text]])).to_pylist() == [text]


@given(st.text(max_size=20))
def test_our_reader_takes_the_guard_off_again(text: str) -> None:
    read_once = clean(text)
    guarded = neutral_text(pa.chunked_array([[read_once]])).to_pylist()[0]
    assert clean(guarded) == read_once


@given(st.lists(st.tuples(st.integers(-(2**62), 2**62), st.sampled_from(["EUR", "JPY", "KWD", "CLF"])), max_size=8))
def test_decimals_are_those_of_money(rows: list[tuple[int, str]]) -> None:
    amounts = pa.chunked_array([pa.array([amount for amount, _ in rows], pa.int64())])
    currencies = pa.chunked_array([pa.array([currency for _, currency in rows], pa.string())])
    assert decimal_text(amounts, currencies).to_pylist() == [to_text(*row) for row in rows]


def test_numbers_are_never_guarded() -> None:
    rows = _read(matched_rows(MATCHES, SOURCE, REFERENCE))
    assert rows[0]["source_amount"] == "-12.50"


def test_rejects_keep_what_stood_in_the_file() -> None:
    reject = Reject(line=7, column="Amount", value="=12O", code="AMOUNT_UNREADABLE", problem="Not a number.")
    rows = _read(reject_rows([reject], side=Side.SOURCE))
    assert rows == [
        {"side": "source", "line": "7", "column": "Amount", "value": "'=12O", "code": "AMOUNT_UNREADABLE"}
        | {"problem": "Not a number."}
    ]


def test_an_empty_report_is_its_header() -> None:
    target = io.BytesIO()
    write_csv(reject_rows([]), target)
    assert target.getvalue().decode().splitlines() == ['"line","column","value","code","problem"']


def test_rows_in_two_currencies_have_their_amounts_in_their_own() -> None:
    source, reference = transactions((10_000, "EUR", "Ann")), transactions((16_347, "JPY", "Ann"))
    (row,) = _read(matched_rows(matches((0, 0, 3)), source, reference))
    shown = ("currency", "source_amount", "amount_delta", "reference_currency", "reference_amount")
    assert [row[name] for name in shown] == ["EUR", "100.00", "0.03", "JPY", "16347"]
    found = discrepancies((DiscrepancyKind.FX_CONVERSION, 0, 0, "JPY", -16_347))
    (row,) = _read(discrepancy_rows(found, source, reference))
    shown = ("currency", "amount", "row_currency", "row_amount")
    assert [row[name] for name in shown] == ["JPY", "-16347", "EUR", "100.00"]
