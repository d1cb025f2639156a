"""Which rows are no transactions: blank lines, comments, repeated headers, balances, totals, footers, pending rows.

They are counted and set aside, never dropped unseen. A row with a date is a balance or a total only when its text is
exactly one of the words for it: `Total Energies` is a petrol station.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recon.ingest.aliases import Role, plain
from recon.ingest.columns import Columns
from recon.ingest.grid import Grid, Mask, OddRow


class Aside(StrEnum):
    """Why a row is not a transaction."""

    BLANK = "blank"
    COMMENT = "comment"
    REPEATED_HEADER = "repeated header"
    OPENING_BALANCE = "opening balance"
    CLOSING_BALANCE = "closing balance"
    TOTAL = "total"
    ROW_COUNT = "row count"
    FOOTER = "footer"
    NOT_BOOKED = "not booked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """A row that states what the others must add up to: a total, a balance, or a row count."""

    line: int
    kind: Aside
    cells: tuple[str, ...]
    count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """The rows that may be transactions, and the others by reason. `grid.odd` keeps only rows to reject."""

    grid: Grid
    controls: tuple[Control, ...]
    counts: Counter[Aside]


_OPENING: Final = (
    "opening balance", "balance brought forward", "brought forward", "balance b f", "starting balance",
    "beginning balance", "previous balance", "start balance", "saldo anterior", "saldo inicial", "saldo iniziale",
    "anfangssaldo", "saldo alt", "alter saldo", "kontostand alt", "saldovortrag", "beginsaldo", "openingssaldo",
    "solde initial", "solde precedent", "ancien solde", "saldo poczatkowe", "nyito egyenleg", "ingaende saldo",
    "входящий остаток",
)  # fmt: skip
_CLOSING: Final = (
    "closing balance", "balance carried forward", "carried forward", "balance c f", "ending balance", "end balance",
    "final balance", "new balance", "saldo final", "saldo finale", "endsaldo", "neuer saldo", "saldo neu",
    "kontostand neu", "eindsaldo", "slotsaldo", "solde final", "nouveau solde", "saldo koncowe", "zaro egyenleg",
    "utgaende saldo", "исходящий остаток", "balance", "saldo", "solde", "kontostand",
)  # fmt: skip
_TOTAL: Final = (
    "total", "totals", "grand total", "sub total", "subtotal", "page total", "total amount", "total debits",
    "total credits", "total debit", "total credit", "sum", "summe", "gesamt", "gesamtsumme", "zwischensumme", "totaal",
    "subtotaal", "totale", "totali", "somma", "totaux", "somme", "total general", "suma", "razem", "osszesen", "summa",
    "итого", "всего",
)  # fmt: skip
_PHRASES: Final = {
    **dict.fromkeys(_TOTAL, Aside.TOTAL),
    **dict.fromkeys(_CLOSING, Aside.CLOSING_BALANCE),
    **dict.fromkeys(_OPENING, Aside.OPENING_BALANCE),
}
_ROW_COUNT: Final = re.compile(
    r"^\W*(?:(?:total|number of|end of file|count|anzahl|nombre|aantal)\W+)?(?:of\W+)?"
    r"(?:(\d{1,9})\W+(?:rows?|records?|transactions?|lines?|entries|items)(?:\W+\w+)?"
    r"|(?:rows?|records?|transactions?|lines?|entries|items)\W+(\d{1,9}))\W*$",
    re.I,
)
_NOT_BOOKED: Final = (
    "pending", "failed", "declined", "reverted", "cancelled", "canceled", "voided", "void", "rejected", "expired",
    "denied", "in progress", "processing", "scheduled", "not booked", "vorgemerkt", "umsatz vorgemerkt", "ausstehend",
    "fehlgeschlagen", "abgelehnt", "storniert", "en attente", "refuse", "refusé", "pendiente", "rechazado", "cancelado",
    "in sospeso", "autorizzato", "annullato", "in behandeling", "geweigerd", "oczekujaca", "odrzucona", "pendente",
)  # fmt: skip
_DATED: Final = pa.array([text for phrase in _PHRASES for text in (phrase, phrase + ":")])
_FOOTER_WORDS: Final = 4


def sort_rows(grid: Grid, columns: Columns) -> Sorted:
    """Sets aside every row of `grid` that is not a transaction."""
    counts: Counter[Aside] = Counter({Aside.BLANK: grid.blank_count} if grid.blank_count else {})
    controls: list[Control] = []
    odd = []
    for row in grid.odd:
        kind = _kind_of_odd(row)
        if kind is None:
            odd.append(row)
        else:
            counts[kind] += 1
            controls.extend(_control(row.line, kind, row.cells))
    aside = _candidates(grid, columns)
    not_booked = _not_booked(grid, columns)
    for index in np.flatnonzero(aside).tolist():
        cells = tuple(column[index].as_py() for column in grid.cells.columns)
        kind = _kind_of(cells, columns)
        if kind is None:
            aside[index] = False
        else:
            counts[kind] += 1
            controls.extend(_control(int(grid.lines[index]), kind, cells))
    not_booked &= ~aside
    if not_booked.any():
        counts[Aside.NOT_BOOKED] = int(not_booked.sum())
    return Sorted(
        grid=grid.keep(~(aside | not_booked), tuple(odd)),
        controls=tuple(sorted(controls, key=lambda control: control.line)),
        counts=counts,
    )


def _candidates(grid: Grid, columns: Columns) -> Mask:
    """Rows worth a closer look: no digit where the date stands, or a text that is exactly a control phrase."""
    dates = grid.column(columns.roles[Role.DATE])
    found = ~_mask(pc.match_substring_regex(dates, "[0-9]"))
    texts = {columns.roles[role] for role in (Role.DESCRIPTION, Role.KIND, Role.TXN_ID) if role in columns.roles}
    for position in texts:
        lowered = pc.utf8_lower(pc.utf8_trim_whitespace(grid.column(position)))
        found |= _mask(pc.is_in(lowered, value_set=_DATED))
    return found | _mask(pc.starts_with(dates, "#"))


def _not_booked(grid: Grid, columns: Columns) -> Mask:
    position = columns.roles.get(Role.STATUS)
    if position is None:
        return np.zeros(len(grid.lines), bool)
    lowered = pc.utf8_lower(pc.utf8_trim_whitespace(grid.column(position)))
    return _mask(pc.is_in(lowered, value_set=pa.array(_NOT_BOOKED)))


def _mask(values: pa.ChunkedArray) -> Mask:
    return np.asarray(values.to_numpy(), dtype=bool).copy()


def _kind_of(cells: Sequence[str], columns: Columns) -> Aside | None:
    filled = [cell.strip() for cell in cells if cell.strip()]
    if not filled:
        return Aside.BLANK
    if all(cell.strip() == name or not name for cell, name in zip(cells, columns.names, strict=True)):
        return Aside.REPEATED_HEADER
    if plain(cells[columns.roles[Role.DATE]]) == plain(columns.names[columns.roles[Role.DATE]]) and _names_match(
        cells, columns
    ):
        return Aside.REPEATED_HEADER
    return _kind_of_texts(filled)


def _names_match(cells: Sequence[str], columns: Columns) -> bool:
    same = sum(plain(cell) == plain(name) for cell, name in zip(cells, columns.names, strict=True))
    return same >= max(2, len(columns.names) // 2)


def _kind_of_texts(filled: Sequence[str]) -> Aside | None:
    if filled[0].startswith("#"):
        return Aside.COMMENT
    if any(_ROW_COUNT.match(cell) for cell in filled) and len(filled) <= 2:
        return Aside.ROW_COUNT
    return next((_PHRASES[name] for name in map(plain, filled) if name in _PHRASES), None)


def _kind_of_odd(row: OddRow) -> Aside | None:
    """A row of another width is a footer, a total or a comment by its text alone; anything else is a reject."""
    filled = [cell.strip() for cell in row.cells if cell.strip()]
    if row.code != "ROW_COLUMNS" or not filled:
        return None
    if (kind := _kind_of_texts(filled)) is not None:
        return kind
    is_prose = len(filled) == 1 and len(filled[0].split()) >= _FOOTER_WORDS and not filled[0][0].isdigit()
    return Aside.FOOTER if is_prose else None


def _control(line: int, kind: Aside, cells: tuple[str, ...]) -> list[Control]:
    if kind is Aside.ROW_COUNT:
        found = next(match for cell in cells if (match := _ROW_COUNT.match(cell.strip())))
        return [Control(line=line, kind=kind, cells=cells, count=int(found[1] or found[2]))]
    if kind in (Aside.TOTAL, Aside.OPENING_BALANCE, Aside.CLOSING_BALANCE):
        return [Control(line=line, kind=kind, cells=cells)]
    return []
