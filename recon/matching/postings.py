"""Which rows of two sides have words in common: an index of the words, and of each two words, that a text has.

For windows so crowded that comparing everybody with everybody would never end. A word counts by its first letters, the
second of two words by its first letter alone, so that cut and abbreviated words meet. Under each key a row meets only
the rows of the nearest amounts: linear in the rows, however popular a word, a text or an amount is.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from recon.matching.arrays import NONE, Ints, Words, mix, run_starts, spans
from recon.matching.catch import Window
from recon.matching.wording import LETTER_MASKS, WordTable

NEAREST: Final = 24
"""Rows on either side of an amount that are met under one key."""
_LETTERS: Final = 4
_FEWEST_LETTERS, _FEWEST_DIGITS = 2, 1
_WORDS, _NUMBERS = 4, 2
_PLACE_BITS: Final = np.uint64(24)
_PLACE: Final = (np.uint64(1) << _PLACE_BITS) - np.uint64(1)
_EVERYONE: Final = np.uint64(0xFFFFFFFFFFFFFFFF)


def text_keys(words: WordTable, numbers: WordTable, at: Ints) -> list[Words]:
    """Keys of these rows, one array for each kind of key; 0 where a row has none of the kind. One key all share."""
    tokens = [
        (table.code[place][at], table.size[place][at], fewest)
        for table, most, fewest in ((words, _WORDS, _FEWEST_LETTERS), (numbers, _NUMBERS, _FEWEST_DIGITS))
        for place in range(min(len(table.code), most))
    ]
    keys = [np.full(len(at), _EVERYONE)]
    for first, (code, size, fewest) in enumerate(tokens):
        own = np.where(size >= fewest, mix(code & LETTER_MASKS[np.minimum(size, _LETTERS)]), np.uint64(0))
        keys.append(own)
        for second, (other, other_size, _) in enumerate(tokens):
            if first != second:
                both = mix(own ^ mix(other >> np.uint64(56)))
                keys.append(np.where((own != 0) & (other_size > 0), both, np.uint64(0)))
    return keys


class Postings:
    """The places of rows under their keys. Rows are numbered by amount, at most 16 million of them."""

    def __init__(self, keys: list[Words]) -> None:
        place = np.arange(len(keys[0]), dtype=np.uint64)
        packed = np.concatenate([_packed(kind, place)[kind != 0] for kind in keys])
        packed.sort()
        self._packed = packed[run_starts(packed)]

    def near(self, keys: list[Words], window: Window) -> tuple[Ints, Ints]:
        """(row, place) of rows that share a key, inside the window the nearest to its own place; each pair once."""
        row, start, count = [], [], []
        for kind in keys:
            at = np.flatnonzero(kind)
            low, middle, high = (
                np.searchsorted(self._packed, _packed(kind[at], place[at].astype(np.uint64)))
                for place in (window.begin, window.own, window.end)
            )
            low, high = np.maximum(low, middle - NEAREST), np.minimum(high, middle + NEAREST)
            row.append(at)
            start.append(low)
            count.append(np.maximum(high - low, 0))
        counts = np.concatenate([NONE, *count])
        places = self._packed[spans(np.concatenate([NONE, *start]), counts)] & _PLACE
        rows = np.repeat(np.concatenate([NONE, *row]), counts).astype(np.uint64)
        code = (rows << _PLACE_BITS) | places
        code.sort()
        code = code[run_starts(code)]
        return (code >> _PLACE_BITS).astype(np.int64), (code & _PLACE).astype(np.int64)


def _packed(key: Words, place: Words) -> Words:
    result: Words = ((key >> _PLACE_BITS) << _PLACE_BITS) | place
    return result
