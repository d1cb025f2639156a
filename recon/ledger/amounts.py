"""Amounts as commands write them: plain decimal strings. Nothing is guessed and nothing rounded.

No thousands separators, exponents, plus signs, NaN or digits of other scripts; no more decimals than the currency has,
zeros included: `100.500` may have been meant as a hundred thousand.
"""

from __future__ import annotations

import re
from typing import Final

from recon.ledger.refusals import AmountTooLarge, AmountTooPrecise, AmountUnreadable
from recon.money import MAX_MINOR, exponent

_FORM: Final = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?")
_DIGITS_MAX: Final = 40


def parse_amount(amount: str, currency: str) -> int:
    """Minor units of a signed decimal string; raises a refusal, or UnknownCurrency."""
    places = exponent(currency)
    found = _FORM.fullmatch(amount) if isinstance(amount, str) else None
    if found is None:
        raise AmountUnreadable(amount)
    sign, whole, decimals = found.group(1), found.group(2), found.group(3) or ""
    if len(whole) > _DIGITS_MAX:
        raise AmountTooLarge(amount)
    if len(decimals) > places:
        raise AmountTooPrecise(amount[: 2 * _DIGITS_MAX], currency, places)
    minor = int(whole + decimals.ljust(places, "0"))
    if minor > MAX_MINOR:
        raise AmountTooLarge(amount)
    return -minor if sign else minor
