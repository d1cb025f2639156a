"""How likely each pair is right, given all others: sum-product on the graph of candidates, no row in two pairs.

A pair competes with the others of both its rows, but only as far as those can be true: a rival whose other row belongs
elsewhere is none. So each row tells each of its candidates how free it is for it, which depends on how free the other
rows are, in rounds until it settles (the monomer-dimer model of statistical physics; exact on trees). Partners of equal
content are no rivals: any of them is right.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from recon.matching.arrays import Ints, run_starts
from recon.matching.levels import Numbers

_ROUNDS: Final = 20
"""Messages are halfway between the last and the next, which keeps them from swinging; by then few move by 0.001."""
_MOST: Final = 40.0


def chances(ends: tuple[Ints, Ints], contents: tuple[Ints, Ints], odds: Numbers) -> Numbers:
    """The chance of each pair, 0 to 1, from its `ends` and its log odds against both of them having no partner.

    `contents`: of each rank of either side.
    """
    source, reference = ends
    weight = np.exp(np.clip(odds, -_MOST, _MOST))
    copies = _groups(source, contents[1][reference]), _groups(reference, contents[0][source])
    free, other_free = np.ones(len(weight)), np.ones(len(weight))
    for _ in range(_ROUNDS):
        claims, other_claims = weight * other_free, weight * free
        free = np.sqrt(free / (1 + _rivals(source, copies[0], claims)))
        other_free = np.sqrt(other_free / (1 + _rivals(reference, copies[1], other_claims)))
    found = weight * free * other_free
    return np.asarray(np.round(found / (1 + found), 9))  # whatever the order of sums, equal pairs are equal


def _groups(end: Ints, partner: Ints) -> Ints:
    """Pairs of one end with partners of one content get one number."""
    order = np.lexsort((partner, end))
    group = np.zeros(len(order), np.int64)
    begins = np.zeros(len(order), np.int64)
    begins[run_starts(end[order], partner[order])] = 1
    group[order] = np.cumsum(begins) - 1
    return group


def _rivals(end: Ints, copies: Ints, claims: Numbers) -> Numbers:
    """The claims on the end of each pair, those of the same content apart."""
    return np.asarray(np.maximum(np.bincount(end, claims)[end] - np.bincount(copies, claims)[copies], 0))
