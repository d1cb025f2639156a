"""Two sides that must agree, key by key, and what of a difference is on its way. Pure.

A key that only one side has counts as nothing on the other. Something on its way has reached a side whole or not at
all, so of a difference only sums of whole movements are explained; the sum that comes nearest is taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Generic, TypeVar

Key = TypeVar("Key", bound=tuple[str, ...])
Figure = TypeVar("Figure", int, Decimal)

SUMS_LIMIT: Final = 4_096
"""Sums of movements looked at for one key; of more, only those found first are. Twelve movements stay below it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tied(Generic[Key, Figure]):
    """One key on both sides. The difference is theirs - ours, of which `explained` is on its way."""

    key: Key
    ours: Figure
    theirs: Figure
    explained: Figure
    is_ours: bool  # whether our side has the key
    is_theirs: bool

    @property
    def difference(self) -> Figure:
        return self.theirs - self.ours

    @property
    def unexplained(self) -> Figure:
        return self.difference - self.explained


def tie_out(
    ours: Mapping[Key, Figure],
    theirs: Mapping[Key, Figure],
    on_the_way: Mapping[Key, Sequence[Figure]],
    *,
    nothing: Figure,
) -> tuple[Tied[Key, Figure], ...]:
    """Every key either side has, in order. `on_the_way`: by how much each movement may make theirs differ from ours."""
    return tuple(
        Tied(
            key=key,
            ours=ours.get(key, nothing),
            theirs=theirs.get(key, nothing),
            explained=explain(
                theirs.get(key, nothing) - ours.get(key, nothing), on_the_way.get(key, ()), nothing=nothing
            ),
            is_ours=key in ours,
            is_theirs=key in theirs,
        )
        for key in sorted({*ours, *theirs})
    )


def explain(difference: Figure, movements: Iterable[Figure], *, nothing: Figure) -> Figure:
    """The sum of some of the movements that comes nearest to the difference; of two as near, the smaller one."""
    sums = {nothing}
    if difference:
        for movement in sorted(movements):
            sums |= {total + movement for total in sums}
            if len(sums) > SUMS_LIMIT:
                sums = set(sorted(sums, key=lambda total: (abs(difference - total), abs(total), total))[:SUMS_LIMIT])
    return min(sums, key=lambda total: (abs(difference - total), abs(total), total))
