"""A feed, which is one side of a reconciliation, and what was decided about its files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from recon.model.reading import Mapping
from recon.model.transactions import Side

NOTHING_DECIDED: Final = Mapping()
"""The mapping of a feed without one, or whose mapping was forgotten."""


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


def feed_name(reconciliation: str, side: Side) -> str:
    """`Bank vs ledger / source`: the feed on that side of that reconciliation."""
    return f"{reconciliation} / {side}"
