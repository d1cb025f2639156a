"""What people's matches ask of the rules: a change of one of them, with what speaks for it and against it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from recon.model.rules import Rules

FEWEST_PAIRS: Final = 3
"""Pairs below which nothing is learned."""


class LessonKind(StrEnum):
    LATER = "later"  # the reference comes later than the window allows
    EARLIER = "earlier"
    FEE = "fee"  # one fee explains what the amounts differ by
    ALIAS = "alias"  # two names mean the same party
    TOLERANCE = "tolerance"
    THRESHOLD = "threshold"  # the texts are less alike than the rules ask for


@dataclass(frozen=True, slots=True, kw_only=True)
class TaughtPair:
    """One source row and one reference row a person decided about, amounts in minor units as they were then.

    `similarity`: of their texts under the rules asked about, 0 to 100, as the rules' threshold counts it; None where
    one of them has none.
    """

    decision_id: int
    source_on: date
    reference_on: date
    source_amount: int
    reference_amount: int
    source_currency: str
    reference_currency: str
    source_text: str | None
    reference_text: str | None
    similarity: int | None

    @property
    def days(self) -> int:
        """How many days the reference comes after the source."""
        return (self.reference_on - self.source_on).days

    @property
    def difference(self) -> int:
        """Source less reference, of one currency."""
        return self.source_amount - self.reference_amount

    @property
    def is_comparable(self) -> bool:
        """Whether both amounts are of one currency and one sign."""
        return self.source_currency == self.reference_currency and self.source_amount * self.reference_amount > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One change: the rules with it, the pairs it would let in, of how many that call for such a change.

    `against_count`: pairs people ruled out that it would let in too. `key` names the change and its extent.
    """

    kind: LessonKind
    key: str
    rules: Rules
    pairs: tuple[TaughtPair, ...]
    of_count: int
    against_count: int = 0
