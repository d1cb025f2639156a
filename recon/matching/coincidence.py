"""How many exact keys meet by chance alone, estimated from the rows: what an equal key is worth without its texts.

Rows of one amount and currency on different days are not one movement's exact key, so they show how often amounts
coincide: spread over the days there are, that is how many would coincide on the same day. A row whose partner stands
there already cannot meet another, which leaves only the rows without one.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from recon.matching.arrays import Ints, meet, run_starts
from recon.matching.board import Board
from recon.matching.columns import Columns
from recon.matching.keys import exact_keys

_ROUNDS: Final = 20


def chance_share(board: Board) -> float:
    """Of the keys that one free row a side has, the share that meets by chance, 0..1."""
    source, reference = _alone(board.source, board.free_source()), _alone(board.reference, board.free_reference())
    met = len(meet(board.source.key[source], board.reference.key[reference]))
    if not met:
        return 0.0
    groups = meet(*exact_keys(_money(board.source, source), _money(board.reference, reference)))
    elsewhere = float((groups.source_count.astype(np.float64) * groups.reference_count).sum()) - met
    # only rows whose amount the other side has at all can meet someone
    one, _, other, _ = groups.renamed(source, reference).rows()
    days = len(np.union1d(board.source.day[one], board.reference.day[other]))
    expected = elsewhere / max(days - 1, 1)
    wrong = min(expected, met)
    for _ in range(_ROUNDS):
        right = met - wrong
        wrong = min(expected * (1 - right / len(one)) * (1 - right / len(other)), met)
    return wrong / met


def _alone(side: Columns, ranks: Ints) -> Ints:
    """Ranks whose exact key no other of these has; ranks ascend, so equal keys stand together."""
    start = run_starts(side.key[ranks])
    alone: Ints = ranks[start[np.diff(start, append=len(ranks)) == 1]]
    return alone


def _money(side: Columns, ranks: Ints) -> tuple[Ints, Ints]:
    return side.currency[ranks], side.amount[ranks]
