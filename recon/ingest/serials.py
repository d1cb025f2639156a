"""Spreadsheet day numbers -> dates, for columns that are declared to hold them; a bare 46024 is never a date by itself.

Excel's 1900 system counts a 29 February 1900 that never was, as Lotus 1-2-3 did: serial 60 is no day, and later ones
are one off. The 1904 system (old Mac workbooks) counts from 1 January 1904 as 0.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

MAX_SERIAL: Final = 2_958_465
"""31 December 9999, the last day a spreadsheet knows, in the 1900 system."""
_DAYS_FROM_1900_TO_1904: Final = 1462
_FAKE_LEAP_DAY: Final = 60


def excel_serial_to_date(serial: int, *, is_1904: bool) -> date | None:
    """The day of a whole serial number, or None where there is none (0, 60 and negatives in the 1900 system)."""
    if is_1904:
        in_range = 0 <= serial <= MAX_SERIAL - _DAYS_FROM_1900_TO_1904
        return date(1904, 1, 1) + timedelta(days=serial) if in_range else None
    if not 1 <= serial <= MAX_SERIAL or serial == _FAKE_LEAP_DAY:
        return None
    return date(1899, 12, 31) + timedelta(days=serial - (serial > _FAKE_LEAP_DAY))
