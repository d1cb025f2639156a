"""A close pack as an Excel workbook and as a PDF: the same sections in the same order, from the same contents.

A PDF's built-in fonts know Western letters alone: it shows others as `?`, and says so. The workbook has every letter.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from io import BytesIO
from typing import Any, Final

from fpdf import FPDF, XPos, YPos
from fpdf.enums import TableBordersLayout
from fpdf.fonts import FontFace
from openpyxl import Workbook
from openpyxl.styles import Font

from recon.model.close import Cell, ClosePack, Section
from recon.money import Money, to_display
from recon.report.cells import header_cells, money_cell, plain_cell, styled_cell, text_cell

PDF_ROWS: Final = 200
"""Rows of a section in the PDF, which people read; the workbook has all of them."""

_TITLE: Final = Font(name="Calibri", bold=True, size=14)
_LABEL: Final = Font(name="Calibri", bold=True, color="5B6478")
_INK: Final = (17, 24, 39)
_MUTED: Final = (91, 100, 120)
_LINE: Final = (223, 228, 235)
_WIDTH: Final = 24
_SHEET_NAME: Final = 31
_FOREIGN: Final = "Letters this document cannot show stand as a question mark; the workbook has them."


def write_close_workbook(pack: ClosePack) -> bytes:
    """The pack as XLSX: a summary, then a sheet for each section; amounts are numbers, their currency beside them."""
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


def write_close_document(pack: ClosePack, *, at: datetime) -> bytes:
    """The pack as PDF, A4 across. `at` is the time it says it was made."""
    pdf = _Pages(pack.title)
    pdf.set_creation_date(at)
    pdf.set_title(_latin(pack.title))
    pdf.set_creator("Tieout")
    pdf.add_page()
    pdf.set_font("helvetica", "B", 16)
    pdf.cell(0, 10, _latin(pack.title), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    _facts(pdf, pack)
    for section in pack.sections:
        _section(pdf, section)
    if _is_foreign(pack):
        _note(pdf, _FOREIGN)
    return bytes(pdf.output())


def _sheet(book: Any, section: Section) -> None:
    sheet = book.create_sheet(section.title[:_SHEET_NAME])
    sheet.freeze_panes = "A2"
    for place in range(len(section.columns) + 1):
        sheet.column_dimensions[chr(ord("A") + place)].width = _WIDTH
    has_money = [any(isinstance(row[place], Money) for row in section.rows) for place in range(len(section.columns))]
    names = [name for place, own in enumerate(section.columns) for name in (own, *(["Currency"] * has_money[place]))]
    sheet.append(header_cells(sheet, names))
    for row in section.rows:
        sheet.append([cell for place, own in enumerate(row) for cell in _cells(sheet, own, is_money=has_money[place])])
    if section.note:
        sheet.append([text_cell(sheet, section.note)])


def _cells(sheet: Any, cell: Cell, *, is_money: bool) -> Iterable[Any]:
    match cell:
        case Money():
            return (money_cell(sheet, cell.amount, cell.currency), text_cell(sheet, cell.currency))
        case _:
            return (plain_cell(sheet, cell), None) if is_money else (plain_cell(sheet, cell),)


class _Pages(FPDF):
    """A4 across, with the title and the page's number at the foot of each page."""

    def __init__(self, title: str) -> None:
        super().__init__(orientation="landscape", format="A4")
        self._said = title
        self.set_auto_page_break(auto=True, margin=16)
        self.set_text_color(*_INK)
        self.set_draw_color(*_LINE)

    def footer(self) -> None:
        self.set_y(-12)
        self.set_font("helvetica", "", 8)
        self.set_text_color(*_MUTED)
        self.cell(0, 6, f"{_latin(self._said)} - page {self.page_no()}", align="R")
        self.set_text_color(*_INK)


def _facts(pdf: FPDF, pack: ClosePack) -> None:
    for label, value in pack.facts.items():
        pdf.set_font("helvetica", "", 9)
        pdf.set_text_color(*_MUTED)
        pdf.cell(52, 6, _latin(label))
        pdf.set_text_color(*_INK)
        pdf.multi_cell(0, 6, _latin(value) or "-", new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _section(pdf: FPDF, section: Section) -> None:
    pdf.ln(4)
    pdf.set_font("helvetica", "B", 12)
    pdf.cell(0, 8, _latin(section.title), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    shown = section.rows[:PDF_ROWS]
    if shown:
        pdf.set_font("helvetica", "", 8)
        is_figure = [section.is_figure(place) for place in range(len(section.columns))]
        with pdf.table(
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            text_align=tuple("RIGHT" if each else "LEFT" for each in is_figure),
            headings_style=FontFace(emphasis="BOLD", color=_MUTED),
            line_height=5,
        ) as table:
            table.row([_latin(name) for name in section.columns])
            for row in shown:
                table.row([_latin(_said(cell)) for cell in row])
    if section.note:
        _note(pdf, section.note)
    if len(shown) < len(section.rows):
        _note(pdf, f"The first {len(shown):,} of {len(section.rows):,} rows; the workbook has all of them.")


def _note(pdf: FPDF, text: str) -> None:
    pdf.set_font("helvetica", "", 8)
    pdf.set_text_color(*_MUTED)
    pdf.multi_cell(0, 6, _latin(text), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    pdf.set_text_color(*_INK)


def _said(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case Money():
            return to_display(cell.amount, cell.currency)
        case date():
            return cell.isoformat()
        case int():
            return f"{cell:,}"
        case str():
            return cell


def _latin(text: str) -> str:
    """As the built-in fonts can show it; the minus sign of our figures is theirs."""
    return text.replace("\u2212", "-").encode("latin-1", "replace").decode("latin-1")


def _is_foreign(pack: ClosePack) -> bool:
    texts = [pack.title, *pack.facts.values()]
    texts += [cell for section in pack.sections for row in section.rows for cell in row if isinstance(cell, str)]
    return any(_latin(text) != text.replace("\u2212", "-") for text in texts)
