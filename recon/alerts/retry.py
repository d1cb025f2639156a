"""What an answer means, and when a message that was not taken is tried again. Pure: time and chance come in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import Enum, auto
from typing import Final

DELAYS: Final = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=12),
)
"""After the first try, the second, and so on; the last one from then on."""

JITTER: Final = 0.2
LONGEST_WAIT: Final = timedelta(hours=24)
"""The most that is waited because the receiver asked for it."""

MAY_PASS: Final = frozenset({408, 425, 429})


class Meaning(Enum):
    """What an answer means for the message."""

    TAKEN = auto()
    TRY_AGAIN = auto()
    REFUSED = auto()


def meaning_of(status: int) -> Meaning:
    """Redirects are not followed: they count as a failure that may be mended."""
    if 200 <= status < 300:
        return Meaning.TAKEN
    if 400 <= status < 500 and status not in MAY_PASS:
        return Meaning.REFUSED
    return Meaning.TRY_AGAIN


def delay(try_count: int, *, chance: float, told_to_wait: timedelta | None = None) -> timedelta:
    """How long to wait after that many tries; `chance` is 0 to 1, and a receiver's wish is met but not undercut."""
    usual = DELAYS[min(try_count, len(DELAYS)) - 1] * (1 - JITTER + 2 * JITTER * chance)
    return usual if told_to_wait is None else max(usual, min(told_to_wait, LONGEST_WAIT))


def retry_after(header: str | None, *, now: datetime) -> timedelta | None:
    """The wait a `Retry-After` header asks for, in seconds or until a date; None when it asks for none we can read."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), LONGEST_WAIT.total_seconds()))
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    wait = (until if until.tzinfo else until.replace(tzinfo=UTC)) - now
    return max(wait, timedelta(0))
