"""What a person may do with a discrepancy, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

COMMENT_LIMIT: Final = 2_000
"""Characters of a comment."""


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
    DISMISSED = "dismissed"  # looked at, nothing to do


class Move(StrEnum):
    """What can be done to a discrepancy; the value is the event's name for it."""

    RESOLVE = "resolved"
    REOPEN = "reopened"
    COMMENT = "commented"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One decision on one or many discrepancies. `action_key` is made when the form is drawn: sent twice, done once."""

    move: Move
    resolution: Resolution | None = None
    comment: str = ""
    action_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A discrepancy as the person who decides saw it."""

    id: int
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """A discrepancy as it stands, locked: `is_done` when this very command was carried out before."""

    id: int
    run_id: int
    version: int
    status: DiscrepancyStatus
    changed_by: str | None
    changed_at: datetime | None
    is_done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a command does: to whom it applies, and to whom not, and why. Every id asked for is in exactly one."""

    move: Move
    applied: tuple[int, ...] = ()
    repeated: tuple[int, ...] = ()  # done by the first sending of the same command
    conflicts: tuple[Current, ...] = ()  # changed by someone since they were shown
    not_allowed: tuple[int, ...] = ()  # resolved already, or open already
    gone: tuple[int, ...] = ()  # no longer part of a published run

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
        return ", ".join(parts) + "."


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
