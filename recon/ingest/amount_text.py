"""The grammar of one amount: blanks, signs, a currency and a number, in any order people write them.

    amount     = prefix number suffix          around the number: at most one sign, and its currency
    sign       = - + ( ) CR DR DB              before or after; two of them are refused, not multiplied out
    number     = digits with marks             `1,234.56` `1.234,56` `1 234,56` `1'234.56` `1,23,456.78` `.46` `12.`

Which of `.` and `,` is the decimal mark is never decided here: `decimals` says whether a number can be read with a
given one, and the column decides. Read a text in which every digit is a 9 and you have read all of that shape.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from recon.ingest.cells import BLANKS, clean
from recon.ingest.codes import ValueCode
from recon.ingest.currencies import CurrencyMark, read_mark

MAX_LENGTH: Final = 40

MINUS_SIGNS: Final = "-\u2212\u2010\u2011\u2013"
_PLACEHOLDER: Final = re.compile(rf"[{MINUS_SIGNS}\u2014]{{1,3}}")
_SPLIT: Final = re.compile(r"(?P<prefix>[^0-9]*?)(?P<number>[.,]?[0-9](?:.*[0-9])?[.,]?)(?P<suffix>[^0-9]*)", re.DOTALL)
_WORD: Final = re.compile(r"[^\W\d_]+[$¥₵]?\.?|\S")
_EXPONENT: Final = re.compile(r"[0-9.,]+[eE][+-]?[0-9]+")
_INDICATORS: Final = {"cr": 1, "dr": -1, "db": -1}

_SPACES: Final = " \u00a0\u202f\u2009\u2007\u2008"
_GROUPINGS: Final = {".": ("\\.", *_SPACES, "'", "\u2019"), ",": (",", *_SPACES, "'", "\u2019")}


def _number(decimal: str, grouping: str) -> re.Pattern[str]:
    """Numbers with this decimal mark, grouped by this mark or by blanks or apostrophes; group 1 is the decimals.

    A number that is only grouped begins with 1-9: nobody writes 123 as `0,123`. Lakh groups (`1,23,456`) and odd ones
    (`1,00.00`) are the comma's; odd groups need a decimal mark after them, or `1,00` would be read as a hundred.
    """
    point = re.escape(decimal)
    thousands = "|".join(rf"(?:{mark}[0-9]{{3}})+" for mark in _GROUPINGS[grouping])
    forms = [
        rf"[0-9]+(?:{point}([0-9]*))?",
        rf"{point}([0-9]+)",
        rf"[1-9][0-9]{{0,2}}(?:{thousands})(?:{point}([0-9]*))?",
    ]
    if grouping == ",":
        forms.append(rf"[1-9][0-9]?(?:,[0-9]{{2}})+,[0-9]{{3}}(?:{point}([0-9]*))?")
        forms.append(rf"[0-9]{{1,3}}(?:,[0-9]{{2,3}})+{point}([0-9]+)")
    return re.compile("|".join(forms))


_NUMBERS: Final = {".": _number(".", ","), ",": _number(",", ".")}


def decimals(number: str, mark: str) -> int | None:
    """How many decimals `number` has when `mark` (`.` or `,`) is the decimal mark; None when it cannot be."""
    found = _NUMBERS[mark].fullmatch(number)
    return None if found is None else len(next(filter(None, found.groups()), ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountText:
    """One amount taken apart: `sign` is +1 or -1; `indicator` is +1 for CR, -1 for DR or DB, else 0.

    `has_plus` where the text writes a plus out.
    """

    number: str
    sign: int
    has_plus: bool
    indicator: int
    currency: CurrencyMark | None


def read_amount(cell: str) -> AmountText | ValueCode:
    """The parts of one amount, or why it is none. Whether its marks fit a column is asked of `decimals`."""
    text = clean(cell)
    if not text:
        return ValueCode.AMOUNT_EMPTY
    if len(text) > MAX_LENGTH:
        return ValueCode.AMOUNT_TOO_LONG
    if _PLACEHOLDER.fullmatch(text):
        return ValueCode.AMOUNT_PLACEHOLDER
    parts = _SPLIT.fullmatch(text)
    if parts is None:
        return ValueCode.AMOUNT_NOT_A_NUMBER
    prefix, number, suffix = parts["prefix"], parts["number"], parts["suffix"]
    if prefix[-1:].isalpha() and number.startswith("."):  # Rs.500: the point ends an abbreviation
        prefix, number = f"{prefix}.", number[1:]
    if _EXPONENT.fullmatch(number):
        return ValueCode.AMOUNT_EXPONENT_FORM
    # `12,-` is twelve flat in German and minus twelve elsewhere.
    is_flat = number[-1] in ".," and suffix.strip(BLANKS).startswith(tuple(MINUS_SIGNS))
    if is_flat or (decimals(number, ".") is None and decimals(number, ",") is None):
        return ValueCode.AMOUNT_NOT_A_NUMBER
    return _dressed(number, prefix, suffix)


def _dressed(number: str, prefix: str, suffix: str) -> AmountText | ValueCode:
    """The amount with what stands around it understood: each word is a sign, an indicator or a currency."""
    signs: list[int] = []
    indicator = 0
    marks: list[CurrencyMark] = []
    for word in _WORD.findall(prefix) + _WORD.findall(suffix):
        if word in MINUS_SIGNS or word == "+":
            signs.append(1 if word == "+" else -1)
        elif (found := _INDICATORS.get(word.casefold().removesuffix("."))) is not None:
            signs.append(found)
            indicator = found
        elif (mark := read_mark(word)) is not None:
            marks.append(mark)
        elif word not in "()":
            return ValueCode.AMOUNT_NOT_A_NUMBER
    brackets = (prefix.count("("), prefix.count(")"), suffix.count("("), suffix.count(")"))
    if brackets == (1, 0, 0, 1):
        signs.append(-1)
    elif any(brackets):
        return ValueCode.AMOUNT_NOT_A_NUMBER
    if len(signs) > 1:
        return ValueCode.AMOUNT_DOUBLE_SIGN
    currency = _agreed(marks)
    if marks and currency is None:
        return ValueCode.CURRENCY_DISAGREES
    sign = signs[0] if signs else 1
    has_plus = sign == 1 and bool(signs) and not indicator
    return AmountText(number=number, sign=sign, has_plus=has_plus, indicator=indicator, currency=currency)


def _agreed(marks: list[CurrencyMark]) -> CurrencyMark | None:
    """The one meaning of a code and a symbol on the same amount (`$12 USD`); None when they exclude each other."""
    common = frozenset.intersection(*(mark.may_mean for mark in marks)) if marks else frozenset()
    decided = next((mark.decides for mark in marks if mark.decides), None)
    return CurrencyMark(decides=decided, may_mean=common) if common else None
