"""Rows of both sides under one key: a payout, batch or invoice number that the rows of one side share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow.compute as pc

from recon.matching.arrays import NONE, Flags, Ints, Meeting, Words, meet, mix, sift, spans
from recon.matching.board import Board
from recon.matching.columns import Columns
from recon.matching.strings import Texts, same_bytes

GROUP_ID: Final = "group_id"
_WORD_FAMILY: Final = 4
"""Rows that may share a key without a digit; more of them share a word, not a name."""

_SURE: Final = 2.0**61
"""Sums of sizes below this are exact in 64 bits."""


Keys = dict[str, Texts]
"""The columns of one side that may hold a key, in table order."""


def keys_of(side: Columns) -> Keys:
    """The id columns, and the group ids if there are any."""
    column = side.table[GROUP_ID]
    return side.ids | ({GROUP_ID: Texts(column)} if column.null_count < len(column) else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyGroups:
    """Rows that share a key and a currency. `meeting` holds ranks; sums are in minor units, one a group."""

    meeting: Meeting
    source_sum: Ints
    reference_sum: Ints

    @classmethod
    def of(cls, board: Board, meeting: Meeting) -> KeyGroups:
        """These groups with their sums; without those whose sums would not be exact."""
        meeting = meeting.pick(_is_sure(board, meeting))
        source, _, reference, _ = meeting.rows()
        return cls(
            meeting=meeting,
            source_sum=sums(board.source.amount[source], meeting.source_count),
            reference_sum=sums(board.reference.amount[reference], meeting.reference_count),
        )

    def __len__(self) -> int:
        return len(self.meeting)

    def pick(self, chosen: Flags) -> KeyGroups:
        """The chosen groups alone."""
        return KeyGroups(
            meeting=self.meeting.pick(chosen),
            source_sum=self.source_sum[chosen],
            reference_sum=self.reference_sum[chosen],
        )


def sums(values: Ints, count: Ints) -> Ints:
    """Sums of runs of so many values each, every count above 0."""
    return np.add.reduceat(values, np.cumsum(count) - count) if len(count) else NONE


def _is_sure(board: Board, meeting: Meeting) -> Flags:
    source, _, reference, _ = meeting.rows()
    if not len(meeting):
        return np.zeros(0, np.bool_)
    size = np.abs(board.source.amount[source]).astype(np.float64)
    other = np.abs(board.reference.amount[reference]).astype(np.float64)
    starts = (np.cumsum(count) - count for count in (meeting.source_count, meeting.reference_count))
    sure: Flags = (np.add.reduceat(size, next(starts)) < _SURE) & (np.add.reduceat(other, next(starts)) < _SURE)
    return sure


def key_groups(
    board: Board, keys: tuple[Keys, Keys], relation: tuple[str, str], *, is_free_only: bool = True
) -> KeyGroups | None:
    """Where a key of the source's column stands in the reference's; None where that cannot be."""
    one, other = (columns.get(name) for columns, name in zip(keys, relation, strict=True))
    if one is None or other is None or not (common := one.has_shape & other.has_shape).any():
        return None
    rows = _rows(board.source, one, common, board.source_free if is_free_only else None)
    others = _rows(board.reference, other, common, board.reference_free if is_free_only else None)
    words = _words(board.source, one, rows), _words(board.reference, other, others)
    maybe, other_maybe = sift(*words)
    groups = meet(words[0][maybe], words[1][other_maybe]).renamed(rows[maybe], others[other_maybe])
    groups = groups.pick(_are_names(board.source, one, groups))
    return KeyGroups.of(board, groups.pick(_are_proved(board, one, other, groups)))


def _rows(side: Columns, keys: Texts, common: Flags, free: Flags | None) -> Ints:
    """Ranks whose key has a shape that keys of the other side have too."""
    ranks = np.flatnonzero(common[keys.shapes][side.row])
    return ranks if free is None else ranks[free[ranks]]


def _words(side: Columns, keys: Texts, ranks: Ints) -> Words:
    """Hash of (key, currency)."""
    currency = side.currency[ranks].astype(np.uint64) + np.uint64(1)
    return mix(keys.hashes[side.row[ranks]] ^ currency * np.uint64(0x9E3779B97F4A7C15))


def _are_names(side: Columns, keys: Texts, groups: Meeting) -> Flags:
    """Which groups share what can be a key: with many rows, not a word such as N/A."""
    are_names = np.maximum(groups.source_count, groups.reference_count) <= _WORD_FAMILY
    crowd = np.flatnonzero(~are_names)
    written = keys.at(side.row[groups.source[groups.source_start[crowd]]])
    are_names[crowd] = pc.match_substring_regex(written, "[0-9]").to_numpy(zero_copy_only=False)
    return are_names


def _are_proved(board: Board, keys: Texts, other_keys: Texts, groups: Meeting) -> Flags:
    """Which groups have the same key in every row, byte for byte; equal hashes of other keys are next to impossible."""
    source, group, reference, reference_group = groups.rows()
    row, other_row = board.source.row, board.reference.row
    first = row[groups.source[groups.source_start]]
    other_first = other_row[groups.reference[groups.reference_start]]
    proved = np.ones(len(groups), np.bool_)
    proved[group[~same_bytes(keys.at(row[source]), other_keys.at(other_first[group]))]] = False
    same = same_bytes(other_keys.at(other_row[reference]), keys.at(first[reference_group]))
    proved[reference_group[~same]] = False
    return proved


def lines(meeting: Meeting) -> tuple[Ints, Ints, Ints]:
    """(source, reference, group): each group as pairs in which every row of it occurs, as few as there can be.

    First with first, second with second; the last row of the shorter side is repeated.
    """
    count = np.maximum(meeting.source_count, meeting.reference_count)
    group = np.repeat(np.arange(len(meeting)), count)
    place = spans(np.zeros(len(meeting), np.int64), count)
    source = meeting.source_start[group] + np.minimum(place, meeting.source_count[group] - 1)
    reference = meeting.reference_start[group] + np.minimum(place, meeting.reference_count[group] - 1)
    return meeting.source[source], meeting.reference[reference], group
