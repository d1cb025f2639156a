"""Which leftover rows are extra copies of another row of their own side, and of which."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recon.discrepancies.rows import NO_ROW, SideRows
from recon.discrepancies.sums import Flags, Ints

SAME: Final = ("description", "txn_id", "payment_ref")
"""Beside currency, amount and date, any one of these makes two rows copies; the first that does is named.

An id counts if it contains a digit."""

_SIEVE_BITS: Final = 22
_MIX: Final = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93], np.uint64)
"""Odd multipliers that spread near values; they decide what is looked at, never what is a copy."""


def originals(rows: SideRows, left: Ints) -> tuple[Ints, Ints]:
    """For each leftover row (table rows, any order): the row it is a copy of or NO_ROW, and the index in SAME.

    Of copies, a row that is not left over is the original; else the first by payment_ref, txn_id and line.
    """
    original, by = np.full(len(left), NO_ROW), np.zeros(len(left), np.int64)
    if not len(left):
        return original, by
    near = _possible(rows, left)
    place = np.full(len(rows), NO_ROW)
    place[left] = np.arange(len(left))
    is_left = place[near] != NO_ROW
    key = _codes(rows.currency[near], rows.day[near], rows.amount[near])
    text = {name: _text_codes(rows.table[name], near) for name in SAME}
    seniority = np.argsort(np.lexsort((rows.line[near], text["txn_id"], text["payment_ref"], is_left)), kind="stable")
    for index in reversed(range(len(SAME))):
        code = text[SAME[index]]
        some = np.flatnonzero((code >= 0) & _tells_rows_apart(SAME[index], rows, near))
        order = some[np.lexsort((seniority[some], code[some], key[some]))]
        first = _first_of_run(key[order], code[order])
        copies = (first != np.arange(len(order))) & is_left[order]
        at = place[near[order[copies]]]
        original[at] = near[order[first[copies]]]
        by[at] = index
    return original, by


def _possible(rows: SideRows, left: Ints) -> Ints:
    """All rows that have currency, amount, date and one thing more in common with another, and a few that do not.

    Found by hashes, so that texts are only put in order where there is something to decide.
    """
    word = rows.amount.view(np.uint64) * _MIX[0] + rows.day.view(np.uint64) * _MIX[1]
    word += rows.currency.view(np.uint64) * _MIX[2]
    sieve = (word * _MIX[3]) >> np.uint64(64 - _SIEVE_BITS)
    seen = np.zeros(1 << _SIEVE_BITS, np.bool_)
    seen[sieve[left]] = True
    near = np.flatnonzero(seen[sieve])
    is_repeated = np.zeros(len(near), np.bool_)
    for name in SAME:
        text = rows.table[name].take(pa.array(near)).combine_chunks()
        code = pc.fill_null(text.dictionary_encode().indices, NO_ROW).to_numpy().astype(np.int64)
        has = np.flatnonzero(code != NO_ROW)
        is_repeated[has] |= _repeated((word[near[has]] + code[has].view(np.uint64) * _MIX[3]) * _MIX[0])
    return near[is_repeated]


def _repeated(words: NDArray[np.uint64]) -> Flags:
    """Which words occur more than once."""
    order = np.argsort(words)
    same = words[order][1:] == words[order][:-1]
    repeated = np.zeros(len(words), np.bool_)
    repeated[order[1:][same]] = repeated[order[:-1][same]] = True
    return repeated


def _codes(*columns: Ints) -> Ints:
    """One number for each distinct combination."""
    code = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        value = np.unique(column, return_inverse=True)[1]
        code = np.unique((code << 32) | value, return_inverse=True)[1]
    return code


def _text_codes(column: pa.ChunkedArray, rows: Ints) -> Ints:
    """Numbers in order of the texts at these rows; -1 for none."""
    text = column.take(pa.array(rows))
    text = text.combine_chunks() if isinstance(text, pa.ChunkedArray) else text
    text = pc.fill_null(text, "")
    rank = pc.rank(text, "ascending", tiebreaker="dense").to_numpy(zero_copy_only=False)
    empty = pc.equal(text, "").to_numpy(zero_copy_only=False)
    return np.where(empty, NO_ROW, rank.astype(np.int64))


def _tells_rows_apart(name: str, rows: SideRows, at: Ints) -> Flags:
    """Any description may; an id without a digit (N/A, CASH) is a word that says nothing about its row."""
    if name == "description":
        return np.ones(len(at), np.bool_)
    numbered = pc.match_substring_regex(rows.table[name].take(pa.array(at)), "[0-9]")
    result: Flags = pc.fill_null(numbered, False).to_numpy().astype(np.bool_)
    return result


def _first_of_run(*columns: Ints) -> Ints:
    """For each position of sorted columns, the position where its run of equal values begins."""
    begins = np.zeros(len(columns[0]), np.bool_)
    begins[:1] = True
    for column in columns:
        begins[1:] |= column[1:] != column[:-1]
    start = np.where(begins, np.arange(len(begins)), 0)
    return np.maximum.accumulate(start) if len(start) else start
