"""What a match has decided so far: which rows are free, which pairs are booked, which are only suggested.

A row is decided at most once. Passes look at free rows, and tell the board; nothing they do is undone.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from recon.matching.arrays import NONE, Flags, Ints, at_once
from recon.matching.assignment import Assignment, assign
from recon.matching.columns import Sides
from recon.matching.comparisons import NOT_COMPARED
from recon.matching.crew import Crew, Find, Job, TextColumns
from recon.matching.edges import Edges
from recon.matching.habits import Habits
from recon.model.outcome import MatchStatus, Pass
from recon.model.progress import Progress
from recon.model.rules import Rules
from recon.model.transactions import Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighing:
    """How pairs were weighed, where the scoring is learned: the level of each in each comparison, and its chance.

    `weights` holds, for each comparison, the weight of every level; `habits` name some levels.
    """

    weights: tuple[NDArray[np.float64], ...]
    levels: tuple[Ints, ...]
    habits: Habits
    chance: NDArray[np.float64]

    def pick(self, at: Ints) -> Weighing:
        """That of the chosen pairs alone."""
        return Weighing(
            weights=self.weights,
            levels=tuple(level[at] for level in self.levels),
            habits=self.habits,
            chance=self.chance[at],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Particulars:
    """What a pass says of its pairs itself: of lines of larger matches, or where a term of the rules explains them.

    `group` numbers the larger matches from 0 (-1: the pair is a match of its own); `delta` is the match's, on one of
    its lines, and 0 on the others.
    """

    group: Ints
    delta: Ints
    confidence: NDArray[np.float64]
    evidence: str | pa.Array  # of all of them, or of each

    def pick(self, keep: Flags) -> Particulars:
        """Those of the chosen pairs alone."""
        evidence = self.evidence if isinstance(self.evidence, str) else self.evidence.filter(pa.array(keep))
        picked = replace(self, group=self.group[keep], delta=self.delta[keep], confidence=self.confidence[keep])
        return replace(picked, evidence=evidence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Pairs of ranks decided together, with the similarity of their texts where it was measured."""

    source: Ints
    reference: Ints
    similarity: NDArray[np.float32]
    status: MatchStatus
    by: Pass
    weighing: Weighing | None
    particulars: Particulars | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Pairs of ranks that a pass may book, each at most once, with the utility their assignment is to maximise."""

    source: Ints
    reference: Ints
    similarity: NDArray[np.float32]
    utility: Ints

    def pick(self, at: Ints) -> Candidates:
        """The chosen pairs alone."""
        return Candidates(
            source=self.source[at],
            reference=self.reference[at],
            similarity=self.similarity[at],
            utility=self.utility[at],
        )


class Board:
    """The state of one match. Ranks name rows (`columns`). `relations`: id columns that mean something (`identity`).

    Several threads may decide on different rows at once; who watches is told by the thread that made the board alone.
    Pairs that are barred are dropped wherever they come from, so that no pass has to know of them.
    """

    def __init__(
        self,
        sides: Sides,
        rules: Rules,
        *,
        threads: int,
        on_progress: Progress,
        barred: Sequence[tuple[int, int]] = (),
        crew: Crew | None = None,
    ) -> None:
        self.source, self.reference, self.currencies = sides.source, sides.reference, sides.currencies
        self.rules, self.threads, self.crew = rules, threads, crew
        self.source_free = np.ones(len(sides.source), np.bool_)
        self.reference_free = np.ones(len(sides.reference), np.bool_)
        self.found: list[Found] = []
        self.netted: list[tuple[Side, Ints, Ints]] = []
        self.given_up: dict[Side, Ints] = dict.fromkeys(Side, NONE)
        self.relations: tuple[int, ...] = ()
        self._barred = _rank_pairs(sides, barred)
        self._on_progress, self._thread = on_progress, threading.get_ident()

    @property
    def row_count(self) -> int:
        """Rows of both sides."""
        return len(self.source) + len(self.reference)

    def decided_count(self) -> int:
        """Rows of both sides that are no longer free."""
        return self.row_count - int(np.count_nonzero(self.source_free)) - int(np.count_nonzero(self.reference_free))

    def report(self, stage: str, done_count: int, total_count: int) -> None:
        """Tell whoever watches; may raise RunCancelled."""
        if threading.get_ident() == self._thread:
            self._on_progress(stage, done_count, total_count)

    def done(self, stage: str, jobs: Sequence[Job[Find]]) -> list[Find]:
        """What these jobs find, in their order: by the crew if there is one, else by our threads side by side."""
        if self.crew is None:
            return at_once(self.threads, *(partial(job.do, self.threads) for job in jobs))
        return list(self.each(stage, jobs))

    def each(self, stage: str, jobs: Iterable[Job[Find]]) -> Iterator[Find]:
        """What the crew finds by these jobs, in their order."""
        assert self.crew is not None
        return self.crew.each(jobs, lambda: self.report(stage, self.decided_count(), self.row_count))

    def free_source(self) -> Ints:
        """Ranks of the sources still free, ascending."""
        return np.flatnonzero(self.source_free)

    def free_reference(self) -> Ints:
        """Ranks of the references still free, ascending."""
        return np.flatnonzero(self.reference_free)

    def book(
        self,
        by: Pass,
        source: Ints,
        reference: Ints,
        similarity: NDArray[Any] | float = NOT_COMPARED,
        weighing: Weighing | None = None,
        particulars: Particulars | None = None,
    ) -> None:
        """These pairs are matches. Each rank must be free, and occur once, but in lines of one larger match."""
        assert self.source_free[source].all()
        assert self.reference_free[reference].all()
        if len(self._barred):
            keep = ~self._is_barred(source, reference)
            if particulars is not None:  # a group without one of its pairs is not that group
                keep &= (particulars.group < 0) | ~np.isin(particulars.group, particulars.group[~keep])
                particulars = particulars.pick(keep)
            source, reference, similarity, weighing = _kept(keep, source, reference, similarity, weighing)
        self._add(MatchStatus.MATCHED, by, source, reference, similarity, weighing, particulars)

    def suggest(
        self,
        by: Pass,
        source: Ints,
        reference: Ints,
        similarity: NDArray[Any] | float = NOT_COMPARED,
        weighing: Weighing | None = None,
        particulars: Particulars | None = None,
    ) -> None:
        """These pairs are for a person to decide. Ranks must be free, and may occur with several partners."""
        assert self.source_free[source].all()
        assert self.reference_free[reference].all()
        if len(self._barred):
            keep = ~self._is_barred(source, reference)
            particulars = particulars and particulars.pick(keep)
            source, reference, similarity, weighing = _kept(keep, source, reference, similarity, weighing)
        self._add(MatchStatus.SUGGESTED, by, source, reference, similarity, weighing, particulars)

    def net(self, side: Side, incoming: Ints, outgoing: Ints) -> None:
        """These pairs of rows of one side cancel each other. Each rank must be free, and occur once."""
        free = self.source_free if side is Side.SOURCE else self.reference_free
        assert free[incoming].all()
        assert free[outgoing].all()
        free[incoming] = free[outgoing] = False
        self.netted.append((side, incoming, outgoing))

    def give_up(self, side: Side, ranks: Ints) -> None:
        """A search for what adds up to these rows of a side came to its limit without a result."""
        self.given_up[side] = np.union1d(self.given_up[side], ranks)

    def _add(
        self,
        status: MatchStatus,
        by: Pass,
        source: Ints,
        reference: Ints,
        similarity: NDArray[Any] | float,
        weighing: Weighing | None,
        particulars: Particulars | None = None,
    ) -> None:
        if not len(source):
            return
        self.source_free[source] = False
        self.reference_free[reference] = False
        measured = np.broadcast_to(np.asarray(similarity, np.float32), len(source))
        self.found.append(
            Found(
                source=source,
                reference=reference,
                similarity=measured,
                status=status,
                by=by,
                weighing=weighing,
                particulars=particulars,
            )
        )

    def settle(
        self, by: Pass, candidates: Candidates, *, suggest_only: bool = False, named_by_id: bool = False
    ) -> None:
        """Book the best one-to-one choice among candidates; what would be a coin toss is suggested.

        Of more copies than there are partners for, the last stay free; without a text, rows are copies only if an id
        names them (`named_by_id`).
        """
        best = self.best_choice(by, candidates, named_by_id=named_by_id)
        for put, at in ((self.suggest if suggest_only else self.book, best.booked), (self.suggest, best.tied)):
            put(by, candidates.source[at], candidates.reference[at], candidates.similarity[at])

    def best_choice(
        self,
        by: Pass,
        candidates: Candidates,
        *,
        named_by_id: bool = False,
        contents: tuple[Ints, Ints] | None = None,
    ) -> Assignment:
        """The best one-to-one choice among candidates, and its ties, as positions in them; decides nothing.

        `contents`: of each rank of either side, where more than key and text make rows interchangeable.
        """
        if len(self._barred):
            open_ = np.flatnonzero(~self._is_barred(candidates.source, candidates.reference))
            if len(open_) < len(candidates.source):
                best = self.best_choice(by, candidates.pick(open_), named_by_id=named_by_id, contents=contents)
                return replace(best, booked=open_[best.booked], tied=open_[best.tied])
        source_content, reference_content = contents or (self.source.content, self.reference.content)
        sources, source = np.unique(candidates.source, return_inverse=True)
        references, reference = np.unique(candidates.reference, return_inverse=True)
        edges = Edges(
            source=source,
            reference=reference,
            utility=candidates.utility,
            source_content=source_content[sources],
            reference_content=reference_content[references],
            source_can_be_copy=self.source.has_text[sources] | named_by_id,
            reference_can_be_copy=self.reference.has_text[references] | named_by_id,
        )
        return assign(edges, lambda: self.report(f"{by}: assign", self.decided_count(), self.row_count))

    def _is_barred(self, source: Ints, reference: Ints) -> Flags:
        """Pairs of ranks that a person ruled out."""
        result: Flags = np.isin(source * (len(self.reference) + 1) + reference, self._barred)
        return result


def _rank_pairs(sides: Sides, rows: Sequence[tuple[int, int]]) -> Ints:
    """Pairs of rows as one number each of their ranks."""
    if not rows:
        return np.zeros(0, np.int64)
    pairs = np.array(rows, np.int64)
    ranks = []
    for side, column in ((sides.source, pairs[:, 0]), (sides.reference, pairs[:, 1])):
        rank = np.empty(len(side), np.int64)
        rank[side.row] = np.arange(len(side))
        ranks.append(rank[column])
    return ranks[0] * (len(sides.reference) + 1) + ranks[1]


def _kept(
    keep: Flags, source: Ints, reference: Ints, similarity: NDArray[Any] | float, weighing: Weighing | None
) -> tuple[Ints, Ints, NDArray[Any], Weighing | None]:
    """What is said of pairs, of those to keep."""
    measured = np.broadcast_to(np.asarray(similarity, np.float32), len(source))[keep]
    return source[keep], reference[keep], measured, weighing and weighing.pick(np.flatnonzero(keep))


def same_text(source: TextColumns, reference: TextColumns, one: Ints, other: Ints) -> Flags:
    """Pairs of ranks with the same, present, text."""
    result: Flags = (source.text_hash[one] == reference.text_hash[other]) & source.has_text[one]
    return result
