"""A period of a reconciliation that is signed off: what is signed, and the signature."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from recon.money import Money, to_decimal

Cell = str | int | date | Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One table of a pack. `note` says what is left out, or why there is nothing."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""

    def is_figure(self, place: int) -> bool:
        """Whether a column has amounts or counts; numbers of runs and entries are names."""
        if self.columns[place] in ("Run", "Journal entry"):
            return False
        return any(isinstance(row[place], (Money, int)) for row in self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosePack:
    """What is signed: `facts` are said at its head, sections are its tables, in reading order."""

    title: str
    facts: Mapping[str, str]
    sections: tuple[Section, ...]

    def document(self) -> dict[str, Any]:
        """Itself as JSON takes it; amounts as exact decimal text with their currency."""
        return {
            "title": self.title,
            "facts": dict(self.facts),
            "sections": [
                {
                    "title": section.title,
                    "columns": list(section.columns),
                    "rows": [[_plain(cell) for cell in row] for row in section.rows],
                    "note": section.note,
                }
                for section in self.sections
            ],
        }

    def content(self) -> bytes:
        """The document, always the same bytes for the same contents."""
        return json.dumps(self.document(), sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()

    @property
    def digest(self) -> str:
        """sha256 of the contents: what a signature is about."""
        return hashlib.sha256(self.content()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    """A period signed off, or opened again (`reopens_id`: the close that was taken back). Both days are included."""

    id: int
    reconciliation_id: int
    reconciliation: str
    first_on: date
    last_on: date
    reopens_id: int | None
    signed_by: str
    at: datetime
    reason: str
    digest: str | None
    workbook_sha256: str | None
    document_sha256: str | None
    reopened_by_id: int | None

    @property
    def is_in_force(self) -> bool:
        """Whether it is a close that nobody took back."""
        return self.reopens_id is None and self.reopened_by_id is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something done about a day of a closed period after it was signed off; an amount of each currency is a line.

    `about` names the thing that changed: `run 12`, `decision 5`, `entry 77`, `close 3`.
    """

    close_id: int
    at: datetime
    actor: str
    what: str
    about: str
    row_count: int | None = None
    amount: Money | None = None


def _plain(cell: Cell) -> Any:
    match cell:
        case Money():
            return [str(to_decimal(cell.amount, cell.currency)), cell.currency]
        case date():
            return cell.isoformat()
        case _:
            return cell
