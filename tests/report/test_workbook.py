"""The workbook re-opens as it was meant: text is text, numbers are numbers, and they add up to the proof."""

from __future__ import annotations

import io
from collections import defaultdict
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from recon.model.outcome import NETTED_SCHEMA
from recon.model.reading import Reject
from recon.model.transactions import Side
from recon.money import to_decimal
from recon.report import WorkbookContent, discrepancy_rows, matched_rows, netted_rows, reject_rows, write_workbook
from tests.report.tables import DISCREPANCIES, MATCHES, PROOF, REFERENCE, SOURCE, TOTALS, transactions


def _content(**changes: Any) -> WorkbookContent:
    values: dict[str, Any] = {
        "title": "Bank to ledger, run 7",
        "facts": {"Source": "=bank.csv", "Requested by": "operator"},
        "proof": PROOF,
        "totals": TOTALS,
        "discrepancies": discrepancy_rows(DISCREPANCIES, SOURCE, REFERENCE),
        "matches": matched_rows(MATCHES, SOURCE, REFERENCE),
        "netted": netted_rows(NETTED_SCHEMA.empty_table(), SOURCE, REFERENCE),
        "rejects": reject_rows(
            [Reject(line=9, column="Text", value="\x07=\x00bell", code="ROW_NUL_BYTE", problem="No.")], side=Side.SOURCE
        ),
    }
    return WorkbookContent(**(values | changes))


def _reopened(content: WorkbookContent, **options: Any) -> Any:
    target = io.BytesIO()
    write_workbook(content, target, **options)
    return openpyxl.load_workbook(io.BytesIO(target.getvalue()))


@pytest.fixture(scope="module")
def book() -> Any:
    return _reopened(_content())


def _column(sheet: Any, name: str) -> list[Any]:
    header = [cell.value for cell in sheet[1]]
    return [row[header.index(name)] for row in sheet.iter_rows(min_row=2)]


def test_there_is_a_sheet_for_each_part(book: Any) -> None:
    assert book.sheetnames == ["Summary", "Discrepancies", "Matches", "Netted", "Rejects"]
    assert book["Matches"].freeze_panes == "A2"


def test_no_cell_of_the_workbook_is_a_formula(book: Any) -> None:
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    texts = [cell for cell in cells if isinstance(cell.value, str) and cell.value.startswith(("=", "+", "@"))]
    assert {cell.data_type for cell in texts} == {"s"}
    assert '=HYPERLINK("http://evil.example";"click")' in [cell.value for cell in texts]
    assert "=bank.csv" in [cell.value for cell in texts]


def test_amounts_are_numbers_with_the_decimals_of_their_currency(book: Any) -> None:
    amounts = _column(book["Matches"], "source_amount")
    assert [cell.value for cell in amounts] == [-12.5, 12.345]
    assert [cell.number_format for cell in amounts] == ["#,##0.00", "#,##0.000"]
    assert _column(book["Discrepancies"], "amount")[1].number_format == "#,##0"


def test_the_listed_discrepancies_add_up_to_the_proof(book: Any) -> None:
    listed: defaultdict[str, Decimal] = defaultdict(Decimal)
    sheet = book["Discrepancies"]
    for amount, currency in zip(_column(sheet, "amount"), _column(sheet, "currency"), strict=True):
        listed[currency.value] += Decimal(str(amount.value))
    for line in PROOF:
        assert listed[line.currency] == to_decimal(line.source_total - line.reference_total, line.currency)


def test_the_summary_shows_the_proof_line_by_line(book: Any) -> None:
    rows = [[cell.value for cell in row[:4]] for row in book["Summary"].iter_rows()]
    assert ["Source total", "EUR", 2, -11.51] in rows
    assert ["of which missing_in_reference", "JPY", 1, 500] in rows
    assert rows.count(["Unexplained", "KWD", None, 0]) == 1


def test_characters_a_workbook_cannot_hold_are_replaced(book: Any) -> None:
    assert _column(book["Rejects"], "value")[0].value == "\ufffd=\ufffdbell"


def test_an_amount_beyond_excels_digits_is_text() -> None:
    huge = transactions((1_234_567_890_123_456_789, "EUR", "x"))
    matches = matched_rows(MATCHES.slice(0, 1), huge, huge)
    cell = _column(_reopened(_content(matches=matches))["Matches"], "source_amount")[0]
    assert (cell.data_type, cell.value) == ("s", "12345678901234567.89")


@pytest.mark.parametrize(("limit", "shown"), [(3, 1), (4, 3)])
def test_a_sheet_past_the_limit_says_so(limit: int, shown: int) -> None:
    sheet = _reopened(_content(discrepancies=discrepancy_rows(DISCREPANCIES, SOURCE, REFERENCE)), row_limit=limit)[
        "Discrepancies"
    ]
    rows = [row[0].value for row in sheet.iter_rows(min_row=2)]
    notes = [text for text in rows if text.startswith("The first")]
    assert len(rows) - len(notes) == shown
    assert notes == ([] if shown == 3 else ["The first 1 of 3 rows. The CSV download has all of them."])
