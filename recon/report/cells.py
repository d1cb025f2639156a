"""Cells of a workbook that hold exactly what they were given.

Text is always a string cell, never a formula, whatever it begins with; control characters that a workbook cannot hold
become U+FFFD. Amounts are numbers in major units with their currency's decimals, exact as written; beyond the 15 digits
Excel computes with, they are text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill

from recon.money import exponent, to_decimal

CELL_CHARACTERS: Final = 32_767
EXACT_DIGITS: Final = 15

_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udfff]")
_HEADER_FONT = Font(name="Calibri", bold=True, color="FFFFFF")
_HEADER_FILL = PatternFill("solid", fgColor="1F2A44")


def text_cell(sheet: Any, value: str) -> Any:
    """Text as text, cut to what a cell holds."""
    clean = _UNWRITABLE.sub("\ufffd", value)
    if len(clean) > CELL_CHARACTERS:
        clean = clean[: CELL_CHARACTERS - 1] + "…"
    cell = WriteOnlyCell(sheet, clean)
    cell.data_type = "s"  # openpyxl takes a leading '=' for a formula
    return cell


def money_cell(sheet: Any, amount: int, currency: str) -> Any:
    """Minor units as a number in major units."""
    value, places = to_decimal(amount, currency), exponent(currency)
    if abs(amount) >= 10**EXACT_DIGITS:
        return text_cell(sheet, str(value))
    cell = WriteOnlyCell(sheet, value)
    cell.number_format = "#,##0" + (f".{'0' * places}" if places else "")
    return cell


def plain_cell(sheet: Any, value: object) -> Any:
    """Any other value of a report; raises TypeError for what has no cell."""
    match value:
        case None:
            return None
        case str():
            return text_cell(sheet, value)
        case datetime():
            return text_cell(sheet, value.isoformat())
        case date():
            cell = WriteOnlyCell(sheet, value)
            cell.number_format = "yyyy-mm-dd"
            return cell
        case bool() | int() | float() | Decimal():
            return value
        case _:
            raise TypeError(f"no cell for {type(value).__name__}")


def styled_cell(sheet: Any, text: str, font: Font, fill: PatternFill | None = None) -> Any:
    """Text in a font, and on a fill."""
    cell = text_cell(sheet, text)
    cell.font = font
    if fill is not None:
        cell.fill = fill
        cell.alignment = Alignment(vertical="center")
    return cell


def header_cells(sheet: Any, names: Iterable[str]) -> list[Any]:
    """The first row of a sheet."""
    return [styled_cell(sheet, name, _HEADER_FONT, _HEADER_FILL) for name in names]
