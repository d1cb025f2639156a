"""Totals, balances and row counts a file states about itself, held against what was read.

A stated figure that agrees is a note. One that does not stops the file with CONTROL_TOTAL: a row was lost, doubled or
misread, and only a person can say that it may be read all the same. The answer is kept with the mark of what differed,
so that it holds for the same file and not for the next one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from zlib import crc32

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from recon.ingest.aliases import Role
from recon.ingest.answers import Answers
from recon.ingest.columns import Columns
from recon.ingest.control_words import Aside
from recon.ingest.numbers import DecimalMark, NumberFormat, parse_amounts
from recon.ingest.rows import Control
from recon.model.reading import Choice, Example, Note, Question
from recon.money import exponent, to_text

ACCEPTED: Final = "accept"
_BALANCES: Final = (Aside.OPENING_BALANCE, Aside.CLOSING_BALANCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Finding:
    control: Control
    agrees: bool
    says: str


def check_controls(
    controls: Sequence[Control],
    columns: Columns,
    table: pa.Table,
    *,
    data_row_count: int,
    rejected_count: int,
    answers: Answers,
) -> tuple[Note, ...]:
    """Notes about every stated figure; raises Asked(CONTROL_TOTAL) when one disagrees and was not accepted.

    `data_row_count`: rows of the file that are transactions, read or rejected. A sum that rejected rows are missing
    from is a note: the rejects are the question already. Totals over several currencies are no sum of anything.
    """
    if not controls:
        return ()
    counts = list(_counts(controls, data_row_count))
    sums = list(_sums(controls, columns, table, answers))
    wrong = [finding for finding in (*counts, *(() if rejected_count else sums)) if not finding.agrees]
    if wrong:
        question = _question(wrong)
        mark = f"{ACCEPTED} {crc32(question.text.encode()):08x}"
        answers.settle(question, accepts=mark.__eq__)
        answers.use("CONTROL_TOTAL", mark)
    return tuple(_note(finding, finding in wrong, rejected_count) for finding in (*counts, *sums))


def _note(finding: _Finding, was_accepted: bool, rejected_count: int) -> Note:
    if finding.agrees:
        return Note(code="CONTROL_TOTAL", text=finding.says)
    if was_accepted:
        return Note(code="CONTROL_TOTAL", text=f"{finding.says} It was accepted.")
    return Note(code="CONTROL_TOTAL_OPEN", text=f"{finding.says} {rejected_count} rejected rows are not in the sum.")


def _counts(controls: Sequence[Control], data_row_count: int) -> Iterator[_Finding]:
    for control in controls:
        if control.count is not None:
            agrees = control.count == data_row_count
            says = f"Line {control.line} states {control.count} rows; {data_row_count} were found."
            yield _Finding(control=control, agrees=agrees, says=says)


def _sums(controls: Sequence[Control], columns: Columns, table: pa.Table, answers: Answers) -> Iterator[_Finding]:
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
    controls: Sequence[Control], figures: _Figures, lines: npt.NDArray[np.int64], minor: npt.NDArray[np.int64]
) -> Iterator[_Finding]:
    """Each total against all rows above it, or those since the total before it."""
    previous = 0
    for control in controls:
        if control.kind is Aside.TOTAL and (stated := figures.total(control)) is not None:
            above, since = lines < control.line, (lines < control.line) & (lines > previous)
            found = [figures.sums(minor[rows], stated) for rows in (above, since)]
            sides = {side for rows in (above, since) for side in figures.sides(minor[rows], stated)}
            is_side = stated not in found and stated in sides
            says = figures.one_way(control, stated) if is_side else figures.compare(control, stated, found[0])
            yield _Finding(control=control, agrees=is_side or stated in found, says=says)
            previous = control.line


def _balances(controls: Sequence[Control], figures: _Figures, moved: int) -> Iterator[_Finding]:
    """Opening balance and movements against the closing balance, where the file states one of each."""
    stated = {control.kind: figures.balance(control) for control in controls if control.kind in _BALANCES}
    opening, closing = (stated.get(kind) for kind in _BALANCES)
    if opening is None or closing is None or sum(control.kind in _BALANCES for control in controls) != 2:
        return
    control = next(control for control in controls if control.kind is Aside.CLOSING_BALANCE)
    text = [to_text(minor, figures.currency) for minor in (opening, moved, closing)]
    says = f"Opening balance {text[0]} and movements {text[1]} against closing balance {text[2]} {figures.currency}."
    yield _Finding(control=control, agrees=opening + moved == closing, says=says)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figures:
    """Reads the figures of control rows, by the number format of the column they stand in."""

    columns: Columns
    currency: str
    mark: str

    def is_about(self, control: Control, *, is_only: bool) -> bool:
        """Whether the row speaks of this currency: it names it, or it names none and the file holds no other."""
        position = self.columns.roles.get(Role.CURRENCY)
        is_whole = position is not None and len(control.cells) == len(self.columns.names)
        named = control.cells[position].strip().upper() if is_whole and position is not None else ""
        return named == self.currency if named else is_only

    def is_short(self, control: Control) -> bool:
        """Whether the row has other cells than the table, so that none can be told by its column."""
        return len(control.cells) != len(self.columns.names)

    def only_figure(self, control: Control) -> int | None:
        figures = [figure for cell in control.cells if (figure := self.minor(cell)) is not None]
        return figures[0] if len(figures) == 1 else None

    def cell(self, control: Control, role: Role) -> int | None:
        position = self.columns.roles.get(role)
        if position is None or self.is_short(control):
            return None
        return self.minor(control.cells[position])

    def minor(self, text: str) -> int | None:
        fmt = NumberFormat(decimal=DecimalMark(self.mark))
        parsed = parse_amounts(pa.array([text], pa.string()), fmt, exponent(self.currency))
        return int(parsed.minor[0]) if parsed.verdicts.is_valid[0] else None

    def total(self, control: Control) -> tuple[int, ...] | None:
        """(amount,) or (debit, credit) of a total row, as stated; None when the row states none we can place."""
        if Role.AMOUNT in self.columns.roles:
            amount = self.only_figure(control) if self.is_short(control) else self.cell(control, Role.AMOUNT)
            return None if amount is None else (amount,)
        sides = [self.cell(control, role) for role in (Role.DEBIT, Role.CREDIT)]
        return None if None in sides else tuple(abs(side or 0) for side in sides)

    def balance(self, control: Control) -> int | None:
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

    def one_way(self, control: Control, stated: tuple[int, ...]) -> str:
        said = to_text(stated[0], self.currency)
        return f"Line {control.line} states a total of {said} {self.currency}, as the rows above it move one way."

    def compare(self, control: Control, stated: tuple[int, ...], found: tuple[int, ...]) -> str:
        said, summed = (" and ".join(to_text(minor, self.currency) for minor in side) for side in (stated, found))
        return f"Line {control.line} states a total of {said} {self.currency}; the rows above it sum to {summed}."


def _question(wrong: Sequence[_Finding]) -> Question:
    return Question(
        code="CONTROL_TOTAL",
        text=f"{' '.join(finding.says for finding in wrong)} A row may be missing, doubled or misread.",
        column=None,
        choices=(Choice(value=ACCEPTED, label="Read the file all the same"),),
        examples=tuple(
            Example(line=finding.control.line, cells={str(i): cell for i, cell in enumerate(finding.control.cells)})
            for finding in wrong
        ),
    )
