"""Sheets: numbers and dates as Excel stored them, whatever text stands in the same column."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from recon.ingest.sheet_cells import number_text
from recon.model.reading import Reading
from tests.hostile.containers import with_part
from tests.hostile.old_excel import old_workbook
from tests.ingest.files import column, only_question, read_bytes

HEADER = ("date", "amount", "currency", "description")


def read_sheet(*rows: tuple[object, ...], change: Callable[[Worksheet], None] | None = None, **answers: str) -> Reading:
    """The reading of a workbook with these rows in its one sheet."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if change:
        change(book.active)
    out = io.BytesIO()
    book.save(out)
    return read_bytes(out.getvalue(), filename="export.xlsx", **answers)


MANGLED = [
    *((dt.date(2026, day, 3), 1, "EUR", f"{day} March") for day in (1, 2, 4, 5, 6)),
    *((f"{day}/03/2026", 1, "EUR", f"{day} March") for day in (13, 14, 15, 20, 31)),
]
"""3 to 31 March, opened where the month comes first."""


def test_date_cells_that_a_spreadsheet_may_have_turned_round_are_asked_about() -> None:
    assert only_question(read_sheet(HEADER, *MANGLED)).code == "DATE_CELLS"
    turned = read_sheet(HEADER, *MANGLED, DATE_CELLS="turned")
    assert [f"{day.day} March" for day in column(turned, "date")] == column(turned, "description")
    shown = column(read_sheet(HEADER, *MANGLED, DATE_CELLS="as_shown"), "date")
    assert shown[:2] == [dt.date(2026, 1, 3), dt.date(2026, 2, 3)]


@pytest.mark.parametrize("extra", [(dt.date(2026, 1, 13), 1, "EUR", "x"), ("02/03/2026", 1, "EUR", "x")])
def test_one_cell_that_cannot_have_been_turned_round_settles_it(extra: tuple[object, ...]) -> None:
    assert read_sheet(HEADER, *MANGLED, extra).rows_accepted == len(MANGLED) + 1


def test_numbers_and_dates_are_read_beside_text_in_any_locale() -> None:
    reading = read_sheet(
        HEADER,
        (dt.date(2026, 1, 5), 1234.5, "EUR", "a number"),
        ("15.01.2026", "1.234,50", "EUR", "a text"),
        (dt.datetime.fromisoformat("2026-01-06T10:30"), 0.1 + 0.2, "EUR", "a sum"),
    )
    assert column(reading, "amount") == [123450, 123450, 30]
    assert column(reading, "date") == [dt.date(2026, 1, 5), dt.date(2026, 1, 15), dt.date(2026, 1, 6)]


def test_lines_are_the_rows_of_the_sheet() -> None:
    reading = read_sheet(("Statement",), (), HEADER, (dt.date(2026, 1, 5), 1, "EUR", "x"), (), ("x", 1, "EUR", "y"))
    assert column(reading, "line") == [4]
    assert [reject.line for reject in reading.rejects] == [6]
    assert reading.rows_ignored == 1


def test_a_close_look_and_a_quick_one_see_the_same() -> None:
    def hide(sheet: Worksheet) -> None:
        sheet.row_dimensions[2].hidden = True

    rows = [HEADER, *((dt.date(2026, 1, 1 + day), day / 8, "KWD", f"row {day}") for day in range(28))]
    quick, close = read_sheet(*rows), read_sheet(*rows, change=hide)
    assert close.table.equals(quick.table)
    assert [note.code for note in close.notes] == ["HIDDEN_ROWS"]


def test_a_formula_has_the_value_that_was_stored_with_it() -> None:
    book = openpyxl.Workbook()
    for row in (HEADER, (dt.date(2026, 1, 5), 20.5, "EUR", "x")):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    with zipfile.ZipFile(out) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml")
    stored = xml.replace(b"<v>20.5</v>", b"<f>41/2</f><v>20.5</v>")
    assert stored != xml
    reading = read_bytes(with_part(out.getvalue(), "xl/worksheets/sheet1.xml", stored), filename="export.xlsx")
    assert column(reading, "amount") == [2050]


def test_a_broken_formula_elsewhere_in_the_row_does_not_cost_the_row() -> None:
    reading = read_sheet((*HEADER, "checked"), (dt.date(2026, 1, 5), 1, "EUR", "x", "=A2"))
    assert column(reading, "amount") == [100]


def test_a_row_with_a_cell_far_outside_the_table_is_a_reject() -> None:
    def stray(sheet: Worksheet) -> None:
        sheet["XFD3"] = "stray"

    rows = [HEADER, *((dt.date(2026, 1, 5), 1, "EUR", "x") for _ in range(3))]
    reading = read_sheet(*rows, change=stray)
    assert column(reading, "line") == [2, 4]
    assert [(reject.line, reject.code) for reject in reading.rejects] == [(3, "ROW_COLUMNS")]


def test_the_one_sheet_with_a_table_is_taken_and_the_others_named() -> None:
    def add(sheet: Worksheet) -> None:
        sheet.parent.create_sheet("Notes").append(["Prepared by", "Ann"])

    reading = read_sheet(HEADER, (dt.date(2026, 1, 5), 1, "EUR", "x"), change=add)
    assert column(reading, "amount") == [100]
    assert "Notes" in reading.notes[0].text


def test_two_sheets_with_tables_are_a_question() -> None:
    def add(sheet: Worksheet) -> None:
        other = sheet.parent.create_sheet("February")
        other.append(HEADER)
        other.append((dt.date(2026, 2, 5), 2, "EUR", "y"))

    rows = (HEADER, (dt.date(2026, 1, 5), 1, "EUR", "x"))
    assert [choice.value for choice in only_question(read_sheet(*rows, change=add)).choices] == ["Sheet", "February"]
    reading = read_sheet(*rows, change=add, SHEET="February")
    assert column(reading, "amount") == [200]
    assert reading.mapping.answers["SHEET"] == "February"


def test_old_workbooks_are_read_like_new_ones() -> None:
    data = old_workbook([HEADER, ("2026-01-05", 12.5, "EUR", "Café"), ("2026-01-06", "-3,00", "EUR", "y")])
    reading = read_bytes(data, filename="export.xls")
    assert reading.format == "xls"
    assert column(reading, "amount") == [1250, -300]
    assert column(reading, "description") == ["Café", "y"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12, "12"),
        (12.5, "12.5"),
        (0.1 + 0.2, "0.3"),
        (3.3000000000000003, "3.3"),
        (1.005, "1.005"),
        (1e-7, "0.0000001"),
        (-1e3, "-1000"),
        (999999999999999.0, "999999999999999"),
        (4814769000000000.0, "4.81476900000000E+15"),
    ],
)
def test_a_stored_number_is_its_own_shortest_decimal(value: float, text: str) -> None:
    assert number_text(value) == text
