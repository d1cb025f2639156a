"""A sheet of an xlsx or xls file to its header and its grid; rows are numbered as the sheet numbers them.

python-calamine reads what is plain. Where a sheet holds formulas, error cells, hidden rows or a cell far away, openpyxl
goes through it cell by cell: calamine shows an error and an empty cell alike, and fills the space between.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from xml.etree.ElementTree import ParseError

import numpy as np
import pyarrow as pa
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._reader import FORMULA_TAG, WorkSheetParser
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetMetadata, SheetVisibleEnum

from recon.ingest.answers import Answers
from recon.ingest.detect import DAMAGED_ZIP, Kind
from recon.ingest.grid import MAX_COLUMNS, Grid, Mask, OddRow, empty_cells
from recon.ingest.header import SEARCHED_RECORDS, find_header, recognised_count
from recon.ingest.old_workbook import check_old_workbook
from recon.ingest.sheet_cells import CellValue, Valueless, cell_text, is_typed
from recon.ingest.source import Source
from recon.ingest.stop import Refused
from recon.ingest.workbook import Sheet, inspect_workbook, is_mac_dated
from recon.model.reading import RAW_VALUE_LIMIT, Choice, Example, Mapping, Note, Question

Value = CellValue | Valueless
Row = tuple[int, Sequence[Value]]

_CHUNK_ROWS: Final = 50_000
_DAMAGED: Final = (
    *DAMAGED_ZIP,
    CalamineError,
    ParseError,
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
)
"""What the two libraries raise for a workbook that is not as it should be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """The rows of a sheet that hold something, and how many do not."""

    sheet: Sheet
    rows: list[Row]
    blank_count: int
    hidden_count: int = 0
    odd: tuple[OddRow, ...] = ()

    @property
    def has_header(self) -> bool:
        return any(recognised_count(texts) for _, texts in self.head())

    def head(self) -> list[tuple[int, tuple[str, ...]]]:
        return [(number, tuple(map(cell_text, cells))) for number, cells in self.rows[:SEARCHED_RECORDS]]


def read_workbook(data: bytes, kind: Kind, answers: Answers, mapping: Mapping) -> Source:
    """The table of a workbook; raises Refused for a damaged one, Asked(SHEET) when several sheets hold tables."""
    tables = [table for table in _tables(data, kind) if table.rows]
    if not tables:
        raise Refused("FILE_EMPTY", "Every sheet of the workbook is empty: there is nothing to read in it.")
    table = _chosen(tables, answers)
    header = find_header(table.head(), answers, mapping)
    blank_count = table.blank_count - _blank_above(table.rows, header.body_index)
    width = max((_filled_width(cells) for _, cells in table.rows[header.index or 0 :]), default=0)
    names = header.names[:width] + tuple(f"Column {i + 1}" for i in range(len(header.names), width))
    is_1904 = kind is Kind.XLSX and is_mac_dated(data)
    grid = replace(
        _grid(table.rows[header.body_index :], len(names)), is_1904=is_1904, odd=table.odd, blank_count=blank_count
    )
    return Source(names=names, grid=grid, notes=(*header.notes(), *_notes(table, tables)))


def _tables(data: bytes, kind: Kind) -> Iterator[_Table]:
    sheets = inspect_workbook(data) if kind is Kind.XLSX else None
    if kind is Kind.XLS:
        check_old_workbook(data)
    try:
        with CalamineWorkbook.from_object(io.BytesIO(data)) as book:
            for sheet in sheets if sheets is not None else _old_sheets(book.sheets_metadata):
                yield _read_plain(book, sheet) if sheet.is_plain else _read_closely(data, sheet)
    except PasswordError:
        raise Refused("FILE_ENCRYPTED", "The workbook is protected by a password. Save it without one.") from None
    except BaseException as error:
        # A panic of calamine's Rust code reaches Python as a BaseException of a class that cannot be imported.
        if not isinstance(error, _DAMAGED) and type(error).__name__ != "PanicException":
            raise
        raise Refused("FILE_DAMAGED", "The workbook is damaged. Open it in Excel and save it again.") from None


def _old_sheets(metadata: Iterable[SheetMetadata]) -> list[Sheet]:
    return [
        Sheet(name=sheet.name, part="", is_hidden=sheet.visible != SheetVisibleEnum.Visible, is_plain=True)
        for sheet in metadata
    ]


def _read_plain(book: CalamineWorkbook, sheet: Sheet) -> _Table:
    rows: list[Row] = []
    blank_count = 0
    for number, cells in enumerate(book.get_sheet_by_name(sheet.name).iter_rows(), start=1):
        if any(cell != "" for cell in cells):
            rows.append((number, cells))
        else:
            blank_count += 1
    return _Table(sheet=sheet, rows=rows, blank_count=blank_count)


class _CloseParser(WorkSheetParser):  # type: ignore[misc]
    """openpyxl's parser of stored values, which also says where a formula has no stored value."""

    def parse_cell(self, element: Any) -> dict[str, Any]:
        cell: dict[str, Any] = super().parse_cell(element)
        if cell["data_type"] == "e":
            cell["value"] = Valueless(shown=str(cell["value"])[:RAW_VALUE_LIMIT])
        elif cell["value"] is None and (formula := element.find(FORMULA_TAG)) is not None:
            cell["value"] = Valueless(shown=f"={formula.text or ''}"[:RAW_VALUE_LIMIT])
        return cell


def _read_closely(data: bytes, sheet: Sheet) -> _Table:
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    source = next(found for found in book.worksheets if found.title == sheet.name)
    rows: list[Row] = []
    odd: list[OddRow] = []
    with source._get_source() as stream:
        parser = _CloseParser(
            stream,
            source._shared_strings,
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        last = 0
        for number, cells in parser.parse():
            if number <= last:
                raise ValueError(f"row {number} stands below row {last}")
            last = number
            filled = {cell["column"]: cell["value"] for cell in cells if cell["value"] not in (None, "")}
            if filled and max(filled) > MAX_COLUMNS:
                odd.append(_far_row(number, filled))
            elif filled:
                rows.append((number, [filled.get(column) for column in range(1, max(filled) + 1)]))
    hidden = sum(row.get("hidden") in ("1", "true") for row in parser.row_dimensions.values())
    book.close()
    return _Table(
        sheet=sheet,
        rows=rows,
        blank_count=parser.row_counter - len(rows) - len(odd),
        hidden_count=hidden,
        odd=tuple(odd),
    )


def _far_row(number: int, filled: dict[int, Value]) -> OddRow:
    place = get_column_letter(max(filled))
    return OddRow(
        line=number,
        cells=tuple(map(cell_text, filled.values())),
        code="ROW_COLUMNS",
        problem=f"The row has a cell in column {place}, far outside any table.",
    )


def _chosen(tables: list[_Table], answers: Answers) -> _Table:
    with_header = [table for table in tables if table.has_header]
    wanted = with_header or tables
    named = {table.sheet.name: table for table in tables}
    answer = answers.get("SHEET")
    if answer in named:
        return named[answers.use("SHEET", answer)]
    if len(wanted) == 1:
        return wanted[0]
    question = Question(
        code="SHEET",
        text="Several sheets of the workbook hold a table. Which one is to be read?",
        column=None,
        choices=tuple(
            Choice(value=table.sheet.name, label=table.sheet.name + (" (hidden)" if table.sheet.is_hidden else ""))
            for table in wanted
        ),
        examples=tuple(
            Example(
                line=line,
                cells={"sheet": table.sheet.name, "first row": " | ".join(texts)[:RAW_VALUE_LIMIT]},
            )
            for table in wanted
            for line, texts in table.head()[:1]
        ),
    )
    return named[answers.settle(question)]


def _notes(table: _Table, tables: list[_Table]) -> Iterator[Note]:
    others = [other.sheet.name for other in tables if other is not table]
    if others:
        text = f"The sheet {table.sheet.name} was read. Not read: {', '.join(others)}."
        yield Note(code="OTHER_SHEETS", text=text, count=len(others))
    if table.hidden_count:
        yield Note(code="HIDDEN_ROWS", text="Hidden rows were read like the others.", count=table.hidden_count)


def _blank_above(rows: list[Row], body_index: int) -> int:
    """Blank rows above the first row of the body (or the end of the header)."""
    return rows[body_index - 1][0] - body_index if body_index else rows[0][0] - 1


def _filled_width(cells: Sequence[Value]) -> int:
    return max((i for i, cell in enumerate(cells, start=1) if cell not in (None, "")), default=0)


def _grid(rows: list[Row], width: int) -> Grid:
    tables = [empty_cells(width)]
    typed: list[list[Mask]] = [[] for _ in range(width)]
    valueless: list[list[Mask]] = [[] for _ in range(width)]
    for at in range(0, len(rows), _CHUNK_ROWS):
        texts = {}
        for i in range(width):
            column = [cells[i] if i < len(cells) else None for _, cells in rows[at : at + _CHUNK_ROWS]]
            texts[str(i)] = pa.array(list(map(cell_text, column)), pa.string())
            typed[i].append(np.fromiter(map(is_typed, column), bool, len(column)))
            valueless[i].append(np.fromiter((isinstance(cell, Valueless) for cell in column), bool, len(column)))
        tables.append(pa.table(texts))
    return Grid(
        lines=np.array([number for number, _ in rows], np.int64),
        cells=pa.concat_tables(tables),
        typed={i: mask for i, masks in enumerate(typed) if (mask := _joined(masks)).any()},
        valueless={i: mask for i, masks in enumerate(valueless) if (mask := _joined(masks)).any()},
    )


def _joined(masks: list[Mask]) -> Mask:
    return np.concatenate([np.zeros(0, bool), *masks])
