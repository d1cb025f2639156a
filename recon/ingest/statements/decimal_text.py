"""Amounts of formats whose standard has one decimal mark and no grouping, whichever mark a bank then uses."""

from __future__ import annotations

import re
from typing import Final

_AMOUNT: Final = re.compile(r"([+-]?)(\d*(?:[.,]\d+)*[.,]?)")


def plain_decimal(text: str) -> str:
    """A decimal with a point, or nothing when the text is no amount."""
    written = re.sub(r"\s", "", text)
    found = _AMOUNT.fullmatch(written)
    if found is None or not any(map(str.isdigit, written)):
        return ""
    last = max(written.rfind("."), written.rfind(","))
    whole, fraction = (found[2], "") if last < 0 else (written[len(found[1]) : last], written[last + 1 :])
    groups = re.split(r"[.,]", whole)
    if len(groups) > 1 and (written[last] in whole or any(len(group) != 3 for group in groups[1:])):
        return ""
    fraction = fraction.rstrip("0")
    digits = "".join(groups) or "0"
    return f"{found[1].replace('+', '')}{digits}.{fraction}" if fraction else found[1].replace("+", "") + digits
