"""Broker JSON -> values, strictly: nothing is guessed, rounded or left out. Pure; a refusal completes "GTN ..."."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from decimal import Decimal
from typing import Any, Final

from recon.connectors.http import CallFailed
from recon.errors import UnknownCurrency
from recon.money import MAX_MINOR, exponent

TEXT_LIMIT: Final = 200
QUANTITY_PLACES: Final = 10
QUANTITY_DIGITS: Final = 18
DIGITS_LIMIT: Final = 40

_DECIMAL: Final = re.compile(r"(-?)([0-9]{1,40})(?:\.([0-9]{1,40}))?", re.ASCII)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def page(given: Any, named: str) -> tuple[list[Any], int, str | None]:
    """Items, the length of the whole list, and the cursor of the next page."""
    items, total, cursor = (field(given, part) for part in (named, "total_count", "next_cursor"))
    if not isinstance(items, list) or type(total) is not int or total < 0:
        raise CallFailed(f"sent a list of {named} that is not as agreed")
    return items, total, None if cursor is None else name(cursor)


def field(given: Any, named: str) -> Any:
    """A field of an object; one that is missing is not taken for empty."""
    if not isinstance(given, dict) or named not in given:
        raise CallFailed(f"sent an answer without {named}")
    return given[named]


def name(given: Any) -> str:
    """A short text without control characters."""
    if (
        not isinstance(given, str)
        or not given.strip()
        or len(given) > TEXT_LIMIT
        or any(unicodedata.category(char) in ("Cc", "Cs") for char in given)
    ):
        raise CallFailed("sent a name that is empty, too long or no text")
    return given


def path_name(given: Any) -> str:
    """A name that can be part of a path: `.` and `..` would lead elsewhere."""
    if name(given).strip(".") == "":
        raise CallFailed("sent a name that is none")
    return name(given)


def currency(given: Any) -> str:
    """An ISO 4217 code with a minor unit."""
    code = name(given)
    try:
        exponent(code)
    except UnknownCurrency:
        raise CallFailed(f"sent an amount in {code}, which is no currency we know") from None
    return code


def minor_units(given: Any, currency: str) -> int:
    """An amount in minor units; more decimals than the currency has are refused, trailing zeros apart."""
    sign, whole, decimals = _parts(given)
    places = exponent(currency)
    if len(decimals) > places:
        raise CallFailed(f"sent an amount with more decimals than {currency} has")
    minor = int(whole + decimals.ljust(places, "0"))
    if minor > MAX_MINOR:
        raise CallFailed("sent an amount too large to be one")
    return -minor if sign else minor


def quantity(given: Any) -> Decimal:
    """A number of units with at most ten decimals."""
    sign, whole, decimals = _parts(given)
    if len(decimals) > QUANTITY_PLACES or len(whole) > QUANTITY_DIGITS:
        raise CallFailed("sent a quantity too large or too precise to be one")
    return Decimal(f"{sign}{whole}.{decimals}" if decimals else f"{sign}{whole}")


def day(given: Any) -> date:
    """A day as YYYY-MM-DD."""
    if isinstance(given, str) and _DAY.fullmatch(given):
        try:
            return date.fromisoformat(given)
        except ValueError:
            pass
    raise CallFailed("sent a date that is none")


def _parts(given: Any) -> tuple[str, str, str]:
    """Sign, digits before and after the point, without zeros that say nothing; of a string or a JSON number."""
    match given:
        case str():
            text = given
        case bool():
            text = ""
        case int():
            text = str(given)
        case Decimal() if abs(given.adjusted()) <= DIGITS_LIMIT:
            text = f"{given:f}"
        case _:
            text = ""
    found = _DECIMAL.fullmatch(text)
    if found is None:
        raise CallFailed("sent an amount that is no plain decimal number")
    return found.group(1), found.group(2).lstrip("0") or "0", (found.group(3) or "").rstrip("0")
