"""What the sidecar sees to beside the runs: which checks there are, how often the settings want them, who makes them.

The checks themselves are not known here: `sidecar.py` brings them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from recon.config import Settings
from recon.model.checks import Category, CheckBook
from recon.model.schedule import Schedule, ScheduledCheck
from recon.store.schedules import SlotClaim


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """The checks, the command of the process that works on their slots, and what is recorded of a slot given up.

    The command is called with three more arguments: `internal` or `external`, the name to claim slots under, and the
    number of the process that started it. `record_given_up` runs in the transaction that gives the slot up.
    """

    checks: Sequence[ScheduledCheck]
    child: Sequence[str]
    record_given_up: Callable[[Connection, SlotClaim], None]


def schedules(settings: Settings, checks: Sequence[ScheduledCheck]) -> tuple[Schedule, ...]:
    """How often each check is due; one whose book is switched off is not among them.

    What belongs to no single book is due as long as any book's checks are.
    """
    found = ((check, _seconds(settings, check)) for check in checks)
    return tuple(
        Schedule(check=check, interval=timedelta(seconds=seconds)) for check, seconds in found if seconds is not None
    )


def _seconds(settings: Settings, check: ScheduledCheck) -> int | None:
    uae = settings.interval_seconds if settings.schedule_enabled else None
    india = settings.india_interval_seconds if settings.india_enabled else None
    cadence = {CheckBook.UAE: uae, CheckBook.INDIA: india, CheckBook.ALL: uae or india}[check.book]
    return settings.external_interval_seconds if cadence and check.category is Category.EXTERNAL else cadence
