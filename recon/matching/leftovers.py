"""The last pass: pairs with something strong in common that no pass could book, shown to a person instead of lost.

- An exact key with unrelated texts, where neither row found a better partner: evidence, not proof.
- The same id where the signs are opposite, or where a side has several rows under it (a payout and its payments).
- Nearly the same id, with the same amount within the date window (`folded`).
- The same amount within the date window, where a missing text leaves nothing to compare.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from recon.matching.arrays import NONE, Ints, meet, spans, unique_pairs
from recon.matching.blocking import Contents, blocks, contents
from recon.matching.board import Board
from recon.matching.comparisons import Pairs, closeness, similarities, utilities
from recon.matching.folded import suggest_folded_ids
from recon.matching.identity import same_id
from recon.matching.scored import unfolded
from recon.matching.tolerance import EQUAL
from recon.model.outcome import Pass

_FAMILY: Final = 64
"""Pairs of rows under one id that are shown, where both sides have several."""

_MANY: Final = 1_024
"""Pairs of contents under one exact key that are compared; of more, the first with the first."""


def leftover_pass(board: Board) -> None:
    """Suggest, never book."""
    _suggest_shared_ids(board)
    board.report("leftovers: shared ids", board.decided_count(), board.row_count)
    suggest_folded_ids(board)
    board.report("leftovers: similar ids", board.decided_count(), board.row_count)
    _suggest_equal_amounts(board)


def _suggest_shared_ids(board: Board) -> None:
    source, reference = [NONE], [NONE]
    for relation in board.relations:
        groups = same_id(board, relation)
        star = np.minimum(groups.source_count, groups.reference_count) == 1
        family = groups.source_count * groups.reference_count <= _FAMILY
        one, other = groups.pick(star | family).product()
        source.append(one)
        reference.append(other)
    one, other = np.concatenate(source), np.concatenate(reference)
    once = unique_pairs(one, other, np.zeros(len(one), np.int64))
    board.suggest(Pass.IDENTITY, one[once], other[once])


def _suggest_equal_amounts(board: Board) -> None:
    """Equal amounts other than zero: on the same day with any text, within the window where a text is missing."""
    rows = [
        ranks[columns.amount[ranks] != 0]
        for columns, ranks in ((board.source, board.free_source()), (board.reference, board.free_reference()))
    ]
    source, reference = contents(board.source, rows[0]), contents(board.reference, rows[1])
    groups = meet(source.key, reference.key)
    few = groups.source_count * groups.reference_count <= _MANY
    found = [groups.pick(few).product(), groups.pick(~few).paired(), *_without_text(board, source, reference)]
    one, other = (np.concatenate(column) for column in zip(*found, strict=True))
    once = unique_pairs(one, other, np.zeros(len(one), np.int64))
    one, other = one[once], other[once]
    if not len(one):
        return
    forms = (
        board.source.forms.at(source.rows[source.start[one]]),
        board.reference.forms.at(reference.rows[reference.start[other]]),
    )
    pairs = Pairs(source=one, reference=other, similarity=similarities(*forms, board.threads))
    utility = utilities(pairs, closeness(source, reference, pairs, board.rules), floor=0)
    board.settle(Pass.SCORED, unfolded(source, reference, pairs, utility), suggest_only=True)


def _without_text(board: Board, source: Contents, reference: Contents) -> list[tuple[Ints, Ints]]:
    """Pairs of contents of one amount within the window, at least one of them without a text."""
    found = []
    offsets = range(-board.rules.days_before, board.rules.days_after + 1)
    bare, other_bare = np.flatnonzero(source.text_hash == 0), np.flatnonzero(reference.text_hash == 0)
    everyone, everyone_else = np.arange(len(source)), np.arange(len(reference))
    for one, other in ((bare, everyone_else), (everyone, other_bare)):
        for block in blocks(source.pick(one), reference.pick(other), EQUAL, offsets):
            width = np.repeat(block.reference_count, block.source_count)
            left = np.repeat(spans(block.source_start, block.source_count), width)
            right = spans(np.repeat(block.reference_start, block.source_count), width)
            found.append((one[left], other[right]))
    return found
