"""What every way of telling money in from money out needs: the amounts of a column, and a question about them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from recon.ingest.amounts import Money
from recon.ingest.answers import Answers
from recon.ingest.codes import ValueCode, problem
from recon.ingest.faults import Faults
from recon.ingest.numbers import NumberFormat, ParsedAmounts
from recon.ingest.row_currencies import RowCurrencies
from recon.model.reading import Choice, Example, Question

Minor = npt.NDArray[np.int64]

SIGN_MODEL: Final = "SIGN_MODEL"
EXAMPLES: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class SignReader:
    """The money columns of a grid on their way to signed amounts; what is wrong with a row goes into `faults`."""

    money: Money
    fmt: NumberFormat
    currencies: RowCurrencies
    answers: Answers
    faults: Faults

    def name(self, position: int) -> str:
        return self.money.columns.names[position]

    def read(self, position: int) -> ParsedAmounts:
        """A column's amounts; rows whose text names another currency than the row's are marked."""
        parsed = self.money.parse(position, self.fmt, self.currencies.exponents)
        disagrees = parsed.verdicts.is_valid & parsed.disagrees(self.currencies.codes)
        code = ValueCode.CURRENCY_DISAGREES
        self.faults.mark(disagrees, position, code.value, problem(code))
        return parsed

    def ask(
        self,
        text: str,
        column: str,
        choices: Sequence[Choice],
        rows: Sequence[int],
        positions: Sequence[int],
        accepts: Callable[[str], bool] | None = None,
    ) -> str:
        """The answer to SIGN_MODEL, asked about `rows` of the columns at `positions`; raises Asked without one."""
        names = self.money.columns.names
        examples = tuple(
            Example(
                line=int(self.money.grid.lines[row]),
                cells={names[position]: self.money.cell(position, row) for position in positions},
            )
            for row in rows
        )
        question = Question(
            code=SIGN_MODEL,
            text=text,
            column=column,
            choices=tuple(choices),
            examples=examples,
            free_text=accepts is not None,
        )
        return self.answers.settle(question, accepts)
