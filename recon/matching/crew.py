"""Work that can be done apart from everything else, and who does it: threads of this process, or other machines.

A *job* compares some rows with some others. It decides nothing, knows no row but its own, and names what it finds by
their places; all deciding is done here, over the finds of all jobs. So the result is the same wherever jobs are done
and however the rows are cut into jobs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, Self, TypeVar

import numpy as np
import pyarrow as pa

from recon.matching.arrays import Flags, Ints, Words
from recon.matching.columns import Columns
from recon.matching.normal import NormalForms
from recon.matching.strings import Texts

Find = TypeVar("Find")
_Find = TypeVar("_Find", covariant=True)


class Job(Protocol[_Find]):
    """What some rows are asked."""

    def do(self, threads: int = 1) -> _Find:
        """The answer; pure."""

    def apart(self) -> Self:
        """The same job with copies of its own rows and nothing else: small enough to be sent away."""


class Crew(Protocol):
    """Other machines that do jobs. `row_count`: rows a side that make a job worth sending, about."""

    row_count: int

    def each(self, jobs: Iterable[Job[Find]], tick: Callable[[], None]) -> Iterator[Find]:
        """What the jobs find, in their order. `tick` is called once a second at least; what it raises ends the work."""


@dataclass(frozen=True, kw_only=True)
class Excerpt:
    """What comparing reads of some rows of a side, named by their place in it: `Columns` in the small."""

    key: Words
    content: Ints
    text_hash: Words
    text: pa.LargeStringArray

    @classmethod
    def of(cls, side: TextColumns, ranks: Ints) -> Excerpt:
        """A copy of these ranks' part."""
        return cls(
            key=side.key[ranks],
            content=side.content[ranks],
            text_hash=side.text_hash[ranks],
            text=side.texts_at(ranks),
        )

    def __len__(self) -> int:
        return len(self.key)

    @property
    def has_text(self) -> Flags:
        """Rows with a description."""
        result: Flags = self.text_hash != 0
        return result

    @cached_property
    def forms(self) -> NormalForms:
        """Normal forms of the texts, made where they are asked for."""
        return NormalForms(Texts(self.text), np.arange(len(self)))

    def texts_at(self, places: Ints) -> pa.LargeStringArray:
        """The descriptions at these places."""
        return self.text.take(pa.array(places))


TextColumns = Columns | Excerpt
