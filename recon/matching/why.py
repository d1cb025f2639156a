"""Why two rows were paired: what of them agrees and what does not, each as one plain sentence.

Nothing is kept from the match for this but its line in the table of matches; the rest is read off the two rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import pyarrow as pa

from recon.matching.explain import counted_days, rules_in_force, text_similarity
from recon.matching.folded import fold
from recon.matching.same_names import read_text
from recon.matching.tolerance import Tolerance
from recon.model.aliases import reader
from recon.model.fx import NO_RATE, Legs, rate_days
from recon.model.outcome import Pass
from recon.model.rules import Rules
from recon.money import to_display

_SHARED_ID: Final = {
    "payment_ref": "Both rows carry the same payment reference.",
    "txn_id": "Both rows carry the same ID.",
    "payment_ref=txn_id": "The source's payment reference is the reference row's ID.",
    "txn_id=payment_ref": "The source's ID is the reference row's payment reference.",
    "group_id": "Both rows carry the same group number.",
    "payment_ref=group_id": "The source's payment reference is the reference row's group number.",
    "group_id=payment_ref": "The source's group number is the reference row's payment reference.",
    "txn_id=group_id": "The source's ID is the reference row's group number.",
    "group_id=txn_id": "The source's group number is the reference row's ID.",
}
"""What `evidence` names where two rows share an id."""


_NUMBER: Final = {"group_id": "group number", "payment_ref": "payment reference", "txn_id": "ID"}

_FOLDED: Final = "The references are the same but for upper and lower case or leading zeros."


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One thing that was compared: a sentence, and whether it speaks for the pair."""

    text: str
    is_for: bool


def reasons(
    source: Mapping[str, Any], reference: Mapping[str, Any], match: Mapping[str, Any], rules: Rules
) -> tuple[Reason, ...]:
    """What speaks for and against a pair: rows by columns of TRANSACTION_SCHEMA, its line of MATCH_SCHEMA, its rules.

    Ids first, then amounts, dates and descriptions.
    """
    limits = rules_in_force(rules)
    evidence = match["evidence"].split("+")
    if match["pass"] == Pass.GROUPS:
        return _of_group(evidence)
    named = [Reason(text=text, is_for=True) for name, text in _SHARED_ID.items() if name in evidence]
    if not named and _share_folded_id(source, reference):
        named = [Reason(text=_FOLDED, is_for=True)]
    return (
        *named,
        _amounts(source, reference, match, limits),
        _dates(match["days"], limits, is_named=bool(named)),
        _texts(source, reference, match, limits),
        *_same_names(source, reference, rules),
    )


def _of_group(evidence: list[str]) -> tuple[Reason, ...]:
    """Of rows that a number ties: its columns, and whether they add up."""
    one, _, other = evidence[0].partition("=")
    key = f"The {_NUMBER[one]} of the source is the {_NUMBER[other or one]} of the reference."
    if "amount" in evidence:
        return Reason(text=key, is_for=True), Reason(text="Both sides come to the same amount.", is_for=True)
    if "fee" in evidence:
        return Reason(text=key, is_for=True), Reason(text="Less the fees, both come to the same amount.", is_for=True)
    return Reason(text=key, is_for=True), Reason(text="The two sides do not come to the same amount.", is_for=False)


def _share_folded_id(source: Mapping[str, Any], reference: Mapping[str, Any]) -> bool:
    ours, theirs = (
        set(fold(pa.array([row["payment_ref"], row["txn_id"]], pa.string())).to_pylist()) - {""}
        for row in (source, reference)
    )
    return bool(ours & theirs)


def _amounts(
    source: Mapping[str, Any], reference: Mapping[str, Any], match: Mapping[str, Any], limits: Rules
) -> Reason:
    one, other, currency = source["amount"], reference["amount"], source["currency"]
    if reference["currency"] != currency:
        return _exchange(source, reference, limits)
    if one == other:
        return Reason(text="The amounts are equal.", is_for=True)
    if one * other < 0:
        return Reason(text="The signs are opposite: one is money in, the other money out.", is_for=False)
    apart = f"The amounts differ by {to_display(abs(one - other), currency)}"
    ends, tolerance = (np.array([one]), np.array([other])), Tolerance.of(limits)
    if tolerance.accepts(*ends)[0]:
        allowed = to_display(int(tolerance.allowed(*ends)[0]), currency)
        return Reason(text=f"{apart}; up to {allowed} may be.", is_for=True)
    outweighed = ": the shared reference outweighs that" if match["pass"] == Pass.IDENTITY else ""
    return Reason(text=f"{apart}{outweighed}.", is_for=False)


def _exchange(source: Mapping[str, Any], reference: Mapping[str, Any], limits: Rules) -> Reason:
    """What the reference comes to in the source's currency, by the rate on record or for want of one."""
    legs = (_leg(0, source), _leg(1, reference))
    valued = limits.fx.value((source["currency"], reference["currency"]), *legs)
    theirs = to_display(reference["amount"], reference["currency"])
    if valued.rate[0] == NO_RATE:
        day = int(rate_days(legs[0].day, legs[1].day)[0])
        unknown = limits.fx.no_rate(source["currency"], reference["currency"], day)
        return Reason(text=f"There is {unknown} to hold {theirs} against: the shared id outweighs that.", is_for=False)
    rate = limits.fx.rates[int(valued.rate[0])]
    comes_to = f"{theirs} is {to_display(int(valued.expected[0]), source['currency'])} at {rate.told}"
    apart = f"{float(valued.bps[0]):,.1f} basis points apart, {limits.fx.tolerance_bps} may be"
    return Reason(text=f"{comes_to}: {apart}.", is_for=bool(valued.is_within[0]))


def _leg(currency: int, row: Mapping[str, Any]) -> Legs:
    values = (currency, (row["date"] - date(1970, 1, 1)).days, row["amount"])
    code, day, amount = (np.array([value], np.int64) for value in values)
    return Legs(currency=code, day=day, amount=amount)


def _same_names(source: Mapping[str, Any], reference: Mapping[str, Any], rules: Rules) -> tuple[Reason, ...]:
    """Which names were read as others before the texts were compared."""
    if not rules.aliases:
        return ()
    own = reader(rules.aliases)
    found = [one for row in (source, reference) for one in own.found(row["description"] or "")]
    return tuple(Reason(text=f"{said} was read as {meant}.", is_for=True) for said, meant in dict.fromkeys(found))


def _dates(days: int, limits: Rules, *, is_named: bool) -> Reason:
    if not days:
        return Reason(text="The dates are the same.", is_for=True)
    apart = f"The reference is dated {counted_days(abs(days))} {'after' if days > 0 else 'before'} the source"
    if -limits.days_before <= days <= limits.days_after:
        allowed = counted_days(limits.days_after if days > 0 else limits.days_before)
        return Reason(text=f"{apart}; up to {allowed} may be.", is_for=True)
    return Reason(text=f"{apart}{': the shared reference outweighs that' if is_named else ''}.", is_for=False)


def _texts(source: Mapping[str, Any], reference: Mapping[str, Any], match: Mapping[str, Any], limits: Rules) -> Reason:
    alike = match["similarity"]
    if alike is None:
        alike = text_similarity(*(read_text(row["description"], limits.aliases) for row in (source, reference)))
    if alike is None:
        return Reason(text="There is no description on both sides to compare.", is_for=False)
    asked = limits.description_threshold
    if alike == 100:
        return Reason(text="The descriptions have the same words.", is_for=True)
    if alike >= asked:
        return Reason(
            text=f"The descriptions are {alike} % alike{f'; {asked} % is enough' if asked else ''}.", is_for=True
        )
    return Reason(text=f"The descriptions are only {alike} % alike.", is_for=False)
