"""The instant of each row: from its date cell, or from a time and a time zone in columns of their own.

The booking date is always the date as written. An instant needs a zone that means one thing: an offset, UTC, an IANA
name such as `Europe/Berlin`, or one of the names Square shows for one; `PST` is several zones and gives none, and
neither does a time we cannot read.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pyarrow as pa
import pyarrow.compute as pc

from recon.ingest.aliases import Role
from recon.ingest.cells import clean_column
from recon.ingest.columns import Columns
from recon.ingest.date_order import DateFormat
from recon.ingest.dates import ParsedDates, parse_dates
from recon.ingest.grid import Grid

_CLOCK: Final = r"^[0-9]{1,2}[:.h][0-9]{2}(?:[:.][0-9]{2})?(?:[.,][0-9]+)?(?: ?[aApP]\.?[mM]\.?)?$"
UTC_NAME: Final = re.compile(r"(?<![^\W_])utc(?![^\W_])", re.I)
"""A column name that says its times are UTC: `created_utc`, `Date (UTC)`."""
_SHOWN_NAMES: Final = {
    "Eastern Time (US & Canada)": "America/New_York",
    "Central Time (US & Canada)": "America/Chicago",
    "Mountain Time (US & Canada)": "America/Denver",
    "Pacific Time (US & Canada)": "America/Los_Angeles",
    "Atlantic Time (Canada)": "America/Halifax",
    "Arizona": "America/Phoenix",
    "Alaska": "America/Juneau",
    "Hawaii": "Pacific/Honolulu",
    "Newfoundland": "America/St_Johns",
    "Saskatchewan": "America/Regina",
    "London": "Europe/London",
    "Dublin": "Europe/Dublin",
    "Paris": "Europe/Paris",
    "Madrid": "Europe/Madrid",
    "Tokyo": "Asia/Tokyo",
    "Sydney": "Australia/Sydney",
    "Melbourne": "Australia/Melbourne",
    "Brisbane": "Australia/Brisbane",
    "Adelaide": "Australia/Adelaide",
    "Perth": "Australia/Perth",
}
"""Zones by the names Square's exports show, in the countries where it sells."""
_OFFSET: Final = r"^(?:(?:UTC|GMT)? ?[+-][0-9]{2}:?[0-9]{2}|UTC|GMT|Z)$"


def instants(
    grid: Grid, columns: Columns, fmt: DateFormat, dates: ParsedDates, today: date, *, zone: str | None = None
) -> pa.Array:
    """The instants (rows, timestamp[us, UTC]) of `dates`, filled from the time column where their text has none.

    `zone` is the feed's, for times whose zone no column and no header names.
    """
    position = columns.roles.get(Role.TIME)
    if position is None or dates.at.null_count == 0:
        return dates.at
    days, times = (clean_column(grid.column(i)) for i in (columns.roles[Role.DATE], position))
    zones = _zones(grid, columns, len(times), zone or "")
    at = dates.at
    has_time = pc.and_(pc.match_substring_regex(times, _CLOCK), pc.is_null(at))
    for named in pc.unique(zones.filter(has_time)).to_pylist():
        rows = pc.and_(has_time, pc.equal(zones, named))
        is_offset = pc.match_substring_regex(pa.scalar(named), _OFFSET).as_py()
        iana = _SHOWN_NAMES.get(named, named)
        if not is_offset and not _is_iana(iana):
            continue
        suffix = pa.scalar(f" {named}" if is_offset else "")
        text = pc.if_else(rows, pc.binary_join_element_wise(days, times, " "), "")
        text = pc.if_else(rows, pc.binary_join_element_wise(text, suffix, ""), "")
        found = parse_dates(text, fmt, today, zone=None if is_offset else iana)
        at = pc.coalesce(at, found.at)
    return at if isinstance(at, pa.Array) else at.combine_chunks()


def _zones(grid: Grid, columns: Columns, row_count: int, otherwise: str) -> pa.ChunkedArray:
    position = columns.roles.get(Role.TIME_ZONE)
    if position is not None:
        return clean_column(grid.column(position))
    named = any(UTC_NAME.search(columns.names[columns.roles[role]]) for role in (Role.DATE, Role.TIME))
    return pa.chunked_array([pa.repeat("UTC" if named else otherwise, row_count)])


@cache
def _is_iana(name: str) -> bool:
    if "/" not in name:
        return False
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
