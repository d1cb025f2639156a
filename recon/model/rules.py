"""The rules of a match: tolerances, windows and thresholds, each with its unit in its name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Any, Self

from recon.errors import RulesInvalid
from recon.model.aliases import Alias, aliases
from recon.model.fx import FxRate, FxTerms, fx_rates
from recon.model.terms import FeeSchedule

MAX_TOLERANCE_MINOR = 10**15
MAX_WINDOW_DAYS = 366
MAX_SUBSET_ROWS = 12
MAX_FX_TOLERANCE_BPS = 1_000


class Scoring(StrEnum):
    """What decides on rows that share neither an id nor an exact key."""

    RULES = "rules"  # the tolerances, windows and threshold below
    LEARNED = "learned"  # weights learned from the rows: amounts to 15 %, dates to 31 days, any text


class PassName(StrEnum):
    """The passes a match may run, in the order they run unless the rules say otherwise; by fidelity."""

    IDENTITY = "identity"
    GROUPS = "groups"
    EXACT = "exact"
    FEES = "fees"
    FX = "fx"
    SCORED = "scored"
    NETTING = "netting"
    SUMS = "sums"
    LEFTOVERS = "leftovers"  # what it suggests is no longer free: nothing comes after it


ALL_PASSES: tuple[PassName, ...] = tuple(PassName)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """When two rows may be one movement. Immutable; a run stores the rules it used.

    A pair is in tolerance when |source - reference| is at most the larger of `amount_tolerance_minor` and
    `amount_tolerance_percent` of the larger absolute amount. `days_before`/`days_after`: how many calendar days the
    reference may come before or after the source. `description_threshold`: rapidfuzz `token_sort_ratio`, 0-100.
    `scoring`: whether these decide on rows without a common id or key, or weights learned from the rows do.
    `netting_days`: how many days a reversal may be from the charge it cancels on its own side.
    `subset_rows`: of the rows of a window, how many at most are tried whether they add up to one of the other side; 0
    is not at all.
    `fee_schedules`: what payments cost, by currency and from which day on.
    `fx_rates`: what currencies were worth, from which day on; without one, rows of different currencies never meet.
    `fx_tolerance_bps`: how far from the rate two amounts may be, in basis points of the larger. `fx_max_age_days`: how
    many days a rate holds at most; 0 is until the next one.
    `aliases`: names that mean the same party; texts are compared with each read as the first of its alias.
    `passes`: those that run, in this order, and no others; rules that were saved before a pass existed go without it.
    """

    amount_tolerance_minor: int = 0
    amount_tolerance_percent: Decimal = Decimal(0)
    days_before: int = 1
    days_after: int = 1
    description_threshold: int = 80
    scoring: Scoring = Scoring.RULES
    passes: tuple[PassName, ...] = ALL_PASSES
    netting_days: int = 7
    subset_rows: int = 0
    fee_schedules: tuple[FeeSchedule, ...] = ()
    fx_rates: tuple[FxRate, ...] = ()
    fx_tolerance_bps: int = 50
    fx_max_age_days: int = 0
    aliases: tuple[Alias, ...] = ()

    def __post_init__(self) -> None:
        _within("amount_tolerance_minor", self.amount_tolerance_minor, 0, MAX_TOLERANCE_MINOR)
        _within("days_before", self.days_before, 0, MAX_WINDOW_DAYS)
        _within("days_after", self.days_after, 0, MAX_WINDOW_DAYS)
        _within("netting_days", self.netting_days, 0, MAX_WINDOW_DAYS)
        _within("subset_rows", self.subset_rows, 0, MAX_SUBSET_ROWS)
        _within("fx_tolerance_bps", self.fx_tolerance_bps, 0, MAX_FX_TOLERANCE_BPS)
        _within("fx_max_age_days", self.fx_max_age_days, 0, MAX_WINDOW_DAYS)
        _within("description_threshold", self.description_threshold, 0, 100)
        percent = self.amount_tolerance_percent
        if not isinstance(percent, Decimal) or not percent.is_finite() or not 0 <= percent <= 100:
            raise RulesInvalid(
                "amount_tolerance_percent", f"{percent} is not between 0 and 100. Give a decimal number."
            )
        if self.scoring not in tuple(Scoring):
            raise RulesInvalid("scoring", f"{self.scoring} is not one of {', '.join(Scoring)}.")
        _passes(self.passes)

    @property
    def fx(self) -> FxTerms:
        """What amounts in different currencies are held against."""
        return FxTerms(rates=self.fx_rates, tolerance_bps=self.fx_tolerance_bps, max_age_days=self.fx_max_age_days)

    def as_dict(self) -> dict[str, Any]:
        """Every rule by name, with percent as a decimal string: the form stored, hashed and written to TOML."""
        return {f.name: _plain(getattr(self, f.name)) for f in fields(self)}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """The rules `as_dict` gave; a rule it did not know yet has its default. Raises RulesInvalid."""
        given = dict(stored)
        given["amount_tolerance_percent"] = Decimal(str(given["amount_tolerance_percent"]))
        if "passes" in given:
            given["passes"] = pass_names(given["passes"])
        if "fee_schedules" in given:
            given["fee_schedules"] = fee_schedules(given["fee_schedules"])
        if "fx_rates" in given:
            given["fx_rates"] = fx_rates(given["fx_rates"])
        if "aliases" in given:
            given["aliases"] = aliases(given["aliases"])
        return cls(**given)


def pass_names(given: object) -> tuple[PassName, ...]:
    """Names as text -> passes, in the same order. Raises RulesInvalid."""
    if not isinstance(given, list | tuple):
        raise RulesInvalid("passes", f"{given!r} is not a list of names.")
    for name in given:
        if name not in ALL_PASSES:
            raise RulesInvalid("passes", f"{name!r} is not one of {', '.join(ALL_PASSES)}.")
    return tuple(PassName(name) for name in given)


def fee_schedules(given: object) -> tuple[FeeSchedule, ...]:
    """Lines of text -> schedules, by currency and day. Raises RulesInvalid."""
    if not isinstance(given, list | tuple):
        raise RulesInvalid("fee_schedules", f"{given!r} is not a list of lines.")
    found = sorted((FeeSchedule.parse(line) for line in given), key=lambda one: (one.currency, one.from_on))
    for one, other in pairwise(found):
        if (one.currency, one.from_on) == (other.currency, other.from_on):
            raise RulesInvalid("fee_schedules", f"two fees in {one.currency} begin on {one.from_on}.")
    return tuple(found)


def _within(name: str, value: object, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise RulesInvalid(name, f"{value} is not a whole number from {low} to {high}.")


def _passes(given: Iterable[PassName]) -> None:
    names = pass_names(given)
    if not names:
        raise RulesInvalid("passes", "there is none. Switch at least one on.")
    if len(set(names)) != len(names):
        raise RulesInvalid("passes", f"{', '.join(names)} names one twice.")
    if PassName.LEFTOVERS in names[:-1]:
        raise RulesInvalid("passes", "leftovers is what no other pass could use, so it comes last.")


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return value if isinstance(value, int) else str(value)
