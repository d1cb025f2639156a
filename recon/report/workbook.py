"""A run as an Excel workbook: summary and proof, discrepancies, matches, rejects; row by row, in little memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final

import pyarrow as pa
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from recon.model.outcome import OutcomeTotal, ProofLine
from recon.report.cells import header_cells, money_cell, plain_cell, styled_cell, text_cell
from recon.report.columns import MONEY, currency_of

EXCEL_ROWS: Final = 1_048_576
BATCH_ROWS: Final = 10_000
MATCHES_SHOWN: Final = 50_000
"""Rows of the matches sheet: the sheets a person works through are whole, of the rest the CSV file is."""

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


def _summary_sheet(book: Any, content: WorkbookContent) -> None:
    sheet = book.create_sheet("Summary")
    for letter, width in zip("ABCDEFGH", (24, 22, 20, 20, 20, 20, 20, 20), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.append([styled_cell(sheet, content.title, _TITLE_FONT)])
    sheet.append([])
    for label, value in content.facts.items():
        sheet.append([styled_cell(sheet, label, _LABEL_FONT), text_cell(sheet, value)])
    for note in content.notes:
        sheet.append([None, text_cell(sheet, note)])
    sheet.append([])
    for row in _proof_rows(sheet, content.proof):
        sheet.append(row)
    sheet.append([])
    sheet.append(header_cells(sheet, ("Outcome", "Side", "Currency", "Rows", "Amount")))
    for total in content.totals:
        amount = money_cell(sheet, total.amount, total.currency)
        sheet.append([total.outcome.value, total.side, total.currency, total.row_count, amount])


def _proof_rows(sheet: Any, proof: Iterable[ProofLine]) -> Iterator[list[Any]]:
    """Source total less reference total, and the discrepancies that explain the difference to the last cent."""
    yield header_cells(sheet, ("Proof", "Currency", "Rows", "Amount"))
    for line in proof:
        for label, count, amount in (
            ("Source total", line.source_count, line.source_total),
            ("Reference total", line.reference_count, line.reference_total),
            ("Difference", None, line.source_total - line.reference_total),
            *((f"of which {kind.value}", count, amount) for kind, count, amount in line.by_kind),
            ("Unexplained", None, line.unexplained),
        ):
            yield [label, line.currency, count, money_cell(sheet, amount, line.currency)]


def _table_sheet(book: Any, title: str, table: pa.Table, row_limit: int) -> None:
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for index, name in enumerate(table.column_names, start=1):
        sheet.column_dimensions[get_column_letter(index)].width = _width(name)
    shown = table.num_rows if table.num_rows < row_limit else row_limit - 2  # room for the header and a note
    sheet.auto_filter.ref = f"A1:{get_column_letter(table.num_columns)}{shown + 1}"
    sheet.append(header_cells(sheet, table.column_names))
    for row in _cells(sheet, table.slice(0, shown)):
        sheet.append(row)
    if shown < table.num_rows:
        sheet.append([f"The first {shown:,} of {table.num_rows:,} rows. The CSV download has all of them."])


def _cells(sheet: Any, table: pa.Table) -> Iterator[list[Any]]:
    names = table.column_names
    currency_at = [names.index(currency_of(name, names)) if name in MONEY else None for name in names]
    for batch in table.to_batches(max_chunksize=BATCH_ROWS):
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            yield [
                plain_cell(sheet, value) if at is None or value is None else money_cell(sheet, value, row[at])
                for value, at in zip(row, currency_at, strict=True)
            ]


def _width(name: str) -> int:
    by_name = _WIDTHS.get(name)
    if by_name is not None:
        return by_name
    if name in MONEY:
        return 16
    return 40 if name.endswith("description") else 24 if name.endswith(("ref", "id", "counterparty")) else 14
