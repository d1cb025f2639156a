"""What a search of the workbench's rows may say: words of ids and texts, amounts, and days.

Rule kept: each part must fit. An amount is a size in the row's own currency, to the cent (`1,250.80`) or without cents
(`1,250`); a day has its month by name or stands as `2026-11-15` or `2026-11`, so that none can be read two ways.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, func, or_

from recon.money import exponents
from recon.store.settlement_tables import workbench_row

_PARTS: Final = 8
"""Parts of a search that count."""

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WORD: Final = re.compile(r"\S{1,100}")
_AMOUNT: Final = re.compile(r"[-\u2212]?\d[\d,]*(?:\.\d{1,4})?", re.ASCII)
_ISO: Final = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?", re.ASCII)
_NAMED: Final = re.compile(rf"\b(\d{{1,2}})\s+({'|'.join(_MONTHS)})[a-z]*(?:\s+(\d{{4}}))?\b", re.ASCII | re.IGNORECASE)


def fits(search: str) -> list[ColumnElement[bool]]:
    """What a row must meet to fit the search."""
    days = [_named(found) for found in _NAMED.finditer(search)]
    words = _WORD.findall(_NAMED.sub(" ", search))
    return [*days, *map(_says, words)][:_PARTS]


def size_in_minor(size: Decimal) -> ColumnElement[Any]:
    """A size in major units, in minor units of each row's currency."""
    units = {2: size.scaleb(2), 0: size, 3: size.scaleb(3), 4: size.scaleb(4)}
    codes = {places: [code for code, own in exponents().items() if own == places] for places in (0, 3, 4)}
    return case(*((workbench_row.c.currency.in_(codes[places]), units[places]) for places in codes), else_=units[2])


def texts() -> ColumnElement[str]:
    """Everything a row says, as one text."""
    w = workbench_row.c
    return func.concat_ws(" ", w.txn_id, w.payment_ref, w.description, w.counterparty)


def _says(word: str) -> ColumnElement[bool]:
    said = texts().icontains(word, autoescape=True)
    if (days := _days(word)) is not None:
        return or_(said, workbench_row.c.date.between(*days))
    if _AMOUNT.fullmatch(word):
        return or_(said, _is_about(word.lstrip("-\u2212").replace(",", "")))
    return said


def _is_about(digits: str) -> ColumnElement[bool]:
    """`2560.80` is that size; `2560` everything from it to below 2561."""
    size, own = Decimal(digits), func.abs(workbench_row.c.open_amount)
    if "." in digits:
        return own == size_in_minor(size)
    return and_(own >= size_in_minor(size), own < size_in_minor(size + 1))


def _days(word: str) -> tuple[date, date] | None:
    """First and last day of `2026-11-15` or `2026-11`; None for what is no day."""
    found = _ISO.fullmatch(word)
    if found is None:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        assert year is not None
        assert month is not None
        return date(year, month, day or 1), date(year, month, day or monthrange(year, month)[1])
    except ValueError:
        return None


def _named(found: re.Match[str]) -> ColumnElement[bool]:
    """`15 Nov`, in any year that is not said."""
    day, month, year = found.groups()
    own = workbench_row.c.date
    parts = [func.extract("day", own) == int(day), func.extract("month", own) == _MONTHS.index(month.lower()) + 1]
    return and_(*parts, *([func.extract("year", own) == int(year)] if year else []))
