"""What clears a discrepancy in the books: a write-off, or a correction, and the journal entry behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID


class Booking(StrEnum):
    """Where what is written off or adjusted is in the books."""

    POSTED = "posted"  # an entry of its own, posted with the decision and reversed with it
    NAMED = "named"  # an entry that was there already: it stays whatever becomes of the decision
    ELSEWHERE = "elsewhere"  # outside this ledger: the words of the decision say where
    FOLLOWS = "follows"  # the same rows in another run: whatever was booked for them there


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """How something adjusted was put right.

    `accounts`, for POSTED: what is debited where the source has more, and what is credited; None: those named for
    write-offs of the reconciliation. `entry_id`, for NAMED: the entry.
    """

    booking: Booking = Booking.ELSEWHERE
    accounts: tuple[UUID, UUID] | None = None
    entry_id: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """As JSON takes it; `from_dict` is its inverse."""
        return {
            "booking": self.booking.value,
            "accounts": [str(one) for one in self.accounts] if self.accounts else None,
            "entry_id": self.entry_id,
        }

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Correction:
        accounts = given["accounts"]
        return cls(
            booking=Booking(given["booking"]),
            accounts=(UUID(accounts[0]), UUID(accounts[1])) if accounts else None,
            entry_id=given["entry_id"],
        )
