"""What people said about rows of a run, and how a set of rules stands to it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

FEWEST: Final = 10
"""Bookings, or rows said to belong together, below which a share of them says nothing."""


class RulingKind(StrEnum):
    TOGETHER = "together"  # these rows are one movement
    APART = "apart"  # no source row of these goes with a reference row of these


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """One thing a person said, in terms of a run's rows, by position and ascending; none of the sides is empty."""

    kind: RulingKind
    source: tuple[int, ...]
    reference: tuple[int, ...]


class Answer(StrEnum):
    """What rules make of the rows of a ruling."""

    AS_DECIDED = "as_decided"  # booked together, or left apart
    SUGGESTED = "suggested"  # left to a person: a likely match among these rows
    OPEN = "open"  # rows that belong together, and nobody would be told
    OTHERWISE = "otherwise"  # booked with other rows, or rows that do not belong together booked


class Stand(StrEnum):
    """How a pair that changes stands to what a person decided."""

    AS_DECIDED = "as_decided"
    OTHERWISE = "otherwise"


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How often rules come to what people decided. Every ruling is counted once."""

    together_booked: int = 0
    together_suggested: int = 0
    together_open: int = 0
    together_otherwise: int = 0
    apart_kept: int = 0
    apart_suggested: int = 0
    apart_booked: int = 0

    @property
    def together_count(self) -> int:
        return self.together_booked + self.together_suggested + self.together_open + self.together_otherwise

    @property
    def apart_count(self) -> int:
        return self.apart_kept + self.apart_suggested + self.apart_booked

    @property
    def contradicted_count(self) -> int:
        """Rulings the rules book otherwise."""
        return self.together_otherwise + self.apart_booked

    @property
    def booked_count(self) -> int:
        """Rulings whose rows the rules book at all, rightly or not."""
        return self.together_booked + self.contradicted_count

    @property
    def precision(self) -> Decimal | None:
        """Of what is booked among decided rows, the share booked as decided, 0 to 1; None below FEWEST."""
        return _share(self.together_booked, self.booked_count)

    @property
    def recall(self) -> Decimal | None:
        """Of what belongs together, the share that is booked so, 0 to 1; None below FEWEST."""
        return _share(self.together_booked, self.together_count)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A run's rules and tried ones against the same rulings. `absent_count`: of decisions with rows the run has not.

    `mark` names the decisions that were counted: with another mark, people have decided since.
    """

    before: Score
    after: Score
    absent_count: int
    mark: str


def _share(part: int, whole: int) -> Decimal | None:
    return Decimal(part) / Decimal(whole) if whole >= FEWEST else None
