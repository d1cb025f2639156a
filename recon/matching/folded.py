"""Ids that are the same but for case and leading zeros: INV-0012 and inv-12.

Most likely one reference, written by two systems in their own ways; but not the same, so such a pair is never booked.
It is suggested where the amounts are equal too and the dates within the rules' window, and only where one row a side
has that id and amount.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recon.matching.arrays import NONE, Ints, Words, meet, mix, unique_pairs
from recon.matching.board import Board
from recon.matching.columns import Columns
from recon.matching.identity import RELATIONS
from recon.matching.strings import hashes, texts
from recon.model.outcome import Pass

_ZEROS = "(^|[^0-9])0+([0-9])"


def suggest_folded_ids(board: Board) -> None:
    """Suggest free rows whose ids are nearly the same, by the columns whose ids mean something (`identity`)."""
    found = [_pairs(board, relation) for relation in board.relations]
    one, other = (np.concatenate([NONE, *column]) for column in zip((NONE, NONE), *found, strict=True))
    days = board.reference.day[other] - board.source.day[one]
    near = (days >= -board.rules.days_before) & (days <= board.rules.days_after)
    one, other = one[near], other[near]
    once = unique_pairs(one, other, np.zeros(len(one), np.int64))
    board.suggest(Pass.IDENTITY, one[once], other[once])


def fold(ids: pa.Array) -> pa.LargeStringArray:
    """Each id in lower case and without leading zeros of its numbers."""
    return texts(pc.replace_substring_regex(pc.utf8_lower(ids), _ZEROS, "\\1\\2"))


def _pairs(board: Board, relation: int) -> tuple[Ints, Ints]:
    """Pairs of free ranks, one a side, that share a folded id of this relation, the currency and the amount."""
    one, other = RELATIONS[relation]
    source, ids = _numbered(board.source, one, board.free_source())
    reference, other_ids = _numbered(board.reference, other, board.free_reference())
    left, right = meet(_words(board.source, source, ids), _words(board.reference, reference, other_ids)).single()
    equal = pc.equal(ids.take(pa.array(left)), other_ids.take(pa.array(right))).to_numpy(zero_copy_only=False)
    source, reference = source[left[equal]], reference[right[equal]]
    same = board.source.currency[source] == board.reference.currency[reference]
    same &= board.source.amount[source] == board.reference.amount[reference]
    return source[same], reference[same]


def _numbered(side: Columns, name: str, ranks: Ints) -> tuple[Ints, pa.LargeStringArray]:
    """Those of these ranks whose id contains a digit, with the folded id; a word in an id column names nothing."""
    ids = side.ids[name].at(side.row[ranks])
    numbered = pc.match_substring_regex(ids, "[0-9]")
    return ranks[numbered.to_numpy(zero_copy_only=False)], fold(ids.filter(numbered))


def _words(side: Columns, ranks: Ints, ids: pa.LargeStringArray) -> Words:
    """Hash of (folded id, currency, amount)."""
    place = mix(side.amount[ranks].astype(np.uint64) ^ (side.currency[ranks].astype(np.uint64) << np.uint64(56)))
    return mix(hashes(ids) ^ place)
