"""A feed, which is one side of a reconciliation: what was decided about its files, when they are due, what came."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, Final

from recon.model.reading import Mapping
from recon.model.transactions import Side

NOTHING_DECIDED: Final = Mapping()
"""The mapping of a feed without one, or whose mapping was forgotten."""

SEPARATOR: Final = " / "


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedMapping:
    """One version of a feed's mapping, from 1 up."""

    version: int
    mapping: Mapping
    created_at: datetime
    created_by: str

    @property
    def is_forgotten(self) -> bool:
        """Whether it says nothing: the feed's files are read as if none had come before."""
        return self.mapping == NOTHING_DECIDED


class Every(StrEnum):
    """How often a feed's file is expected."""

    BUSINESS_DAY = "business_day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """When a feed's file is expected: by `by` on the clocks of `zone` (IANA).

    `calendar` (recon.calendar) counts for business days. `day` is the weekday of a weekly file (1 is Monday) or the day
    of the month of a monthly one, whose last day counts where the month is shorter.
    """

    every: Every
    by: time
    zone: str
    calendar: str = ""
    day: int = 1

    def document(self) -> dict[str, Any]:
        """As JSON takes it."""
        return {
            "every": self.every.value,
            "by": self.by.isoformat("minutes"),
            "zone": self.zone,
            "calendar": self.calendar,
            "day": self.day,
        }

    @classmethod
    def of(cls, document: MappingType[str, Any]) -> Arrival:
        """What a document holds."""
        return cls(**{**document, "every": Every(document["every"]), "by": time.fromisoformat(document["by"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """What one file of a feed states about one account and currency: days, and balances in minor units.

    `opening` and `closing` are None where the file states none.
    """

    upload_id: int
    filename: str
    came_at: datetime
    account: str | None
    currency: str
    first_on: date
    last_on: date
    opening: int | None
    closing: int | None


class LinkState(StrEnum):
    """How a file stands to the one before it."""

    CONTINUES = "continues"
    DIFFERS = "differs"  # the balance moved between the two: a file is missing, or one of them is wrong
    OVERLAPS = "overlaps"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Two files of one account and currency, one after the other."""

    before: Period
    after: Period
    state: LinkState

    @property
    def difference(self) -> int:
        """Opening balance of the later file - closing balance of the earlier; minor units."""
        assert self.before.closing is not None
        assert self.after.opening is not None
        return self.after.opening - self.before.closing

    @property
    def gap_days(self) -> int:
        """Days that neither file has a row of; a balance that did not move says that nothing is missing there."""
        return max((self.after.first_on - self.before.last_on).days - 1, 0)

    def touches(self, upload_id: int) -> bool:
        """Whether one of the two is that upload."""
        return upload_id in (self.before.upload_id, self.after.upload_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedWith:
    """An earlier file of the feed, and how many rows of a later one were in it already."""

    upload_id: int
    filename: str
    came_at: datetime
    row_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedRows:
    """Of `row_count` rows of a file, `known_count` were in other files of its feed before."""

    row_count: int
    known_count: int
    files: tuple[SharedWith, ...]


def feed_name(reconciliation: str, side: Side) -> str:
    """`Bank vs ledger / source`: the feed on that side of that reconciliation."""
    return f"{reconciliation}{SEPARATOR}{side}"
