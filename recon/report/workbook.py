"""A run as an Excel workbook: summary and proof, discrepancies, matches, rejects; written row by row in little memory.

Text is always a string cell, never a formula, whatever it begins with; control characters that a workbook cannot hold
become U+FFFD. Amounts are numbers in major units with their currency's decimals, exact as written; beyond the 15 digits
Excel computes with, they are text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, Final

import pyarrow as pa
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from recon.model.outcome import OutcomeTotal, ProofLine
from recon.money import exponent, to_decimal
from recon.report.columns import MONEY

EXCEL_ROWS: Final = 1_048_576
CELL_CHARACTERS: Final = 32_767
EXACT_DIGITS: Final = 15
BATCH_ROWS: Final = 10_000
MATCHES_SHOWN: Final = 50_000
"""Rows of the matches sheet: the sheets a person works through are whole, of the rest the CSV file is."""

_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udfff]")
_HEADER_FONT = Font(name="Calibri", bold=True, color="FFFFFF")
_HEADER_FILL = PatternFill("solid", fgColor="1F2A44")
_TITLE_FONT = Font(name="Calibri", bold=True, size=14)
_LABEL_FONT = Font(name="Calibri", bold=True, color="5B6478")
_WIDTHS: Final = {
    "kind": 22, "side": 11, "currency": 9, "date": 12, "pass": 10, "status": 11, "confidence": 11, "days": 7,
    "problem": 60, "detail": 70, "value": 36, "evidence": 26, "resolution": 13, "comment": 50, "resolved_by": 18,
    "resolved_at": 21,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkbookContent:
    """What goes into the workbook. `facts` head the summary sheet; the tables are report tables."""

    title: str
    facts: Mapping[str, str]
    proof: tuple[ProofLine, ...]
    totals: tuple[OutcomeTotal, ...]
    discrepancies: pa.Table
    matches: pa.Table
    netted: pa.Table
    rejects: pa.Table
    notes: tuple[str, ...] = field(default=())


def write_workbook(
    content: WorkbookContent,
    target: Path | BinaryIO,
    *,
    row_limit: int = EXCEL_ROWS,
    match_limit: int = MATCHES_SHOWN,
) -> None:
    """Write the workbook to a file or stream. A sheet cut to its limit (its header and note count) ends with a note."""
    book = Workbook(write_only=True)
    _summary_sheet(book, content)
    _table_sheet(book, "Discrepancies", content.discrepancies, row_limit)
    _table_sheet(book, "Matches", content.matches, min(match_limit, row_limit))
    _table_sheet(book, "Netted", content.netted, row_limit)
    _table_sheet(book, "Rejects", content.rejects, row_limit)
    book.save(target)


# Cells ----------------------------------------------------------------------------------------------------------------


def _text(sheet: Any, value: str) -> Any:
    clean = _UNWRITABLE.sub("\ufffd", value)
    if len(clean) > CELL_CHARACTERS:
        clean = clean[: CELL_CHARACTERS - 1] + "…"
    cell = WriteOnlyCell(sheet, clean)
    cell.data_type = "s"  # openpyxl takes a leading '=' for a formula
    return cell


def _money(sheet: Any, amount: int, currency: str) -> Any:
    value, places = to_decimal(amount, currency), exponent(currency)
    if abs(amount) >= 10**EXACT_DIGITS:
        return _text(sheet, str(value))
    cell = WriteOnlyCell(sheet, value)
    cell.number_format = "#,##0" + (f".{'0' * places}" if places else "")
    return cell


def _plain(sheet: Any, value: object) -> Any:
    match value:
        case None:
            return None
        case str():
            return _text(sheet, value)
        case datetime():
            return _text(sheet, value.isoformat())
        case date():
            cell = WriteOnlyCell(sheet, value)
            cell.number_format = "yyyy-mm-dd"
            return cell
        case bool() | int() | float() | Decimal():
            return value
        case _:
            raise TypeError(f"no cell for {type(value).__name__}")


def _styled(sheet: Any, text: str, font: Font, fill: PatternFill | None = None) -> Any:
    cell = _text(sheet, text)
    cell.font = font
    if fill is not None:
        cell.fill = fill
        cell.alignment = Alignment(vertical="center")
    return cell


def _header(sheet: Any, names: Iterable[str]) -> list[Any]:
    return [_styled(sheet, name, _HEADER_FONT, _HEADER_FILL) for name in names]


# Sheets ---------------------------------------------------------------------------------------------------------------


def _summary_sheet(book: Any, content: WorkbookContent) -> None:
    sheet = book.create_sheet("Summary")
    for letter, width in zip("ABCDEFGH", (24, 22, 20, 20, 20, 20, 20, 20), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.append([_styled(sheet, content.title, _TITLE_FONT)])
    sheet.append([])
    for label, value in content.facts.items():
        sheet.append([_styled(sheet, label, _LABEL_FONT), _text(sheet, value)])
    for note in content.notes:
        sheet.append([None, _text(sheet, note)])
    sheet.append([])
    for row in _proof_rows(sheet, content.proof):
        sheet.append(row)
    sheet.append([])
    sheet.append(_header(sheet, ("Outcome", "Side", "Currency", "Rows", "Amount")))
    for total in content.totals:
        amount = _money(sheet, total.amount, total.currency)
        sheet.append([total.outcome.value, total.side, total.currency, total.row_count, amount])


def _proof_rows(sheet: Any, proof: Iterable[ProofLine]) -> Iterator[list[Any]]:
    """Source total less reference total, and the discrepancies that explain the difference to the last cent."""
    yield _header(sheet, ("Proof", "Currency", "Rows", "Amount"))
    for line in proof:
        for label, count, amount in (
            ("Source total", line.source_count, line.source_total),
            ("Reference total", line.reference_count, line.reference_total),
            ("Difference", None, line.source_total - line.reference_total),
            *((f"of which {kind.value}", count, amount) for kind, count, amount in line.by_kind),
            ("Unexplained", None, line.unexplained),
        ):
            yield [label, line.currency, count, _money(sheet, amount, line.currency)]


def _table_sheet(book: Any, title: str, table: pa.Table, row_limit: int) -> None:
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for index, name in enumerate(table.column_names, start=1):
        sheet.column_dimensions[get_column_letter(index)].width = _width(name)
    shown = table.num_rows if table.num_rows < row_limit else row_limit - 2  # room for the header and a note
    sheet.auto_filter.ref = f"A1:{get_column_letter(table.num_columns)}{shown + 1}"
    sheet.append(_header(sheet, table.column_names))
    for row in _cells(sheet, table.slice(0, shown)):
        sheet.append(row)
    if shown < table.num_rows:
        sheet.append([f"The first {shown:,} of {table.num_rows:,} rows. The CSV download has all of them."])


def _cells(sheet: Any, table: pa.Table) -> Iterator[list[Any]]:
    is_money = [name in MONEY for name in table.column_names]
    currency_at = table.column_names.index("currency") if any(is_money) else 0
    for batch in table.to_batches(max_chunksize=BATCH_ROWS):
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            yield [
                _money(sheet, value, row[currency_at]) if money and value is not None else _plain(sheet, value)
                for value, money in zip(row, is_money, strict=True)
            ]


def _width(name: str) -> int:
    by_name = _WIDTHS.get(name)
    if by_name is not None:
        return by_name
    if name in MONEY:
        return 16
    return 40 if name.endswith("description") else 24 if name.endswith(("ref", "id", "counterparty")) else 14
