"""Totals, balances and row counts that rows of a table state about it, held against what was read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from recon.ingest.aliases import Role
from recon.ingest.answers import Answers
from recon.ingest.columns import Columns
from recon.ingest.control_words import Aside
from recon.ingest.findings import Finding, minor_of
from recon.ingest.rows import ControlRow
from recon.model.reading import Control, ControlKind, Example
from recon.money import to_text

_BALANCES: Final = (Aside.OPENING_BALANCE, Aside.CLOSING_BALANCE)


def row_findings(
    controls: Sequence[ControlRow], columns: Columns, table: pa.Table, *, data_row_count: int, answers: Answers
) -> list[Finding]:
    """What became of every stated figure. Totals over several currencies are no sum of anything.

    `data_row_count`: rows of the file that are transactions, read or rejected.
    """
    if not controls:
        return []
    return [*_counts(controls, data_row_count), *_sums(controls, columns, table, answers)]


def _found(row: ControlRow, kind: ControlKind, currency: str | None, stated: int, found: int, says: str) -> Finding:
    return Finding(
        control=Control(kind=kind, account=None, currency=currency, stated=stated, found=found, says=says),
        example=Example(line=row.line, cells={str(i): cell for i, cell in enumerate(row.cells)}),
    )


def _counts(controls: Sequence[ControlRow], data_row_count: int) -> Iterator[Finding]:
    for control in controls:
        if control.count is not None:
            says = f"Line {control.line} states {control.count} rows; {data_row_count} were found."
            yield _found(control, ControlKind.COUNT, None, control.count, data_row_count, says)


def _sums(controls: Sequence[ControlRow], columns: Columns, table: pa.Table, answers: Answers) -> Iterator[Finding]:
    mark = answers.used.get("DECIMAL_MARK", ".")
    for currency in table.column("currency").unique().to_pylist():
        rows = table.filter(pc.equal(table.column("currency"), currency))
        is_only = len(rows) == len(table)
        figures = _Figures(columns=columns, currency=currency, mark=mark)
        about = [control for control in controls if figures.is_about(control, is_only=is_only)]
        lines, minor = np.asarray(rows.column("line")), np.asarray(rows.column("amount"))
        yield from _totals(about, figures, lines, minor)
        yield from _balances(about, figures, int(minor.sum()))


def _totals(
    controls: Sequence[ControlRow], figures: _Figures, lines: npt.NDArray[np.int64], minor: npt.NDArray[np.int64]
) -> Iterator[Finding]:
    """Each total against all rows above it, or those since the total before it."""
    previous = 0
    for control in controls:
        if control.kind is Aside.TOTAL and (stated := figures.total(control)) is not None:
            above, since = (minor[rows] for rows in (lines < control.line, (lines < control.line) & (lines > previous)))
            found = [figures.sums(rows, stated) for rows in (above, since)]
            sides = {side for rows in (above, since) for side in figures.sides(rows, stated)}
            is_side = stated not in found and stated in sides
            summed = stated if is_side or stated in found else found[0]
            says = figures.one_way(control, stated) if is_side else figures.compare(control, stated, found[0])
            # A pair is held as debits and credits apart, so that two errors cannot cancel out.
            stated_once, summed_once = _first_difference(stated, summed)
            yield _found(control, ControlKind.TOTAL, figures.currency, stated_once, summed_once, says)
            previous = control.line


def _first_difference(stated: tuple[int, ...], summed: tuple[int, ...]) -> tuple[int, int]:
    return next((pair for pair in zip(stated, summed, strict=True) if pair[0] != pair[1]), (stated[0], summed[0]))


def _balances(controls: Sequence[ControlRow], figures: _Figures, moved: int) -> Iterator[Finding]:
    """Opening balance and movements against the closing balance, where the file states one of each."""
    stated = {control.kind: figures.balance(control) for control in controls if control.kind in _BALANCES}
    opening, closing = (stated.get(kind) for kind in _BALANCES)
    if opening is None or closing is None or sum(control.kind in _BALANCES for control in controls) != 2:
        return
    control = next(control for control in controls if control.kind is Aside.CLOSING_BALANCE)
    text = [to_text(minor, figures.currency) for minor in (opening, moved, closing)]
    says = f"Opening balance {text[0]} and movements {text[1]} against closing balance {text[2]} {figures.currency}."
    yield _found(control, ControlKind.BALANCE, figures.currency, closing, opening + moved, says)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figures:
    """Reads the figures of control rows, by the number format of the column they stand in."""

    columns: Columns
    currency: str
    mark: str

    def is_about(self, control: ControlRow, *, is_only: bool) -> bool:
        """Whether the row speaks of this currency: it names it, or it names none and the file holds no other."""
        position = self.columns.roles.get(Role.CURRENCY)
        is_whole = position is not None and len(control.cells) == len(self.columns.names)
        named = control.cells[position].strip().upper() if is_whole and position is not None else ""
        return named == self.currency if named else is_only

    def is_short(self, control: ControlRow) -> bool:
        """Whether the row has other cells than the table, so that none can be told by its column."""
        return len(control.cells) != len(self.columns.names)

    def only_figure(self, control: ControlRow) -> int | None:
        figures = [figure for cell in control.cells if (figure := self.minor(cell)) is not None]
        return figures[0] if len(figures) == 1 else None

    def cell(self, control: ControlRow, role: Role) -> int | None:
        position = self.columns.roles.get(role)
        if position is None or self.is_short(control):
            return None
        return self.minor(control.cells[position])

    def minor(self, text: str) -> int | None:
        return minor_of(text, self.currency, self.mark)

    def total(self, control: ControlRow) -> tuple[int, ...] | None:
        """(amount,) or (debit, credit) of a total row, as stated; None when the row states none we can place."""
        if Role.AMOUNT in self.columns.roles:
            amount = self.only_figure(control) if self.is_short(control) else self.cell(control, Role.AMOUNT)
            return None if amount is None else (amount,)
        sides = [self.cell(control, role) for role in (Role.DEBIT, Role.CREDIT)]
        return None if None in sides else tuple(abs(side or 0) for side in sides)

    def balance(self, control: ControlRow) -> int | None:
        """The balance a row states: in its balance column, else in its amount column, else its last figure."""
        for role in (Role.BALANCE, Role.AMOUNT):
            if (found := self.cell(control, role)) is not None:
                return found
        credit, debit = self.cell(control, Role.CREDIT), self.cell(control, Role.DEBIT)
        return credit if credit else -debit if debit else None

    def sums(self, minor: npt.NDArray[np.int64], stated: tuple[int, ...]) -> tuple[int, ...]:
        if len(stated) == 1:
            return (int(minor.sum()),)
        return (-int(minor[minor < 0].sum()), int(minor[minor > 0].sum()))

    def sides(self, minor: npt.NDArray[np.int64], stated: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
        """What one figure of an amount column may also be: the money out, with or without its sign, or the money in."""
        if len(stated) != 1:
            return ()
        out, into = int(minor[minor < 0].sum()), int(minor[minor > 0].sum())
        return ((out,), (-out,), (into,))

    def one_way(self, control: ControlRow, stated: tuple[int, ...]) -> str:
        said = to_text(stated[0], self.currency)
        return f"Line {control.line} states a total of {said} {self.currency}, as the rows above it move one way."

    def compare(self, control: ControlRow, stated: tuple[int, ...], found: tuple[int, ...]) -> str:
        said, summed = (" and ".join(to_text(minor, self.currency) for minor in side) for side in (stated, found))
        return f"Line {control.line} states a total of {said} {self.currency}; the rows above it sum to {summed}."
