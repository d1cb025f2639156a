"""When a check is due, in words."""

from __future__ import annotations

from datetime import UTC, datetime

from recon.queries.timetable import CheckClock
from recon.ui.format import when


def due_text(clock: CheckClock | None, *, now: datetime) -> str:
    """`next 10:00`, `next 21 Nov`, `overdue since 09:00`; nothing for what no timetable makes. Markdown."""
    if clock is None or not clock.is_enabled or clock.next_due_at is None:
        return ""
    if clock.is_overdue:
        return f":orange[:material/alarm: overdue since {when(clock.next_due_at, now=now)}]"
    return f"next {short(clock.next_due_at, now=now)}" if clock.next_due_at > now else "due now"


def short(at: datetime, *, now: datetime) -> str:
    """`10:00` today, else `21 Nov`; in UTC."""
    at = at.astimezone(UTC)
    return f"{at:%H:%M}" if at.date() == now.astimezone(UTC).date() else f"{at.day} {at:%b}"
