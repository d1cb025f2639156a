"""Pass 2: the same amount, date and currency, found by one sort of both sides together.

A key that one row a side has, or as many interchangeable ones, is a match unless the texts speak against it. Whether
texts may do that is asked of the data: where most such pairs are unlike, and the keys meet more often than by chance
(`coincidence`), the two systems word things differently, and an unlike text says nothing. Else it is left to the later
passes.

Where other rows share a key, they are told apart by text in tiers: the same text, the same words in any order, the same
long number; each tier is again one sort. What is left of a group and still clearly alike is assigned as a whole; the
rest waits for the scored pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import pyarrow as pa

from recon.matching.arrays import NONE, Flags, Floats, Ints, Meeting, Words, at_once, bit_count, meet
from recon.matching.board import Board, same_text
from recon.matching.coincidence import chance_share
from recon.matching.comparisons import NOT_COMPARED, SAME_WORDS, TEXT_FLOOR, shared_words, text_similarities
from recon.matching.crew import Excerpt, TextColumns
from recon.matching.scored import settle_exact_keys
from recon.model.outcome import Pass

CONTESTED_FLOOR: Final = 80
"""Similarity from which rows of a crowded key are assigned before the date and amount windows open."""

_LOT: Final = 1 << 17
"""Sources of a lot of keys, about: few enough to stay near the processor."""

_BY_CHANCE: Final = 0.05
"""Share of keys that may meet by chance where keys decide against the texts."""


def exact_pass(board: Board) -> None:
    """Book equal keys; what the texts leave open stays free.

    Rows of different keys have nothing to do with each other here, so the keys are done in lots, side by side.
    """
    jobs = _jobs(board)
    compared = board.done("exact: compare texts", jobs)
    lots = [_Lot.of(job, found) for job, found in zip(jobs, compared, strict=True)]
    key_decides = _words_differ(lots) and chance_share(board) <= _BY_CHANCE
    at_once(board.threads, *(partial(_book_even_keys, board, lot, key_decides) for lot in lots))
    board.report("exact: lone keys", board.decided_count(), board.row_count)
    crowds = at_once(board.threads, *(partial(_told_apart, board, lot.groups) for lot in lots))
    board.report("exact: shared keys", board.decided_count(), board.row_count)
    source = np.concatenate([NONE, *(crowd.source for crowd in crowds)])
    reference = np.concatenate([NONE, *(crowd.reference for crowd in crowds)])
    settle_exact_keys(board, source, reference, CONTESTED_FLOOR)


def _jobs(board: Board) -> list[_Compare]:
    """The free rows of either side, cut into lots where a new key begins; cuts depend on the rows alone."""
    source, reference = board.free_source(), board.free_reference()
    key, other_key = board.source.key[source], board.reference.key[reference]
    lot = board.crew.row_count if board.crew else _LOT
    borders = key[lot::lot]
    cuts, other_cuts = np.searchsorted(key, borders), np.searchsorted(other_key, borders)
    ranks = zip(np.split(source, cuts), np.split(reference, other_cuts), strict=True)
    return [_Compare(source=board.source, reference=board.reference, ranks=both) for both in ranks]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compared:
    """Where keys of these rows meet, by places; which keys are even, and for those what `_texts_agree` says."""

    groups: Meeting
    is_even: Flags
    score: Floats
    alike: Flags


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compare:
    """The job of a lot: where the keys of these ranks meet, and whether the texts of even keys agree."""

    source: TextColumns
    reference: TextColumns
    ranks: tuple[Ints, Ints]

    def do(self, threads: int = 1) -> _Compared:
        """By places in `ranks`."""
        source, reference = self.ranks
        groups = meet(self.source.key[source], self.reference.key[reference])
        ranked = groups.renamed(source, reference)
        is_even = _is_even(self.source, self.reference, ranked)
        even = ranked.pick(is_even)
        first = even.source[even.source_start], even.reference[even.reference_start]
        score, alike = _texts_agree(self.source, self.reference, *first, threads)
        return _Compared(groups=groups, is_even=is_even, score=score, alike=alike)

    def apart(self) -> _Compare:
        """With an excerpt of either side."""
        source, reference = Excerpt.of(self.source, self.ranks[0]), Excerpt.of(self.reference, self.ranks[1])
        return _Compare(source=source, reference=reference, ranks=(np.arange(len(source)), np.arange(len(reference))))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lot:
    """Keys that rows of both sides have: groups of ranks. `even` have as many interchangeable rows on both sides;
    for each of those the similarity of its texts, and whether they agree."""

    groups: Meeting
    even: Meeting
    score: Floats
    alike: Flags

    @classmethod
    def of(cls, job: _Compare, found: _Compared) -> _Lot:
        """What a job found, by ranks."""
        groups = found.groups.renamed(*job.ranks)
        return cls(groups=groups, even=groups.pick(found.is_even), score=found.score, alike=found.alike)


def _words_differ(lots: Sequence[_Lot]) -> bool:
    """Whether most texts of even keys are unlike."""
    alike = sum(np.count_nonzero(lot.alike) for lot in lots)
    unlike = sum(np.count_nonzero(~lot.alike & (lot.score != NOT_COMPARED)) for lot in lots)
    return bool(alike < unlike)


def _is_even(source: TextColumns, reference: TextColumns, groups: Meeting) -> Flags:
    """Which keys have as many rows on both sides, those of each side interchangeable."""
    one, other = groups.source_start, groups.reference_start
    last, other_last = one + groups.source_count - 1, other + groups.reference_count - 1
    content, other_content = source.content, reference.content
    even: Flags = groups.source_count == groups.reference_count
    even &= content[groups.source[one]] == content[groups.source[last]]
    even &= other_content[groups.reference[other]] == other_content[groups.reference[other_last]]
    return even


def _book_even_keys(board: Board, lot: _Lot, key_decides: bool) -> None:
    """Book first with first unless texts that usually agree do not. Zeros need texts that agree."""
    amount = board.source.amount[lot.even.source[lot.even.source_start]]
    agree = lot.alike | (((lot.score == NOT_COMPARED) | key_decides) & (amount != 0))
    source, reference = lot.even.pick(agree).paired()
    board.book(Pass.EXACT, source, reference, np.repeat(lot.score[agree], lot.even.source_count[agree]))


def _told_apart(board: Board, groups: Meeting) -> _Crowd:
    """Book the rows of shared keys that a text tells apart; the rest."""
    crowd = _Crowd.of(groups).still_free(board)
    return _book_same_tokens(board, _book_same_text(board, crowd))


def _texts_agree(
    source: TextColumns, reference: TextColumns, one: Ints, other: Ints, threads: int
) -> tuple[Floats, Flags]:
    """(similarity, whether the texts are alike or the words of one are among those of the other) of each pair."""
    score = np.full(len(one), 100, np.float32)
    at = np.flatnonzero(~same_text(source, reference, one, other))
    texts = source.texts_at(one[at]), reference.texts_at(other[at])
    score[at] = text_similarities(*texts, threads)
    alike = score >= TEXT_FLOOR
    low = np.flatnonzero(~alike[at] & (score[at] != NOT_COMPARED))
    shared = shared_words(texts[0].take(pa.array(low)), texts[1].take(pa.array(low)), threads)
    alike[at[low]] = shared >= SAME_WORDS
    return score, alike


@dataclass(frozen=True, slots=True, kw_only=True)
class _Crowd:
    """Ranks whose exact key several rows share, ascending on either side, with the number of their key."""

    source: Ints
    source_group: Ints
    reference: Ints
    reference_group: Ints

    @classmethod
    def of(cls, groups: Meeting) -> _Crowd:
        """The groups (of ranks) of more than one row on a side."""
        shared = groups.pick((groups.source_count > 1) | (groups.reference_count > 1))
        source, group, reference, reference_group = shared.rows()
        return cls(source=source, source_group=group, reference=reference, reference_group=reference_group)

    def still_free(self, board: Board) -> _Crowd:
        """Without the rows decided meanwhile, and without groups that have lost a side."""
        one, other = board.source_free[self.source], board.reference_free[self.reference]
        groups = int(max(self.source_group.max(initial=-1), self.reference_group.max(initial=-1))) + 1
        both = (np.bincount(self.source_group[one], minlength=groups) > 0) & (
            np.bincount(self.reference_group[other], minlength=groups) > 0
        )
        one &= both[self.source_group]
        other &= both[self.reference_group]
        return _Crowd(
            source=self.source[one],
            source_group=self.source_group[one],
            reference=self.reference[other],
            reference_group=self.reference_group[other],
        )

    def meet(self, source: Words, reference: Words) -> Meeting:
        """Rows of one key that have equal signatures (0: none), as positions in this crowd.

        The word sorted holds the key's number and the leading bits of the signature; callers compare the whole one.
        """
        groups = int(max(self.source_group.max(initial=0), self.reference_group.max(initial=0))) + 1
        low = np.uint64(bit_count(groups))
        high = np.uint64(64) - low
        has, other_has = np.flatnonzero(source), np.flatnonzero(reference)
        met = meet(
            (self.source_group[has].astype(np.uint64) << high) | (source[has] >> low),
            (self.reference_group[other_has].astype(np.uint64) << high) | (reference[other_has] >> low),
        )
        return met.renamed(has, other_has)


def _book_same_text(board: Board, crowd: _Crowd) -> _Crowd:
    """The same text under the same key: interchangeable, first with first."""
    source, reference = board.source.text_hash[crowd.source], board.reference.text_hash[crowd.reference]
    one, other = crowd.meet(source, reference).paired()
    equal = source[one] == reference[other]
    board.book(Pass.EXACT, crowd.source[one[equal]], crowd.reference[other[equal]], 100)
    return crowd.still_free(board)


def _book_same_tokens(board: Board, crowd: _Crowd) -> _Crowd:
    """The same words in any order or case; then the same long number, where one row a side has it."""
    source, source_number = board.source.forms.signatures(crowd.source)
    reference, reference_number = board.reference.forms.signatures(crowd.reference)
    one, other = crowd.meet(source, reference).paired()
    equal = source[one] == reference[other]
    board.book(Pass.EXACT, crowd.source[one[equal]], crowd.reference[other[equal]], 100)
    source_number[~board.source_free[crowd.source]] = 0
    reference_number[~board.reference_free[crowd.reference]] = 0
    one, other = crowd.meet(source_number, reference_number).single()
    equal = source_number[one] == reference_number[other]
    board.book(Pass.EXACT, crowd.source[one[equal]], crowd.reference[other[equal]])
    return crowd.still_free(board)
