"""What people decide about rows, kept by what the rows say, so that a decision outlives the run it was taken in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recon.model.transactions import Side

Flags = NDArray[np.bool_]


class DecisionKind(StrEnum):
    MANUAL_MATCH = "manual_match"  # these rows belong together, N:M
    NEVER_PAIR = "never_pair"  # no source row of these goes with a reference row of these
    NOT_DUPLICATE = "not_duplicate"  # alike, but a movement of its own
    IGNORE = "ignore"  # needs no counterpart
    WRITE_OFF = "write_off"  # the difference, or the row, is accepted as a loss or gain
    NET = "net"  # rows of one side that cancel each other


SETTLING: Final = frozenset({DecisionKind.MANUAL_MATCH, DecisionKind.IGNORE, DecisionKind.WRITE_OFF, DecisionKind.NET})
"""Decisions after which their rows are open no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One row a decision is about. `amount` in minor units of `currency`, as it was when it was decided."""

    side: Side
    fingerprint: str
    amount: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A decision that stands. `leaves_rest`: a part of one of its rows is still open, so its rows are not done with."""

    id: int
    kind: DecisionKind
    actor: str
    at: datetime
    members: tuple[Member, ...]
    leaves_rest: bool = False

    def of(self, side: Side) -> tuple[Member, ...]:
        """Its rows of one side."""
        return tuple(member for member in self.members if member.side is side)


@dataclass(frozen=True, slots=True, kw_only=True)
class LostDecision:
    """Rows that a person matched with others which are not in the run: one row that is, and the words for it."""

    decision_id: int
    side: Side
    row: int
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinned:
    """Rows of both sides that a person matched, ascending; `leaves_rest`: a part of one of them is still open."""

    source: tuple[int, ...]
    reference: tuple[int, ...]
    leaves_rest: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """Decisions in terms of a run's rows. `barred`: pairs (source, reference); flags are by row of the side's table.

    `decision_ids`: those of which a row is here, ascending; no other has a say in the run.
    """

    pinned: tuple[Pinned, ...]
    netted: tuple[tuple[Side, int, int], ...]
    barred: frozenset[tuple[int, int]]
    is_set_aside: Mapping[Side, Flags]
    is_no_duplicate: Mapping[Side, Flags]
    lost: tuple[LostDecision, ...]
    decision_ids: tuple[int, ...]

    @property
    def is_empty(self) -> bool:
        """Whether the engine may go on as if nobody had decided anything."""
        return not (
            self.pinned or self.netted or self.barred or any(flags.any() for flags in self.is_set_aside.values())
        )
