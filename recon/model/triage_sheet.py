"""The queue as a sheet that is worked on offline: the rows as they come back, and what becomes of each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRow:
    """One row of the sheet as it came back. `line` is the sheet's own row number.

    `assignee_then` and `reason_then` are what the export wrote: only what differs from them was edited. Texts are
    stripped, empty where nothing stands; `id` and `version` are None where they are no whole number.
    """

    line: int
    id: int | None
    version: int | None
    assignee_then: str
    reason_then: str
    assignee: str
    reason: str
    comment: str


class RowFate(StrEnum):
    """What became of one row of the sheet; the value is what a person reads."""

    APPLIED = "Applied"
    UNCHANGED = "Unchanged"
    CHANGED_MEANWHILE = "Changed meanwhile"
    NOT_OPEN = "Resolved already: reopen it first"
    UNKNOWN_REASON = "Unknown reason"
    UNKNOWN_PERSON = "Unknown person"
    LONG_COMMENT = "Comment too long"
    WORDS_MISSING = "Needs a comment: where it was corrected"
    NOT_BOOKED = "The books refuse it: do it on Triage"
    SECOND_PERSON = "Needs a second person"
    TWICE = "Stands in the sheet twice"
    NOT_FOUND = "Not found in this run"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowVerdict:
    """`by` names who changed the row meanwhile."""

    line: int
    id: int | None
    fate: RowFate
    by: str | None = None
