"""A cell of a sheet as the text the rest of reading works on: exact, whatever the locale of the sheet.

A number becomes a plain decimal of the digits Excel stored; a number of more than 15 digits is one Excel has rounded,
and is written in exponent form, so that nothing takes it for an id. A date becomes ISO 8601.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

EXACT_DIGITS: Final = 15
_ARTEFACT: Final = Decimal("1e-9")
_MONEY_STEP: Final = Decimal("0.0001")
_MILLISECOND: Final = 1000

CellValue = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Valueless:
    """A cell that shows an error, or a formula whose result was not stored."""

    shown: str


def is_typed(value: CellValue | Valueless) -> bool:
    """Whether the sheet held a number or a date, not text."""
    return isinstance(value, int | float | dt.date) and not isinstance(value, bool)


def cell_text(value: CellValue | Valueless) -> str:
    """The cell as text; an empty one is ""."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "TRUE" if value else "FALSE"
        case int() | float():
            return number_text(value)
        case dt.datetime():
            return _instant_text(value)
        case Valueless():
            return value.shown
        case _:
            return str(value)


def number_text(value: int | float) -> str:
    """A stored number as a plain decimal: `Decimal(repr(x))`, without the dust a binary sum leaves below 1e-9."""
    if abs(value) >= 10**EXACT_DIGITS:
        return f"{float(value):.14E}"
    exact = Decimal(repr(value))
    rounded = exact.quantize(_MONEY_STEP)
    if rounded != exact and abs(rounded - exact) < _ARTEFACT:
        exact = rounded
    text = format(exact, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _instant_text(value: dt.datetime) -> str:
    """ISO date, with the time to the second unless it is midnight: days as fractions are not exact below that."""
    if value.microsecond > 1_000_000 - _MILLISECOND:
        value += dt.timedelta(microseconds=1_000_000 - value.microsecond)
    value = value.replace(microsecond=0, tzinfo=None)
    return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ")
