"""What a person may do with a discrepancy, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from recon.model.correction import Correction
from recon.money import exponent

COMMENT_LIMIT: Final = 2_000
"""Characters of a comment."""

ASSIGNEE_LIMIT: Final = 80
"""Characters of a person's name."""

ENTRIES_SAID: Final = 3
"""Numbers of entries in a sentence; more are counted."""

DUE_AFTER: Final = ((10_000, 2), (1_000, 5), (0, 10))
"""From this size on, in major units of the row's own currency, a discrepancy is due so many days after its date."""


def due_on(dated: date, gross: int, currency: str) -> date:
    """The day by which a discrepancy should be resolved: the larger, the sooner. `gross` in minor units."""
    unit = 10 ** exponent(currency)
    return dated + timedelta(days=next(days for size, days in DUE_AFTER if gross >= size * unit))


class DiscrepancyStatus(StrEnum):
    OPEN = "open"
    RESOLVED = "resolved"


class Resolution(StrEnum):
    """How a discrepancy ended."""

    MATCHED = "matched"  # the counterpart was found by hand
    ADJUSTED = "adjusted"  # a correction was booked
    WRITTEN_OFF = "written_off"  # the difference is accepted as a loss or gain
    TIMING = "timing"  # the other side follows in a later period
    DATA_ISSUE = "data_issue"  # an export is wrong or incomplete
    CODE_ISSUE = "code_issue"  # a system books wrongly
    FEE = "fee"  # somebody kept a fee
    FX = "fx"  # exchange rates differ
    ROUNDING = "rounding"  # cents lost or won by rounding
    FRAUD = "fraud"  # suspected, and reported
    DISMISSED = "dismissed"  # looked at, nothing to do


class Move(StrEnum):
    """What can be done to a discrepancy; the value is the event's name for it."""

    RESOLVE = "resolved"
    REOPEN = "reopened"
    COMMENT = "commented"
    ASSIGN = "assigned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One decision on one or many discrepancies. `action_key` is made when the form is drawn: sent twice, done once.

    `assignee` is whom they are assigned to; None takes them back into the queue of nobody. `correction` says how what
    is adjusted was put right; None: elsewhere, and the comment says where.
    """

    move: Move
    resolution: Resolution | None = None
    comment: str = ""
    assignee: str | None = None
    correction: Correction | None = None
    action_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A discrepancy as the person who decides saw it."""

    id: int
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """A discrepancy as it stands, locked: `is_done` when this very command was carried out before.

    `correction`: how it was adjusted, where it is.
    """

    id: int
    run_id: int
    version: int
    status: DiscrepancyStatus
    changed_by: str | None
    changed_at: datetime | None
    is_done: bool
    resolution: str | None = None
    comment: str | None = None
    assignee: str | None = None
    correction: Correction | None = None

    @property
    def seen(self) -> Seen:
        return Seen(id=self.id, version=self.version)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One command, on discrepancies as they have to be for it."""

    command: Command
    seen: tuple[Seen, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a command does: to which it applies, and to which not, and why. Every id asked for is in exactly one tuple.

    `stood` says how those it applies to stood before; `entry_ids` are the journal entries it posted, reversals too, and
    `unposted` the currencies in which it posted none, because no accounts are named for them.
    """

    move: Move
    applied: tuple[int, ...] = ()
    repeated: tuple[int, ...] = ()  # done before: by the first sending of the same command, or assigned so already
    conflicts: tuple[Current, ...] = ()  # changed by someone since they were shown
    not_allowed: tuple[int, ...] = ()  # resolved already, or open already
    gone: tuple[int, ...] = ()  # no longer part of a published run
    stood: tuple[Current, ...] = ()
    entry_ids: tuple[int, ...] = ()
    unposted: tuple[str, ...] = ()

    @property
    def updated_count(self) -> int:
        return len(self.applied) + len(self.repeated)

    @property
    def asked_count(self) -> int:
        return self.updated_count + len(self.conflicts) + len(self.not_allowed) + len(self.gone)

    @property
    def is_complete(self) -> bool:
        """Whether everything asked for is done."""
        return self.updated_count == self.asked_count

    @property
    def is_undoable(self) -> bool:
        """Whether anything was done that a later decision can take back; what was said stays."""
        return bool(self.stood) and self.move is not Move.COMMENT

    def sentence(self) -> str:
        """`3 of 5 updated, 2 were changed by j.okafor.`: plain text, with names as they were entered."""
        parts = [_done(self)]
        if self.conflicts:
            who = _names(c.changed_by or "someone else" for c in self.conflicts)
            parts.append(f"{_were(len(self.conflicts))} changed by {who}")
        if self.not_allowed:
            state = "open" if self.move is Move.REOPEN else "resolved"
            parts.append(f"{_were(len(self.not_allowed))} already {state}")
        if self.gone:
            parts.append(f"{_were(len(self.gone))} replaced by a newer run")
        return ", ".join(parts) + "." + _booked(self)


def _booked(verdict: Verdict) -> str:
    """What it did in the journal."""
    said = ""
    if verdict.entry_ids:
        which = "entry" if len(verdict.entry_ids) == 1 else "entries"
        numbers = ", ".join(map(str, verdict.entry_ids[:ENTRIES_SAID]))
        more = len(verdict.entry_ids) - ENTRIES_SAID
        done = "Reversed by" if verdict.move is Move.REOPEN else "Posted"
        said = f" {done} {which} {numbers}{f' and {more:,} more' if more > 0 else ''}."
    if verdict.unposted:
        said += f" Nothing is posted in {' and '.join(verdict.unposted)}: no accounts are named."
    return said


def _done(verdict: Verdict) -> str:
    verb = "commented on" if verdict.move is Move.COMMENT else str(verdict.move)
    if verdict.is_complete and verdict.asked_count == 1:
        return verb.capitalize()
    if verdict.is_complete:
        return f"All {verdict.asked_count:,} {verb}"
    return f"{verdict.updated_count:,} of {verdict.asked_count:,} {verb}"


def _were(number: int) -> str:
    return f"{number:,} {'was' if number == 1 else 'were'}"


def _names(names: Iterable[str]) -> str:
    *others, last = sorted(set(names))
    return f"{', '.join(others)} and {last}" if others else last
