"""Pass 1: rows that name the same movement: an id of one side stands in either id column of the other.

What the pass decides, and why:

- *One row a side under an id*: a match. If the amounts differ it is still one match, with the difference as its delta
  (the caller reports an amount mismatch) - unless the signs are opposite: a charge and its refund share ids, so that
  pair is left for a person (`suggest`).
- *Several rows under an id* (a payment and its refund, instalments, true duplicates) are told apart by amount, then
  date, then text, as one optimal assignment. Differing amounts are booked only when the id has as many rows of that
  sign on both sides: each with the nearest date, then text, then amount; a coin toss is left for a person.
- *An id one side repeats* (a payout or batch number on each of its payments, k : 1) therefore books equal amounts only.
  The rest flows on to the other passes; what they leave is suggested together, so that its net sum can be seen.
- *Words in an id column* (N/A, CASH) are no ids: what more than `_FAMILY` rows of a side share must contain a digit,
  and what more than `_CROWD` share is no name at all.
- *Numbers that mean nothing*: two exports that both number their rows 1, 2, 3 agree on every id. Where two columns meet
  in consecutive numbers, in `_ENOUGH` or more single rows, at least half the pairs must have something else in common
  (an amount within a quarter, or the text); otherwise these columns are no evidence.

Ids are compared as they stand; equal hashes are proved on the bytes before a pair is considered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recon.matching.arrays import NONE, Flags, Ints, Meeting, Words, meet, mix, sift, unique_pairs
from recon.matching.board import Board, Candidates, same_text
from recon.matching.columns import Columns
from recon.matching.comparisons import NOT_COMPARED, similarities
from recon.matching.strings import same_bytes
from recon.model.outcome import Pass

RELATIONS: Final = (
    ("payment_ref", "payment_ref"),
    ("txn_id", "txn_id"),
    ("payment_ref", "txn_id"),
    ("txn_id", "payment_ref"),
)
"""Which column of the source meets which of the reference, best evidence first; the two crossed ones rank the same."""

_RANK: Final = (2, 1, 0, 0)
_ENOUGH: Final = 20
_FAMILY: Final = 4
_CROWD: Final = 200
_MANY: Final = 1_024


def identity_pass(board: Board) -> None:
    """Book rows that share an id: first where the amounts agree, then those whose amounts differ."""
    shared = {relation: same_id(board, relation) for relation in range(len(RELATIONS))}
    credible = [
        _Shared.of(relation, groups) for relation, groups in shared.items() if _says_something(board, relation, groups)
    ]
    board.relations = tuple(rows.relation for rows in credible)
    board.report("identity: compare ids", 0, board.row_count)
    _settle(board, [_equal_amounts(board, rows) for rows in credible])
    board.report("identity: equal amounts", board.decided_count(), board.row_count)
    _settle(board, [_differences(board, rows) for rows in credible])
    board.report("identity: differing amounts", board.decided_count(), board.row_count)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shared:
    """Ranks that share an id of one relation with the other side, and the number of their id."""

    relation: int
    source: Ints
    source_id: Ints
    reference: Ints
    reference_id: Ints

    @classmethod
    def of(cls, relation: int, groups: Meeting) -> _Shared:
        """The rows of these groups."""
        source, source_id, reference, reference_id = groups.rows()
        return cls(
            relation=relation, source=source, source_id=source_id, reference=reference, reference_id=reference_id
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
    """Pairs of ranks that share an id, and the rank of the relation they share it by."""

    source: Ints
    reference: Ints
    relation_rank: Ints


def same_id(board: Board, relation: int) -> Meeting:
    """Where free rows of either side share an id of this relation and the currency. Groups hold ranks."""
    one, other = RELATIONS[relation]
    common = _common_shapes(board, relation)
    if not common.any():
        return meet(NONE, NONE)
    source, reference = _of_shapes(board.source, one, common), _of_shapes(board.reference, other, common)
    source, reference = source[board.source_free[source]], reference[board.reference_free[reference]]
    words = _words(board.source, one, source), _words(board.reference, other, reference)
    maybe, other_maybe = sift(*words)
    groups = meet(words[0][maybe], words[1][other_maybe]).renamed(source[maybe], reference[other_maybe])
    return groups.pick(_are_names(board.source, one, groups))


def _common_shapes(board: Board, relation: int) -> Flags:
    """Which shapes ids of both sides have in the columns of this relation."""
    one, other = RELATIONS[relation]
    result: Flags = board.source.ids[one].has_shape & board.reference.ids[other].has_shape
    return result


def _of_shapes(side: Columns, name: str, wanted: Flags) -> Ints:
    """Ranks whose id has one of these shapes."""
    return np.flatnonzero(wanted[side.ids[name].shapes][side.row])


def shares_id(board: Board, relation: int, source: Ints, reference: Ints) -> Flags:
    """Which of these pairs of ranks have the same id in the columns of this relation."""
    one, other = RELATIONS[relation]
    if not _common_shapes(board, relation).any():
        return np.zeros(len(source), np.bool_)
    mine = board.source.id_hashes(one, source)
    result: Flags = (mine == board.reference.id_hashes(other, reference)) & (mine != 0)
    return result


def _are_names(side: Columns, name: str, groups: Meeting) -> Flags:
    """Which groups share what can be an id: not a word in an id column."""
    most = np.maximum(groups.source_count, groups.reference_count)
    family = np.flatnonzero((most > _FAMILY) & (most <= _CROWD))
    ids = side.ids[name].at(side.row[groups.source[groups.source_start[family]]])
    are_names = most <= _CROWD
    are_names[family] = pc.match_substring_regex(ids, "[0-9]").to_numpy(zero_copy_only=False)
    return are_names


def _words(side: Columns, name: str, rows: Ints) -> Words:
    """Hash of (id, currency)."""
    currency = side.currency[rows].astype(np.uint64) + np.uint64(1)
    return mix(side.id_hashes(name, rows) ^ currency * np.uint64(0x9E3779B97F4A7C15))


def _says_something(board: Board, relation: int, groups: Meeting) -> bool:
    """Whether rows with equal ids in these columns have more in common than two ways of numbering rows would give."""
    source, reference = groups.single()
    if len(source) < _ENOUGH or not is_numbering(board.source, RELATIONS[relation][0], source):
        return True
    one, other = board.source.amount[source], board.reference.amount[reference]
    near = np.abs(one - other) <= np.maximum(np.abs(one), np.abs(other)) // 4
    alike = near | same_text(board.source, board.reference, source, reference)
    return bool(2 * np.count_nonzero(alike) >= len(alike))


def is_numbering(side: Columns, name: str, rows: Ints) -> bool:
    """Whether the ids of these ranks are numbers that follow each other closely."""
    ids = side.ids[name].at(side.row[rows])
    if not pc.all(pc.match_substring_regex(ids, "^[0-9]{1,18}$")).as_py():
        return False
    numbers = ids.cast(pa.int64()).to_numpy()
    return bool(numbers.max() - numbers.min() < 4 * len(numbers))


def _equal_amounts(board: Board, rows: _Shared) -> _Named:
    """Pairs that share an id and the amount; of very many, those with equal dates and texts, first with first."""
    amounts = np.concatenate([board.source.amount[rows.source], board.reference.amount[rows.reference]])
    amount = np.unique(amounts, return_inverse=True)[1].astype(np.uint64)
    word = (np.concatenate([rows.source_id, rows.reference_id]).astype(np.uint64) << np.uint64(32)) | amount
    met = meet(word[: len(rows.source)], word[len(rows.source) :]).renamed(rows.source, rows.reference)
    few = met.source_count * met.reference_count <= _MANY
    found = [met.pick(few).product(), _equal_rows(board, met.pick(~few))]
    source, reference = (np.concatenate(column) for column in zip(*found, strict=True))
    return _proved(board, rows.relation, source, reference)


def _equal_rows(board: Board, groups: Meeting) -> tuple[Ints, Ints]:
    """Pairs within these groups whose dates and texts are equal, first with first."""
    source, group, reference, reference_group = groups.rows()
    met = meet(_day_and_text(board.source, source, group), _day_and_text(board.reference, reference, reference_group))
    one, other = met.renamed(source, reference).paired()
    equal = board.source.day[one] == board.reference.day[other]
    equal &= board.source.text_hash[one] == board.reference.text_hash[other]
    return one[equal], other[equal]


def _day_and_text(side: Columns, rows: Ints, group: Ints) -> Words:
    """Hash of (group, day, text)."""
    place = (group.astype(np.uint64) << np.uint64(32)) ^ side.day[rows].astype(np.uint64)
    return mix(side.text_hash[rows] ^ mix(place))


def _differences(board: Board, rows: _Shared) -> _Named:
    """Pairs of free rows of one id and sign, where both sides have as many left and began with as many."""
    source_word = rows.source_id * 2 + (board.source.amount[rows.source] < 0)
    reference_word = rows.reference_id * 2 + (board.reference.amount[rows.reference] < 0)
    words = int(max(source_word.max(initial=0), reference_word.max(initial=0))) + 1
    balanced = np.bincount(source_word, minlength=words) == np.bincount(reference_word, minlength=words)
    free = board.source_free[rows.source] & balanced[source_word]
    other_free = board.reference_free[rows.reference] & balanced[reference_word]
    groups = meet(source_word[free], reference_word[other_free])
    even = (groups.source_count == groups.reference_count) & (groups.source_count**2 <= _MANY)
    left, right = groups.pick(even).product()
    return _proved(board, rows.relation, rows.source[free][left], rows.reference[other_free][right])


def _proved(board: Board, relation: int, source: Ints, reference: Ints) -> _Named:
    """The pairs whose ids are equal byte for byte."""
    one, other = RELATIONS[relation]
    rows, others = board.source.row[source], board.reference.row[reference]
    equal = same_bytes(board.source.ids[one].at(rows), board.reference.ids[other].at(others))
    equal &= board.source.currency[source] == board.reference.currency[reference]
    rank = np.full(int(np.count_nonzero(equal)), _RANK[relation])
    return _Named(source=source[equal], reference=reference[equal], relation_rank=rank)


def _settle(board: Board, named: list[_Named]) -> None:
    """Book the best one-to-one choice: the nearest amount, then date, then text, then the better column."""
    source = np.concatenate([NONE, *(pairs.source for pairs in named)])
    reference = np.concatenate([NONE, *(pairs.reference for pairs in named)])
    rank = np.concatenate([NONE, *(pairs.relation_rank for pairs in named)])
    if not len(source):
        return
    once = unique_pairs(source, reference, rank)
    source, reference, rank = source[once], reference[once], rank[once]
    similarity = _similarity(board, source, reference)
    board.settle(
        Pass.IDENTITY,
        Candidates(
            source=source,
            reference=reference,
            similarity=similarity,
            utility=_utility(board, source, reference, similarity, rank),
        ),
        named_by_id=True,
    )


def _similarity(board: Board, source: Ints, reference: Ints) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """100 for equal texts; measured only where a row has several partners to choose from."""
    contested = _repeated(source) | _repeated(reference)
    similarity = np.where(same_text(board.source, board.reference, source, reference), 100, NOT_COMPARED)
    at = np.flatnonzero(contested & (similarity == NOT_COMPARED))
    forms = board.source.forms.at(source[at]), board.reference.forms.at(reference[at])
    similarity[at] = similarities(*forms, board.threads)
    return similarity.astype(np.float32)


def _repeated(ends: Ints) -> Flags:
    return np.bincount(ends)[ends] > 1


def _utility(
    board: Board, source: Ints, reference: Ints, similarity: np.ndarray[tuple[int], np.dtype[np.float32]], rank: Ints
) -> Ints:
    """A day counts for more than any text, a text for more than the column; every pair is worth having.

    How near the amounts are decides where dates and texts are alike.
    """
    days = np.abs(board.reference.day[reference] - board.source.day[source])
    text = np.where(similarity == NOT_COMPARED, 50.0, similarity.astype(np.float64))
    one, other = board.source.amount[source], board.reference.amount[reference]
    apart = np.abs(one - other) / np.maximum(np.maximum(np.abs(one), np.abs(other)), 1)
    result: Ints = 20_000_000 - np.minimum(days, 4_000) * 4_000 + np.rint(text * 10).astype(np.int64) * 3 + rank
    result -= np.rint(np.minimum(apart, 1) * 900).astype(np.int64)
    return result
