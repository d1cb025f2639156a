"""What is wrong with which row: marked a whole column at a time, turned into rejects once, at the end.

Good rows never wait for bad ones. A row is rejected once, for the first thing found wrong with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

from recon.ingest.codes import ValueCode, Verdicts, code_number, problem
from recon.ingest.grid import Grid, Mask
from recon.model.reading import RAW_VALUE_LIMIT, Reject

Sentence = Callable[[str], str]


class Faults:
    """The first fault of each of `row_count` rows."""

    def __init__(self, row_count: int) -> None:
        self._kind = np.zeros(row_count, np.int32)
        self._kinds: list[tuple[int | None, str, Sentence]] = []

    @property
    def is_good(self) -> Mask:
        """True where nothing was found wrong."""
        good: Mask = self._kind == 0
        return good

    def mark(self, rows: Mask, position: int | None, code: str, sentence: str | Sentence) -> None:
        """Marks rows (rows, bool) that have no fault yet: `code` and `sentence` about the column at `position`."""
        if rows.any():
            says = (lambda _: sentence) if isinstance(sentence, str) else sentence
            self._kinds.append((position, code, says))
            self._kind[rows & (self._kind == 0)] = len(self._kinds)

    def mark_verdicts(self, verdicts: Verdicts, position: int, where: Mask | None = None) -> None:
        """Marks the rows a grammar could not read, of those in `where` if it is given."""
        present = set(np.unique(verdicts.numbers).tolist())
        for code in ValueCode:
            if code_number(code) in present:
                rows = verdicts.holds(code) if where is None else verdicts.holds(code) & where
                self.mark(rows, position, code.value, partial(problem, code))

    def rejects(self, grid: Grid, names: Sequence[str]) -> list[Reject]:
        """A reject for each marked row of `grid`, in row order."""
        rows = np.flatnonzero(self._kind)
        kinds = [self._kinds[kind - 1] for kind in self._kind[rows].tolist()]
        values = {
            position: iter(grid.column(position).take(rows[self._of(rows, position)]).to_pylist())
            for position in {position for position, _, _ in kinds}
            if position is not None
        }
        found = []
        for line, (position, code, sentence) in zip(grid.lines[rows].tolist(), kinds, strict=True):
            value = None if position is None else next(values[position])
            name = None if position is None else names[position]
            clipped = None if value is None else value[:RAW_VALUE_LIMIT]
            found.append(Reject(line=line, column=name, value=clipped, code=code, problem=sentence(value or "")))
        return found

    def _of(self, rows: npt.NDArray[np.int64], position: int) -> Mask:
        wanted = [kind for kind, (of, _, _) in enumerate(self._kinds, start=1) if of == position]
        return np.isin(self._kind[rows], wanted)
