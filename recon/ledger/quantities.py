"""Quantities as commands write them: plain decimal strings, exact, of at most ten decimals. Nothing is rounded."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from recon.ledger.books_refusals import QuantityTooLarge, QuantityTooPrecise, QuantityUnreadable

PLACES_MAX: Final = 10
DIGITS_MAX: Final = 18
_FORM: Final = re.compile(r"-?([0-9]+)(?:\.([0-9]+))?")


def parse_quantity(quantity: str) -> Decimal:
    """The exact value of a signed decimal string, without trailing zeros; raises a refusal."""
    found = _FORM.fullmatch(quantity) if isinstance(quantity, str) else None
    if found is None:
        raise QuantityUnreadable(quantity)
    if len(found.group(1).lstrip("0")) > DIGITS_MAX:
        raise QuantityTooLarge(quantity)
    if len(found.group(2) or "") > PLACES_MAX:
        raise QuantityTooPrecise(quantity, most=PLACES_MAX)
    value = Decimal(plain(quantity))
    return value if value else Decimal(0)


def plain(quantity: str | Decimal) -> str:
    """Without trailing zeros: `12.50` is `12.5`. By its text, because arithmetic on Decimals may round."""
    text = quantity if isinstance(quantity, str) else f"{quantity:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
