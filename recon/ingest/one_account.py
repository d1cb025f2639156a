"""Which account of a statement counts: a reconciliation is of one account, so a file of several asks which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from recon.ingest.answers import Answers
from recon.ingest.statements.statement import Section
from recon.model.reading import Choice, Example, Question, Reject

EVERY_ACCOUNT: Final = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The sections whose entries count; none chosen means all of them."""

    sections: tuple[Section, ...]

    def keeps(self, reject: Reject) -> bool:
        return bool(self._inside(np.array([reject.line]))[0])

    def of(self, table: pa.Table) -> pa.Table:
        """The transactions of the chosen account."""
        inside = self._inside(np.asarray(table["line"]))
        return table if inside.all() else table.filter(pa.array(inside))

    def _inside(self, lines: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        if not self.sections:
            return np.ones(len(lines), bool)
        inside = np.zeros(len(lines), bool)
        for section in self.sections:
            inside |= (lines >= section.first_line) & (lines <= section.last_line)
        return inside


def choose_account(sections: Sequence[Section], answers: Answers) -> Chosen:
    """The one account of the file, or the one a person names; raises Asked(ACCOUNT) when nobody has."""
    numbers = sorted({section.account for section in sections})
    if len(numbers) <= 1:
        return Chosen(sections=())
    choices = (
        *(Choice(value=number or "none", label=number or "Entries without an account") for number in numbers),
        Choice(value=EVERY_ACCOUNT, label="All accounts together"),
    )
    firsts = {section.account: section for section in reversed(sections)}
    question = Question(
        code="ACCOUNT",
        text=f"The file holds {len(numbers)} accounts. Which one is to be read?",
        column=None,
        choices=choices,
        examples=tuple(
            Example(line=firsts[number].first_line, cells={"account": number, "currency": firsts[number].currency})
            for number in numbers
        ),
    )
    answer = answers.settle(question)
    if answer == EVERY_ACCOUNT:
        return Chosen(sections=())
    return Chosen(sections=tuple(section for section in sections if (section.account or "none") == answer))
