"""A size as a person types it into a filter."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any


def typed_size(text: str | None, place: Any) -> Decimal | None:
    """The size in major units, None where none is typed; what is not one is said in `place`, and left out."""
    if not text or not text.strip():
        return None
    try:
        size = Decimal(text.strip().replace(",", "").replace(" ", ""))
    except InvalidOperation:
        size = Decimal("NaN")
    if not size.is_finite() or size < 0:
        place.caption(":orange[Not an amount: write it like 1,250.00]")
        return None
    return size
