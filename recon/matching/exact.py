"""Pass 2: the same amount, date and currency, found by one sort of both sides together.

A key that one row a side has is a match unless the texts speak against it. Where several rows share a key, they are
told apart by text in tiers: the same text, the same words in any order, the same long number; each tier is again one
sort. What is left of a group and still clearly alike is assigned as a whole; the rest waits for the scored pass.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from recon.matching.arrays import Ints, Meeting, Words, bit_count, meet
from recon.matching.board import Board, same_text
from recon.matching.columns import Columns
from recon.matching.comparisons import NOT_COMPARED, TEXT_FLOOR, text_similarities
from recon.matching.scored import settle_exact_keys
from recon.matching.strings import token_signatures
from recon.model.outcome import Pass

CONTESTED_FLOOR: Final = 80
"""Similarity from which rows of a crowded key are assigned before the date and amount windows open."""


def exact_pass(board: Board) -> None:
    """Book equal keys; what the texts leave open stays free."""
    source, reference = board.free_source(), board.free_reference()
    groups = meet(board.source.key[source], board.reference.key[reference])
    one, other = groups.single()
    _book_lone_pairs(board, source[one], reference[other])
    board.report("exact: lone keys", board.decided_count(), board.row_count)
    crowd = _Crowd.of(groups, source, reference)
    crowd = _book_same_text(board, crowd)
    crowd = _book_same_tokens(board, crowd)
    board.report("exact: shared keys", board.decided_count(), board.row_count)
    settle_exact_keys(board, crowd.source, crowd.reference, CONTESTED_FLOOR)


def _book_lone_pairs(board: Board, source: Ints, reference: Ints) -> None:
    """Keys of one row a side: booked if the texts are equal, alike, or one is missing. Zero needs texts that agree."""
    same = same_text(board.source, board.reference, source, reference)
    board.book(Pass.EXACT, source[same], reference[same], 100)
    source, reference = source[~same], reference[~same]
    texts = board.source.text.take(pa.array(source)), board.reference.text.take(pa.array(reference))
    score = text_similarities(*texts, board.threads)
    agree = (score >= TEXT_FLOOR) | ((score == NOT_COMPARED) & (board.source.amount[source] != 0))
    board.book(Pass.EXACT, source[agree], reference[agree], score[agree])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Crowd:
    """Ranks whose exact key several rows share, ascending on either side, with the number of their key."""

    source: Ints
    source_group: Ints
    reference: Ints
    reference_group: Ints

    @classmethod
    def of(cls, groups: Meeting, source: Ints, reference: Ints) -> _Crowd:
        """The groups of more than one row on a side; `source`, `reference` are the ranks that met."""
        shared = groups.pick((groups.source_count > 1) | (groups.reference_count > 1))
        one, group, other, other_group = shared.rows()
        return cls(source=source[one], source_group=group, reference=reference[other], reference_group=other_group)

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
    source, source_number = _signatures(board.source, crowd.source, board.threads)
    reference, reference_number = _signatures(board.reference, crowd.reference, board.threads)
    one, other = crowd.meet(source, reference).paired()
    equal = source[one] == reference[other]
    board.book(Pass.EXACT, crowd.source[one[equal]], crowd.reference[other[equal]], 100)
    source_number[~board.source_free[crowd.source]] = 0
    reference_number[~board.reference_free[crowd.reference]] = 0
    one, other = crowd.meet(source_number, reference_number).single()
    equal = source_number[one] == reference_number[other]
    board.book(Pass.EXACT, crowd.source[one[equal]], crowd.reference[other[equal]])
    return crowd.still_free(board)


def _signatures(side: Columns, rows: Ints, threads: int) -> tuple[Words, Words]:
    return token_signatures(side.text.take(pa.array(rows)), threads)
