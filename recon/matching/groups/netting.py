"""Pass: a charge and its reversal on one side, which the other side never saw. They cancel, so neither is missing.

Two rows of one side net when their amounts are equal and opposite, their currency is the same, they are at most
`Rules.netting_days` apart, and one thing ties them: an id of one is an id of the other, or a description that no other
row of their side has. It comes after the passes that pair the sides: what the other side saw is matched, not netted.
Of several reversals that would do, the nearest in date is taken; where that is a coin toss, nothing is.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow.compute as pc

from recon.matching.arrays import NONE, Flags, Ints, Meeting, Words, meet, mix, unique_pairs
from recon.matching.assignment import assign
from recon.matching.board import Board
from recon.matching.columns import Columns
from recon.matching.edges import Edges
from recon.matching.strings import Texts, same_bytes
from recon.model.transactions import Side

TIES: Final = (
    ("payment_ref", "payment_ref"),
    ("txn_id", "payment_ref"),
    ("payment_ref", "txn_id"),
    ("txn_id", "txn_id"),
)
"""Which id of the row of money in meets which of the row of money out."""

_FAMILY: Final = 8
"""Rows of one amount that may share an id; more share a word."""

_ODD: Final = np.uint64(0x9E3779B97F4A7C15)


def netting_pass(board: Board) -> None:
    """Net what cancels, on either side."""
    for side, columns, ranks in (
        (Side.SOURCE, board.source, board.free_source()),
        (Side.REFERENCE, board.reference, board.free_reference()),
    ):
        incoming, outgoing = _tied(columns, ranks, board.rules.netting_days)
        if len(incoming):
            at = _choice(columns, incoming, outgoing)
            board.net(side, incoming[at], outgoing[at])
    board.report("netting: reversals", board.decided_count(), board.row_count)


def _tied(side: Columns, ranks: Ints, days: int) -> tuple[Ints, Ints]:
    """Pairs (money in, money out) of these ranks that something ties, each once."""
    sign = np.sign(side.amount[ranks])
    incoming, outgoing = ranks[sign > 0], ranks[sign < 0]
    found = [(NONE, NONE)]
    if len(incoming) and len(outgoing):
        size = _sizes(side, incoming), _sizes(side, outgoing)
        found += [_by_ids(side, (incoming, outgoing), size, tie) for tie in TIES]
        found.append(_by_text(side, incoming, outgoing, size))
    one, other = (np.concatenate(part) for part in zip(*found, strict=True))
    near = np.abs(side.day[one] - side.day[other]) <= days
    one, other = one[near], other[near]
    once = unique_pairs(one, other, np.zeros(len(one), np.int64))
    return one[once], other[once]


def _sizes(side: Columns, ranks: Ints) -> Words:
    """Hash of (currency, size of the amount)."""
    currency = (side.currency[ranks].astype(np.uint64) + np.uint64(1)) * _ODD
    return mix(np.abs(side.amount[ranks]).astype(np.uint64) ^ currency)


def _by_ids(
    side: Columns, ranks: tuple[Ints, Ints], size: tuple[Words, Words], tie: tuple[str, str]
) -> tuple[Ints, Ints]:
    keys = side.ids[tie[0]], side.ids[tie[1]]
    if not (keys[0].has_shape & keys[1].has_shape).any():
        return NONE, NONE
    met = _meet(side, ranks, size, keys)
    met = met.pick((met.source_count <= _FAMILY) & (met.reference_count <= _FAMILY))
    one, other = met.product()
    written = keys[0].at(side.row[one])
    equal = same_bytes(written, keys[1].at(side.row[other])) & _cancel(side, one, other)
    equal &= pc.match_substring_regex(written, "[0-9]").to_numpy(zero_copy_only=False)
    return one[equal], other[equal]


def _meet(side: Columns, ranks: tuple[Ints, Ints], size: tuple[Words, Words], keys: tuple[Texts, Texts]) -> Meeting:
    """Ranks whose key and size are the same, those without a key aside."""
    words, kept = [], []
    for rank, own_size, key in zip(ranks, size, keys, strict=True):
        hashed = key.hashes[side.row[rank]]
        has = np.flatnonzero(hashed)
        words.append(mix(hashed[has] ^ own_size[has]))
        kept.append(rank[has])
    return meet(*words).renamed(*kept)


def _by_text(side: Columns, incoming: Ints, outgoing: Ints, size: tuple[Words, Words]) -> tuple[Ints, Ints]:
    """One row each way with a description that only these two rows of the side have."""
    one, other = _meet(side, (incoming, outgoing), size, (side.text, side.text)).single()
    equal = same_bytes(side.texts_at(one), side.texts_at(other)) & _cancel(side, one, other)
    one, other = one[equal], other[equal]
    if not len(one):
        return one, other
    in_order = np.sort(side.text_hash)
    wanted = side.text_hash[one]
    count = np.searchsorted(in_order, wanted, side="right") - np.searchsorted(in_order, wanted)
    return one[count == 2], other[count == 2]


def _cancel(side: Columns, one: Ints, other: Ints) -> Flags:
    result: Flags = (side.amount[one] == -side.amount[other]) & (side.currency[one] == side.currency[other])
    return result


def _choice(side: Columns, incoming: Ints, outgoing: Ints) -> Ints:
    """Positions of the best pairs, each row once: the nearest in date. A coin toss is none."""
    sources, source = np.unique(incoming, return_inverse=True)
    references, reference = np.unique(outgoing, return_inverse=True)
    edges = Edges(
        source=source,
        reference=reference,
        utility=1_000_000 - np.minimum(np.abs(side.day[incoming] - side.day[outgoing]), 9_999),
        source_content=side.content[sources],
        reference_content=side.content[references],
        source_can_be_copy=np.ones(len(sources), np.bool_),
        reference_can_be_copy=np.ones(len(references), np.bool_),
    )
    return assign(edges).booked
