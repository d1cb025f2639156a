"""The rules of a match: tolerances, windows and thresholds, each with its unit in its name."""

from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import Decimal
from enum import StrEnum

from recon.errors import RulesInvalid

MAX_TOLERANCE_MINOR = 10**15
MAX_WINDOW_DAYS = 366


class Scoring(StrEnum):
    """What decides on rows that share neither an id nor an exact key."""

    RULES = "rules"  # the tolerances, windows and threshold below
    LEARNED = "learned"  # weights learned from the rows: amounts to 15 %, dates to 31 days, any text


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """When two rows may be one movement. Immutable; a run stores the rules it used.

    A pair is in tolerance when |source - reference| is at most the larger of `amount_tolerance_minor` and
    `amount_tolerance_percent` of the larger absolute amount. `days_before`/`days_after`: how many calendar days the
    reference may come before or after the source. `description_threshold`: rapidfuzz `token_sort_ratio`, 0-100.
    `scoring`: whether these decide on rows without a common id or key, or weights learned from the rows do.
    """

    amount_tolerance_minor: int = 0
    amount_tolerance_percent: Decimal = Decimal(0)
    days_before: int = 1
    days_after: int = 1
    description_threshold: int = 80
    scoring: Scoring = Scoring.RULES

    def __post_init__(self) -> None:
        _within("amount_tolerance_minor", self.amount_tolerance_minor, 0, MAX_TOLERANCE_MINOR)
        _within("days_before", self.days_before, 0, MAX_WINDOW_DAYS)
        _within("days_after", self.days_after, 0, MAX_WINDOW_DAYS)
        _within("description_threshold", self.description_threshold, 0, 100)
        percent = self.amount_tolerance_percent
        if not isinstance(percent, Decimal) or not percent.is_finite() or not 0 <= percent <= 100:
            raise RulesInvalid(
                "amount_tolerance_percent", f"{percent} is not between 0 and 100. Give a decimal number."
            )
        if self.scoring not in tuple(Scoring):
            raise RulesInvalid("scoring", f"{self.scoring} is not one of {', '.join(Scoring)}.")

    def as_dict(self) -> dict[str, int | str]:
        """Every rule by name, with percent as a decimal string: the form stored, hashed and written to TOML."""
        return {f.name: _plain(getattr(self, f.name)) for f in fields(self)}


def _within(name: str, value: object, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise RulesInvalid(name, f"{value} is not a whole number from {low} to {high}.")


def _plain(value: int | Decimal | Scoring) -> int | str:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return value if isinstance(value, int) else str(value)
