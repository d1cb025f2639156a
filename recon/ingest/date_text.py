"""The grammar of one date, with or without a time: which bytes are day, month and year, and in which orders.

    date  = `2026-03-04` `4.3.2026` `4. 3. 2026` `03/04/2026` `20260304` `2019.04.19.` `2012:03:01` `12-Dec-2019`
            `Sep 3, 2026` `3 de marzo de 2026`, and all of these with a two-digit year
    time  = `10:11` `10:11:12` `10:11:12.345` `9:05 PM`, after a blank or a T
    zone  = `Z` `UTC` `GMT` `+05:30` `-0400`; another zone's letters are accepted and not resolved: EST is two zones

A text is read as its shape, every digit a 9: the grammar says where things are, the rows say what they are. Which of
several orders holds is decided by the column, not here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from recon.ingest.cells import clean
from recon.ingest.months import month_number

MAX_LENGTH: Final = 64

Positions = tuple[int, ...]


class DateOrder(StrEnum):
    """The order of day, month and year in writing."""

    DMY = "DMY"
    MDY = "MDY"
    YMD = "YMD"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeText:
    """Where a time of day stands; empty positions are not written. `half` is `a` or `p` of a twelve-hour clock.

    `offset_sign` is 0 without an offset; `is_utc` where the text says UTC, GMT or Z; `is_elsewhere` where it names
    another zone, in letters we do not resolve.
    """

    hour: Positions
    minute: Positions
    second: Positions
    fraction: Positions
    half: str
    offset_sign: int
    offset_hour: Positions
    offset_minute: Positions
    is_utc: bool
    is_elsewhere: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DateText:
    """One shape of date: its three parts in writing order, as byte positions of digits; a named month has none.

    `orders` are those that fit the widths: one where the year has four digits and comes first or the month is named,
    two for `03/04/2026`, three for `03/04/26`. Numbers with points (`is_dotted`) are day first wherever they are usual:
    no locale of CLDR writes the month first with points.
    """

    parts: tuple[Positions, Positions, Positions]
    named_month: int | None
    orders: tuple[DateOrder, ...]
    has_two_digit_year: bool
    is_dotted: bool
    time: TimeText | None


_TIME: Final = r"""
    (?: (?P<hour>9{1,2}) [:.h] (?P<minute>99) (?: [:.] (?P<second>99) (?: [.,:] (?P<fraction>9{1,9}) )? )?
      | (?P<hour2>99) (?P<minute2>99) (?P<second2>99)? )
    (?: [ ]? (?P<half>[ap])\.?[ ]?m\.? )?
    (?: [ ]? (?: (?P<utc>z|utc|gmt)? (?P<sign>[+\-−]) (?P<offset_hour>99) (?: :?(?P<offset_minute>99) )?
               | (?P<utc2>z|utc|gmt) | (?P<zone>[a-z]{2,5}) ) )?
"""
_GAP: Final = r"(?: [ ]*t[ ]* | ,?[ ]+ )"
_ORDINAL: Final = r"(?: st|nd|rd|th|er|º|° )?"
_OF: Final = r"(?: (?:de|del|of)[ ] )?"
_BETWEEN: Final = r"(?: [ ]*[-/.,][ ]* | [ ]+ )"
_FORMS: Final = tuple(
    re.compile(rf"{date} (?: {gap} {_TIME} )?", re.VERBOSE | re.IGNORECASE)
    for date, gap in (
        (r"(?P<a>9{1,4}) [ ]?(?P<separator>[-/.])[ ]? (?P<b>9{1,2}) [ ]?(?P=separator)[ ]? (?P<c>9{1,4}) \.?", _GAP),
        (r"(?P<a>9{1,4}) [ ] (?P<b>9{1,2}) [ ] (?P<c>9{1,4})", _GAP),
        (r"(?P<a>9999) : (?P<b>99) : (?P<c>99)", _GAP),
        (r"(?P<a>9999) (?P<b>99) (?P<c>99)", rf"{_GAP}?"),
        (
            rf"(?P<a>9{{1,4}}) {_ORDINAL} {_BETWEEN}? {_OF} (?P<b>[^\W\d_]+) \.? {_BETWEEN}? {_OF} (?P<c>9{{1,4}}) \.?",
            _GAP,
        ),
        (rf"(?P<b>[^\W\d_]+) \.? {_BETWEEN} (?P<a>9{{1,2}}) {_ORDINAL} {_BETWEEN} (?P<c>9{{2}}|9{{4}})", _GAP),
    )
)
_OTHER_ZONES: Final = frozenset(
    (
        *("acdt", "acst", "aedt", "aest", "akdt", "akst", "awst", "bst", "cat", "cdt", "cest", "cet", "cst", "eat"),
        *("edt", "eest", "eet", "est", "hkt", "hst", "ict", "ist", "jst", "kst", "mdt", "msk", "mst", "ndt", "nst"),
        *("nzdt", "nzst", "pdt", "pht", "pkt", "pst", "sast", "sgt", "trt", "wast", "wat", "west", "wet", "wib"),
    )
)


def read_date(shape: str) -> DateText | None:
    """Where day, month, year and time stand in a text of this shape; None when it is no date we know."""
    text = clean(shape)
    if len(text) > MAX_LENGTH or "9" not in text:
        return None
    for form in _FORMS:
        if (found := form.fullmatch(text)) is not None:
            return _date(found, _ByteAt(shape=shape, skipped=shape.index(text)))
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _ByteAt:
    """Positions of the digits of a group in the bytes of the whole cell; the match began at character `skipped`."""

    shape: str
    skipped: int

    def __call__(self, found: re.Match[str], *groups: str) -> Positions:
        group = next((name for name in groups if found[name]), None)
        if group is None:
            return ()
        first, last = found.span(group)
        start = len(self.shape[: self.skipped + first].encode())
        return tuple(range(start, start + last - first))


def _date(found: re.Match[str], at: _ByteAt) -> DateText | None:
    names = sorted("abc", key=found.start)
    widths = [len(found[name]) if found[name].isdigit() else 0 for name in names]
    named = None if all(widths) else month_number(found["b"])
    if (not all(widths) and named is None) or 3 in widths:
        return None
    orders = tuple(order for order in DateOrder if _fits(order, widths))
    time = _time(found, at) if found["hour"] or found["hour2"] else None
    if not orders or (found["zone"] and found["zone"].casefold() not in _OTHER_ZONES):
        return None
    first, second, third = (at(found, name) if found[name].isdigit() else () for name in names)
    return DateText(
        parts=(first, second, third),
        named_month=named,
        orders=orders,
        has_two_digit_year=4 not in widths,
        is_dotted=found.groupdict().get("separator") == ".",
        time=time,
    )


def _fits(order: DateOrder, widths: list[int]) -> bool:
    """True when parts of these widths (0: a named month) can stand in this order: years have 2 or 4 digits."""
    by_part = dict(zip(order, widths, strict=True))
    month_is_named = 0 in widths
    return by_part["Y"] in (2, 4) and by_part["D"] in (1, 2) and by_part["M"] in ((0,) if month_is_named else (1, 2))


def _time(found: re.Match[str], at: _ByteAt) -> TimeText:
    return TimeText(
        hour=at(found, "hour", "hour2"),
        minute=at(found, "minute", "minute2"),
        second=at(found, "second", "second2"),
        fraction=at(found, "fraction"),
        half=(found["half"] or "").casefold(),
        offset_sign=0 if not found["sign"] else 1 if found["sign"] == "+" else -1,
        offset_hour=at(found, "offset_hour"),
        offset_minute=at(found, "offset_minute"),
        is_utc=bool(found["utc2"]),
        is_elsewhere=bool(found["zone"]),
    )
