"""A close pack as an Excel workbook: a summary, then a sheet for each section, whole and as it is."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from recon.model.close import Cell, ClosePack, Section
from recon.money import Money
from recon.report.cells import header_cells, money_cell, plain_cell, styled_cell, text_cell

_TITLE: Final = Font(name="Calibri", bold=True, size=14)
_LABEL: Final = Font(name="Calibri", bold=True, color="5B6478")
_SHEET_NAME: Final = 31
_NARROWEST: Final = 10
_WIDEST: Final = 60
_LOOKED_AT: Final = 200
"""Rows that a column's width is taken from."""


def write_close_workbook(pack: ClosePack) -> bytes:
    """The pack as XLSX; amounts are numbers, their currency beside them."""
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet("Summary")
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 28, 80
    sheet.append([styled_cell(sheet, pack.title, _TITLE)])
    sheet.append([])
    for label, value in pack.facts.items():
        sheet.append([styled_cell(sheet, label, _LABEL), text_cell(sheet, value)])
    for section in pack.sections:
        _sheet(book, section)
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def _sheet(book: Any, section: Section) -> None:
    sheet = book.create_sheet(section.title[:_SHEET_NAME])
    sheet.freeze_panes = "A2"
    has_money = [any(isinstance(row[place], Money) for row in section.rows) for place in range(len(section.columns))]
    names = [name for place, own in enumerate(section.columns) for name in (own, *(["Currency"] * has_money[place]))]
    for place, width in enumerate(_widths(section, has_money), start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.append(header_cells(sheet, names))
    for row in section.rows:
        sheet.append([cell for place, own in enumerate(row) for cell in _cells(sheet, own, is_money=has_money[place])])
    if section.note:
        sheet.append([text_cell(sheet, section.note)])


def _widths(section: Section, has_money: list[bool]) -> Iterable[int]:
    """Of each column of the sheet, in characters: as wide as what is in it, within reason."""
    for place, name in enumerate(section.columns):
        longest = max((len(_text(row[place])) for row in section.rows[:_LOOKED_AT]), default=0)
        yield min(max(longest, len(name)) + 2, _WIDEST) if longest > _NARROWEST else max(_NARROWEST, len(name)) + 2
        if has_money[place]:
            yield _NARROWEST


def _text(cell: Cell) -> str:
    return str(cell.amount) + " " * 4 if isinstance(cell, Money) else "" if cell is None else str(cell)


def _cells(sheet: Any, cell: Cell, *, is_money: bool) -> Iterable[Any]:
    match cell:
        case Money():
            return (money_cell(sheet, cell.amount, cell.currency), text_cell(sheet, cell.currency))
        case _:
            return (plain_cell(sheet, cell), None) if is_money else (plain_cell(sheet, cell),)
