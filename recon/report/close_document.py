"""A close pack as a PDF, made to be read and signed: A4 across, the same sections in the same order as the workbook.

It embeds IBM Plex Sans, whose figures are all equally wide, so that amounts stand under each other. What the font lacks
is shown by its code points (`recon.report.document_text`), and a note says so; the workbook has the text itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from fpdf import FPDF, XPos, YPos
from fpdf.enums import TableBordersLayout, TableCellFillMode
from fpdf.fonts import FontFace

from recon.model.close import Cell, ClosePack, Section
from recon.money import Money, to_display
from recon.report.document_text import REGULAR, SEMIBOLD, is_whole, shown

PDF_ROWS: Final = 200
"""Rows of a section in the PDF, which people read; the workbook has all of them."""

_FONT: Final = "plex"
_INK: Final = (17, 24, 39)
_MUTED: Final = (91, 100, 120)
_LINE: Final = (223, 228, 235)
_BAND: Final = (246, 248, 251)
_ACCENT: Final = (37, 99, 235)
_LABEL_WIDTH: Final = 46
_CELL_LIMIT: Final = 400
"""Letters of a cell: more would fill pages. The workbook has them."""
_WIDEST: Final = 110
_PADDING: Final = 4
_NARROW: Final = 0.4
"""A table that leaves so much of the page free stays as it is: amounts far from what they are of are hard to read."""
_FOREIGN: Final = (
    "Letters that this document has no shapes for stand as their Unicode code points between ‹ and ›; the workbook has "
    "the letters themselves."
)


def write_close_document(pack: ClosePack, *, at: datetime) -> bytes:
    """The pack as PDF. `at` is the time it says it was made."""
    pdf = _Pages(pack.title)
    pdf.set_creation_date(at)
    pdf.set_title(pack.title)
    pdf.set_creator("Tieout")
    pdf.add_page()
    _cover(pdf, pack)
    for section in pack.sections:
        _section(pdf, section)
    if not all(map(is_whole, _texts(pack))):
        pdf.ln(4)
        _note(pdf, _FOREIGN)
    return bytes(pdf.output())


class _Pages(FPDF):
    """A4 across, with the title and the page's number at the foot of each page."""

    def __init__(self, title: str) -> None:
        super().__init__(orientation="landscape", format="A4")
        self._said = shown(title)
        self.add_font(_FONT, "", REGULAR)
        self.add_font(_FONT, "B", SEMIBOLD)
        self.set_margins(14, 14)
        self.set_auto_page_break(auto=True, margin=16)
        self.set_text_color(*_INK)
        self.set_draw_color(*_LINE)
        self.set_line_width(0.2)

    def footer(self) -> None:
        self.set_y(-12)
        self.set_font(_FONT, "", 8)
        self.set_text_color(*_MUTED)
        self.cell(0, 6, self._said)
        self.set_x(self.l_margin)
        self.cell(0, 6, f"Page {self.page_no()} of {{nb}}", align="R")
        self.set_text_color(*_INK)


def _cover(pdf: FPDF, pack: ClosePack) -> None:
    """The title, what is signed by whom, and room for whoever signs on paper."""
    pdf.set_font(_FONT, "B", 9)
    pdf.set_text_color(*_ACCENT)
    pdf.cell(0, 6, "Tieout · period sign-off", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    pdf.set_text_color(*_INK)
    pdf.set_font(_FONT, "B", 20)
    pdf.multi_cell(0, 10, shown(pack.title), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    pdf.ln(3)
    for label, value in pack.facts.items():
        pdf.set_font(_FONT, "", 9)
        pdf.set_text_color(*_MUTED)
        pdf.cell(_LABEL_WIDTH, 5.4, shown(label))
        pdf.set_text_color(*_INK)
        pdf.multi_cell(0, 5.4, shown(value) or "–", align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    pdf.ln(14)
    if pdf.will_page_break(12):
        pdf.add_page()
    width, gap = 80.0, 12.0
    for place, label in enumerate(("Signature", "Second signature", "Date")):
        x, y = pdf.l_margin + place * (width + gap), pdf.get_y()
        pdf.set_draw_color(*_MUTED)
        pdf.line(x, y, x + width, y)
        pdf.set_font(_FONT, "", 8)
        pdf.set_text_color(*_MUTED)
        pdf.text(x, y + 4, label)
    pdf.set_draw_color(*_LINE)
    pdf.set_text_color(*_INK)
    pdf.ln(8)


def _section(pdf: FPDF, section: Section) -> None:
    """Its title, its table as far as people read, and what is left out; a title never stands alone on a page's end."""
    pdf.ln(5)
    if pdf.will_page_break(30):
        pdf.add_page()
    pdf.set_font(_FONT, "B", 12)
    pdf.cell(0, 8, shown(section.title), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    rows = section.rows[:PDF_ROWS]
    if rows:
        _table(pdf, section, [[shown(_said(cell)) for cell in row] for row in rows])
    if section.note:
        _note(pdf, section.note)
    if len(rows) < len(section.rows):
        _note(pdf, f"The first {len(rows):,} of {len(section.rows):,} rows; the workbook has all of them.")


def _table(pdf: FPDF, section: Section, rows: Sequence[Sequence[str]]) -> None:
    names = [shown(name) for name in section.columns]
    is_figure = [section.is_figure(place) for place in range(len(names))]
    pdf.set_font(_FONT, "", 8)
    widths = _widths(pdf, names, rows)
    with pdf.table(
        align="LEFT",
        borders_layout=TableBordersLayout.HORIZONTAL_LINES,
        text_align=tuple("RIGHT" if each else "LEFT" for each in is_figure),
        headings_style=FontFace(emphasis="BOLD", color=_MUTED),
        cell_fill_color=_BAND,
        cell_fill_mode=TableCellFillMode.EVEN_ROWS,
        col_widths=widths,
        width=min(sum(widths), pdf.epw),  # added up, shares of a page can come to a hair more than the page
        line_height=4.6,
        padding=(0.6, 1.4),
    ) as table:
        table.row(names)
        for row in rows:
            table.row(row)


def _widths(pdf: FPDF, names: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[float, ...]:
    """As wide as what stands in a column, within reason; of a wide table the widest column takes what is left."""
    wanted = [
        min(max(pdf.get_string_width(text) for text in (name, *(row[place] for row in rows))) * 1.06, _WIDEST)
        + _PADDING
        for place, name in enumerate(names)
    ]
    widest = max(range(len(wanted)), key=wanted.__getitem__)
    rest = pdf.epw - sum(wanted)
    if rest > pdf.epw * _NARROW:
        return tuple(wanted)
    if rest >= 0 or wanted[widest] + rest > pdf.epw / 5:
        wanted[widest] += rest
        return tuple(wanted)
    return _shared(pdf.epw, wanted)


def _shared(whole: float, wanted: Sequence[float]) -> tuple[float, ...]:
    """Narrow columns are as wide as they want to be; the others share what is left in equal parts."""
    widths, left = list(wanted), whole
    for done, place in enumerate(sorted(range(len(wanted)), key=wanted.__getitem__)):
        widths[place] = min(wanted[place], left / (len(wanted) - done))
        left -= widths[place]
    return tuple(widths)


def _note(pdf: FPDF, text: str) -> None:
    pdf.ln(1)
    pdf.set_font(_FONT, "", 8)
    pdf.set_text_color(*_MUTED)
    pdf.multi_cell(0, 4.6, shown(text), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
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
            return cell if len(cell) <= _CELL_LIMIT else f"{cell[: _CELL_LIMIT - 1]}…"


def _texts(pack: ClosePack) -> list[str]:
    cells = [cell for section in pack.sections for row in section.rows[:PDF_ROWS] for cell in row]
    return [pack.title, *pack.facts.values(), *(cell for cell in cells if isinstance(cell, str))]
