"""The rules of a run in plain language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from recon.model.rules import ALL_PASSES, Rules, Scoring
from recon.money import exponent
from recon.ui.format import counted, money, plain
from recon.ui.pass_words import passes_sentence

_USUAL: Final = Rules()
_NAMED: Final = 3
_LEARNED: Final = (
    "Rows without a common reference or an equal amount and date are weighed by what matches look like in these files:"
    " amounts may differ by up to 15 %, dates by up to 31 days."
)


def rules_sentences(rules: Mapping[str, Any], currencies: Sequence[str] = ()) -> tuple[str, ...]:
    """One sentence a rule, of rules as `Rules.as_dict` stores them; a rule of a later version is named as it is.

    A tolerance in minor units is told in the `currencies` it applies to.
    """
    known = {
        "amount_tolerance_minor",
        "amount_tolerance_percent",
        "days_before",
        "days_after",
        "description_threshold",
        "scoring",
        "passes",
        "netting_days",
        "subset_rows",
        "fee_schedules",
        "fx_rates",
        "fx_tolerance_bps",
        "fx_max_age_days",
        "aliases",
    }
    others = tuple(f"{plain(name)}: {plain(value)}." for name, value in rules.items() if name not in known)
    others = (*_fees(rules), *_rates(rules), *_same_names(rules), *others)
    if order := passes_sentence(rules.get("passes", ALL_PASSES)):
        others = (order, *others)
    if rules.get("subset_rows"):
        others = (*others, f"Up to {counted(rules['subset_rows'], 'row')} together may make up one of the other side.")
    if rules.get("netting_days", _USUAL.netting_days) != _USUAL.netting_days:
        others = (*others, f"A reversal cancels its charge up to {counted(rules['netting_days'], 'day')} apart.")
    if rules.get("scoring") == Scoring.LEARNED:
        return (_LEARNED, *others)
    return (_amount(rules, currencies), _dates(rules), _description(rules), *others)


def _fees(rules: Mapping[str, Any]) -> tuple[str, ...]:
    schedules = ", ".join(plain(line) for line in rules.get("fee_schedules", ()))
    return (f"Fees may be kept back: {schedules}.",) if schedules else ()


def _rates(rules: Mapping[str, Any]) -> tuple[str, ...]:
    rates = ", ".join(plain(line) for line in rules.get("fx_rates", ()))
    if not rates:
        return ()
    apart = rules.get("fx_tolerance_bps", _USUAL.fx_tolerance_bps)
    age = rules.get("fx_max_age_days", _USUAL.fx_max_age_days)
    old = f", and a rate holds for {counted(age, 'day')} at most" if age else ""
    near = f"up to {counted(apart, 'basis point')} from the rate" if apart else "exactly what the rate says"
    return (f"Currencies are held against each other by these rates: {rates}. Amounts may be {near}{old}.",)


def _same_names(rules: Mapping[str, Any]) -> tuple[str, ...]:
    """The first few aliases, and how many more there are."""
    lines = [plain(line) for line in rules.get("aliases", ())]
    if not lines:
        return ()
    more = f" and {len(lines) - _NAMED:,} more" if len(lines) > _NAMED else ""
    return (f"Names of one party: {', '.join(lines[:_NAMED])}{more}.",)


def _amount(rules: Mapping[str, Any], currencies: Sequence[str]) -> str:
    minor, percent = int(rules["amount_tolerance_minor"]), str(rules["amount_tolerance_percent"])
    parts = []
    if minor:
        parts.append(_in_each(minor, currencies))
    if percent != "0":
        parts.append(f"{percent} % of the larger amount")
    if not parts:
        return "Amounts must be equal to the last digit."
    return f"Amounts may differ by up to {', or '.join(parts)}{', whichever is more' if len(parts) > 1 else ''}."


def _in_each(minor: int, currencies: Sequence[str]) -> str:
    """`0.50 EUR (50 JPY, 0.050 KWD)`: one currency for each number of decimals among them."""
    by_decimals: dict[int, str] = {}
    for currency in currencies or ("EUR", "JPY"):
        by_decimals.setdefault(exponent(currency), currency)
    first, *others = [money(minor, currency) for currency in by_decimals.values()]
    return f"{first} ({', '.join(others)})" if others else first


def _dates(rules: Mapping[str, Any]) -> str:
    before, after = int(rules["days_before"]), int(rules["days_after"])
    if not before and not after:
        return "Dates must be the same, unless both sides carry the same reference."
    if before == after:
        return f"The reference may be dated up to {counted(before, 'day')} before or after the source."
    if not before or not after:
        where = "after" if after else "before"
        return f"The reference may be dated up to {counted(before or after, 'day')} {where} the source."
    return (
        f"The reference may be dated from {counted(before, 'day')} before to {counted(after, 'day')} after the source."
    )


def _description(rules: Mapping[str, Any]) -> str:
    return f"Rows without a common reference need descriptions at least {rules['description_threshold']} % alike."
