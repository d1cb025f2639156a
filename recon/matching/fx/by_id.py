"""Rows of different currencies that carry the same id: what is as far apart as the rate says, then what is not.

An id is proof enough that two rows are one movement, whatever they come to: as with one currency, the difference is
the match's, and told. So is a rate that is missing. But where an id has several rows on a side, only what agrees by the
rate is booked; and numbers that follow each other are two ways of numbering, unless most of their pairs agree.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from recon.matching.arrays import NONE, Flags, Ints, meet, sift, unique_pairs
from recon.matching.board import Board, Candidates
from recon.matching.comparisons import NOT_COMPARED
from recon.matching.fx.pairs import FxPairs, by_id, rivals_of, suggest
from recon.matching.groups.keyed import GROUP_ID, Keys, keys_of
from recon.matching.identity import RELATIONS, is_numbering
from recon.matching.strings import same_bytes
from recon.model.outcome import Pass

SHARED: Final = (
    *RELATIONS,
    (GROUP_ID, GROUP_ID),
    ("payment_ref", GROUP_ID),
    (GROUP_ID, "payment_ref"),
    ("txn_id", GROUP_ID),
    (GROUP_ID, "txn_id"),
)
"""Which column of the source meets which of the reference, best evidence first."""

_RANKS: Final = np.array([4, 3, 2, 2, 1, 0, 0, 0, 0])
"""How good each of them is: two columns crossed rank the same."""

_FAMILY: Final = 64
"""Pairs of rows under one id that are looked at; more share a word or a batch, not a payment."""

_ENOUGH: Final = 20


def book_named(board: Board) -> None:
    """Book the free rows of different currencies that share an id."""
    keys = keys_of(board.source), keys_of(board.reference)
    found = [_of_relation(board, keys, relation) for relation in SHARED]
    source, reference = (np.concatenate(column) for column in zip(*found, strict=True))
    by = np.repeat(np.arange(len(SHARED)), [len(part[0]) for part in found])
    once = unique_pairs(source, reference, -by)
    if not len(once):
        return
    pairs, by = FxPairs.of(board, source[once], reference[once]), by[once]
    is_only = rivals_of(pairs.source, pairs.reference) == 1
    _book_within(board, pairs, by)
    free = board.source_free[pairs.source] & board.reference_free[pairs.reference]
    rest = np.flatnonzero(free & is_only & ~pairs.valued.is_within)
    _book(board, pairs.pick(rest), by[rest])
    board.report("fx: shared ids", board.decided_count(), board.row_count)


def _of_relation(board: Board, keys: tuple[Keys, Keys], relation: tuple[str, str]) -> tuple[Ints, Ints]:
    """Pairs of free ranks of one sign and two currencies with the same id in these columns, if these say something."""
    one, other = (columns.get(name) for columns, name in zip(keys, relation, strict=True))
    if one is None or other is None or not (common := one.has_shape & other.has_shape).any():
        return NONE, NONE
    sources, references = board.free_source(), board.free_reference()
    rows = sources[common[one.shapes][board.source.row[sources]]]
    others = references[common[other.shapes][board.reference.row[references]]]
    words = one.hashes[board.source.row[rows]], other.hashes[board.reference.row[others]]
    maybe, other_maybe = sift(*words)
    groups = meet(words[0][maybe], words[1][other_maybe]).renamed(rows[maybe], others[other_maybe])
    source, reference = groups.pick(groups.source_count * groups.reference_count <= _FAMILY).product()
    keep = _is_movement(board, source, reference)
    keep &= same_bytes(one.at(board.source.row[source]), other.at(board.reference.row[reference]))
    source, reference = source[keep], reference[keep]
    return (source, reference) if _says_something(board, relation, source, reference) else (NONE, NONE)


def _is_movement(board: Board, source: Ints, reference: Ints) -> Flags:
    """Pairs of two currencies, both money in or both money out."""
    signs = np.sign(board.source.amount[source]) * np.sign(board.reference.amount[reference])
    result: Flags = (signs >= 0) & (board.source.currency[source] != board.reference.currency[reference])
    return result


def _says_something(board: Board, relation: tuple[str, str], source: Ints, reference: Ints) -> bool:
    """Whether pairs with equal ids in these columns have more in common than two ways of numbering would give."""
    if len(source) < _ENOUGH or GROUP_ID in relation or not is_numbering(board.source, relation[0], source):
        return True
    within = FxPairs.of(board, source, reference).valued.is_within
    return bool(2 * np.count_nonzero(within) >= len(within))


def _book_within(board: Board, pairs: FxPairs, by: Ints) -> None:
    """The best one-to-one choice among pairs that agree: the nearest in date, then to the rate, then by column."""
    at = np.flatnonzero(pairs.valued.is_within)
    some, some_by = pairs.pick(at), by[at]
    if not len(some):
        return
    days = np.abs(board.reference.day[some.reference] - board.source.day[some.source])
    utility = 20_000_000 - np.minimum(days, 4_000) * 4_000 - np.rint(some.valued.bps).astype(np.int64) * 10
    candidates = Candidates(
        source=some.source,
        reference=some.reference,
        similarity=np.full(len(some), NOT_COMPARED, np.float32),
        utility=utility + _RANKS[some_by],
    )
    best = board.best_choice(Pass.FX, candidates, named_by_id=True)
    _book(board, some.pick(best.booked), some_by[best.booked])
    tied = some.pick(best.tied)
    said = by_id(board, tied, _names(some_by[best.tied]))
    suggest(board, tied, np.full(len(tied), NOT_COMPARED, np.float32), said)


def _book(board: Board, pairs: FxPairs, by: Ints) -> None:
    board.book(Pass.FX, pairs.source, pairs.reference, particulars=by_id(board, pairs, _names(by)))


def _names(by: Ints) -> pa.Array:
    """How `evidence` names each of the relations."""
    names = [one if one == other else f"{one}={other}" for one, other in SHARED]
    return pa.array(names, pa.string()).take(pa.array(by))
