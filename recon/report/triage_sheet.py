"""The triage queue as a workbook to be edited offline and brought back, written row by row in little memory.

Rules it keeps: what identifies a row, its number, its version and what stood in the editable columns, is hidden and
locked; only three columns can be edited, and the reason only from a list. Reading back trusts none of that.
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Protection
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from python_calamine import CalamineWorkbook

from recon.errors import SheetNotOurs
from recon.model.triage import ASSIGNEE_LIMIT, COMMENT_LIMIT, Resolution
from recon.model.triage_sheet import SheetRow
from recon.report.cells import header_cells, money_cell, plain_cell, text_cell

SHEET: Final = "Discrepancies"

_COLUMNS: Final = {
    "id": 8, "version": 8, "assigned_then": 8, "reason_then": 8, "number": 9, "kind": 22, "date": 12, "due": 12,
    "reference": 22, "counterparty": 30, "amount": 16, "currency": 9, "status": 10, "assign_to": 20, "reason": 16,
    "comment": 60,
}  # fmt: skip
"""Every column and its width."""

_HIDDEN: Final = ("id", "version", "assigned_then", "reason_then")
_EDITED: Final = ("assign_to", "reason", "comment")
_UNLOCKED: Final = Protection(locked=False)


class QueueRow(Protocol):
    """What the sheet shows of a discrepancy; `recon.queries.discrepancies.DiscrepancyRow` is one."""

    @property
    def id(self) -> int: ...
    @property
    def version(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def date(self) -> datetime.date: ...
    @property
    def due_on(self) -> datetime.date: ...
    @property
    def reference(self) -> str | None: ...
    @property
    def party(self) -> str | None: ...
    @property
    def amount(self) -> int: ...
    @property
    def currency(self) -> str: ...
    @property
    def assignee(self) -> str | None: ...
    @property
    def resolution(self) -> str | None: ...


def write_triage_sheet(rows: Iterable[QueueRow], target: Path | BinaryIO) -> None:
    """Write the workbook; `rows` are taken one by one."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(SHEET)
    sheet.freeze_panes = "A2"
    for number, (name, width) in enumerate(_COLUMNS.items(), start=1):
        column = sheet.column_dimensions[get_column_letter(number)]
        column.width, column.hidden = width, name in _HIDDEN
        if name in _EDITED:
            column.protection = _UNLOCKED
    sheet.protection.enable()
    sheet.protection.autoFilter = sheet.protection.sort = sheet.protection.formatColumns = False  # these are allowed
    sheet.append(header_cells(sheet, _COLUMNS))
    last = 1
    for row in rows:
        last += 1
        sheet.append(_cells(sheet, row))
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(_COLUMNS))}{last}"
    sheet.data_validations.append(_reasons(last))
    book.save(target)


def read_triage_sheet(content: bytes) -> tuple[SheetRow, ...]:
    """The rows of a workbook that `write_triage_sheet` began. Raises SheetNotOurs for another one.

    `content` is one whose zip has been looked at: see `recon.ingest`.
    """
    with CalamineWorkbook.from_object(io.BytesIO(content)) as book:
        if SHEET not in book.sheet_names:
            raise SheetNotOurs
        lines = book.get_sheet_by_name(SHEET).to_python(skip_empty_area=False)
    header = [str(cell).strip() for cell in lines[0]] if lines else []
    if not set(_HIDDEN + _EDITED) <= set(header):
        raise SheetNotOurs
    place = {name: header.index(name) for name in _HIDDEN + _EDITED}
    return tuple(
        _row(number, {name: cells[at] for name, at in place.items()})
        for number, cells in enumerate(lines[1:], start=2)
        if any(cell != "" for cell in cells)
    )


def _cells(sheet: Any, row: QueueRow) -> list[Any]:
    assignee, reason = row.assignee or "", row.resolution or ""
    return [
        row.id,
        row.version,
        text_cell(sheet, assignee) if assignee else None,
        text_cell(sheet, reason) if reason else None,
        row.id,
        text_cell(sheet, row.kind),
        plain_cell(sheet, row.date),
        plain_cell(sheet, row.due_on),
        text_cell(sheet, row.reference or ""),
        text_cell(sheet, row.party or ""),
        money_cell(sheet, row.amount, row.currency),
        row.currency,
        text_cell(sheet, str(row.status)),
        *(_editable(sheet, text) for text in (assignee, reason)),
        None,
    ]


def _editable(sheet: Any, text: str) -> WriteOnlyCell | None:
    """None takes the column's own style, which is unlocked too."""
    if not text:
        return None
    cell = text_cell(sheet, text)
    cell.protection = _UNLOCKED
    return cell


def _reasons(last: int) -> DataValidation:
    letter = get_column_letter(list(_COLUMNS).index("reason") + 1)
    choice = DataValidation(
        type="list",
        formula1=f'"{",".join(Resolution)}"',
        allow_blank=True,
        showErrorMessage=True,
        errorTitle="Unknown reason",
        error="Choose one from the list.",
    )
    choice.add(f"{letter}2:{letter}{max(last, 2)}")
    return choice


def _row(line: int, cells: dict[str, Any]) -> SheetRow:
    return SheetRow(
        line=line,
        id=_whole(cells["id"]),
        version=_whole(cells["version"]),
        assignee_then=_text(cells["assigned_then"], ASSIGNEE_LIMIT),
        reason_then=_text(cells["reason_then"], ASSIGNEE_LIMIT),
        assignee=_text(cells["assign_to"], ASSIGNEE_LIMIT),
        reason=_text(cells["reason"], ASSIGNEE_LIMIT).lower(),
        comment=_text(cells["comment"], COMMENT_LIMIT),
    )


def _whole(cell: object) -> int | None:
    if isinstance(cell, int | float) and not isinstance(cell, bool) and 0 < cell < 2**53 and cell == int(cell):
        return int(cell)
    return None


def _text(cell: object, limit: int) -> str:
    """Stripped, and cut just past what is allowed, so that too much can be told from enough."""
    number = isinstance(cell, float) and cell.is_integer()
    return str(int(cell) if number else cell).strip()[: limit + 1]  # type: ignore[call-overload]
