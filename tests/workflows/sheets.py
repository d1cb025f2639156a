"""Workbooks as people edit them."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from openpyxl import load_workbook


def edited(content: bytes, edits: Mapping[int, Mapping[str, Any]]) -> bytes:
    """The workbook after somebody wrote into cells of it: row of the sheet -> column -> value."""
    book = load_workbook(BytesIO(content))
    sheet = book["Discrepancies"]
    place = {cell.value: cell.column for cell in sheet[1]}
    for line, values in edits.items():
        for name, value in values.items():
            sheet.cell(line, place[name]).value = value
    saved = BytesIO()
    book.save(saved)
    return saved.getvalue()
