"""What a column does not decide by itself, and the rule that says when it does.

The rule, for any two ways of reading a column: each value fits only one way, fits both and means something else in
each, or does not care. Values that fit only one way decide for the whole column. Where some fit only the one way and
some only the other, a few strays are bad rows of a decided column; more than a few are two files in one, and a
person is asked. Nothing is decided by which way is usual.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

from recon.model.reading import Choice

EXAMPLE_LIMIT: Final = 5
"""Rows shown beside a question, at most."""

Way = TypeVar("Way")


class QuestionCode(StrEnum):
    """What a column of text may leave open."""

    DECIMAL_MARK = "DECIMAL_MARK"
    DAY_MONTH_ORDER = "DAY_MONTH_ORDER"
    TWO_DIGIT_YEAR = "TWO_DIGIT_YEAR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecided:
    """A column that can be read in several ways. `examples` are row positions (0-based) worth showing.

    Deciding again with the value of a choice as the answer settles it.
    """

    code: QuestionCode
    text: str
    choices: tuple[Choice, ...]
    examples: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """How many rows of a column speak for each of two ways of reading it."""

    only_first: int = 0
    only_second: int = 0
    either: int = 0

    @property
    def is_silent(self) -> bool:
        """True when no row reads differently in the two ways: there is nothing to ask."""
        return not (self.only_first or self.only_second or self.either)


def weigh(evidence: Evidence, first: Way, second: Way, answer: Way | None = None) -> Way | None:
    """The way the column is to be read, or None when a person has to say.

    An answer settles what the column leaves open. A column that proves the opposite (its feed changed since the answer
    was saved) is read as it proves, unless the proof is no more than strays among rows that the answer fits.
    """
    decided = _decided(evidence, first, second)
    if answer is None or decided is None or decided == answer:
        return answer if decided is None else decided
    fitting, against = evidence.only_first, evidence.only_second
    if answer == second:
        fitting, against = against, fitting
    return answer if are_strays(against, fitting + evidence.either) else decided


def _decided(evidence: Evidence, first: Way, second: Way) -> Way | None:
    ones, others = evidence.only_first, evidence.only_second
    if ones == others:
        return None
    more, fewer, way = (ones, others, first) if ones > others else (others, ones, second)
    # With nothing that fits both ways, every accepted row has one reading: refusing the fewer misreads nothing.
    return way if not fewer or not evidence.either or are_strays(fewer, more) else None


def are_strays(fewer: int, more: int) -> bool:
    """One odd row among four, or one in a hundred: bad rows of a column that is otherwise proven."""
    return more >= 3 * fewer and fewer <= max(1, more // 100)
