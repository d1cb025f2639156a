"""The digest of a result: one sha256 that is equal for equal results, whatever the order of the rows in the files.

A row counts by what it says, not by its line. Its form, so that it can be worked out again elsewhere:

    text       the 64-bit hash of its UTF-8 bytes (`recon.matching.strings.hashes`); no text is 0
    number     its 64-bit two's complement; dates as days, instants as microseconds; no number is NO_NUMBER
    record     its fields one after the other: state = mix(state * STEP + field), from 0, modulo 2**64
    row        the record of all columns of TRANSACTION_SCHEMA but `line`; no row is 0
    match      the record (source row, reference row, status, pass, amount_delta); of a line of a group, the record
               (that, sum of those of all lines of the group modulo 2**64)
    found      the record (kind, side, source row, reference row, currency, amount); sentences are left out
    netted     the record (side, row, other row)
    digest     sha256 over, for the matches, the discrepancies and, if any, the netted pairs: their count and their
               records in rising order, all as little-endian 64-bit words

It tells results apart; that files are as they were written is said by the sha256 of each in the manifest.
"""

from __future__ import annotations

import hashlib
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recon.matching.arrays import Words, mix
from recon.matching.strings import hashes, texts
from recon.model.outcome import Outcome
from recon.model.transactions import TRANSACTION_SCHEMA, Side

STEP: Final = np.uint64(0x9E3779B97F4A7C15)
NO_NUMBER: Final = np.uint64(0x6E6F6E756D626572)

_CONTENT: Final = tuple(name for name in TRANSACTION_SCHEMA.names if name != "line")


def result_digest(outcome: Outcome, source: pa.Table, reference: pa.Table, *, threads: int = 2) -> str:
    """The digest of an outcome of these two transaction tables, as 64 hexadecimal digits."""
    ours, theirs = (_record([_words(side[name], threads) for name in _CONTENT]) for side in (source, reference))
    matches, found = outcome.matches, outcome.discrepancies
    matched = [
        _at(ours, matches["source_row"]),
        _at(theirs, matches["reference_row"]),
        *(_words(matches[name], threads) for name in ("status", "pass", "amount_delta")),
    ]
    differing = [
        *(_words(found[name], threads) for name in ("kind", "side")),
        _at(ours, found["source_row"]),
        _at(theirs, found["reference_row"]),
        *(_words(found[name], threads) for name in ("currency", "amount")),
    ]
    parts = [_in_groups(_record(matched), matches["group"]), _record(differing)]
    if outcome.netted.num_rows:
        parts.append(_netted(outcome.netted, ours, theirs, threads))
    digest = hashlib.sha256()
    for unordered in parts:
        records = np.sort(unordered)
        digest.update(np.array([len(records)], "<u8").data)
        digest.update(records.astype("<u8", copy=False).data)
    return digest.hexdigest()


def _record(fields: list[Words]) -> Words:
    """Each row's fields as one word."""
    state = np.zeros(len(fields[0]), np.uint64)
    for field in fields:
        state = mix(state * STEP + field)
    return state


def _netted(netted: pa.Table, ours: Words, theirs: Words, threads: int) -> Words:
    is_source = pc.equal(netted["side"], str(Side.SOURCE)).to_numpy()
    fields = [_words(netted["side"], threads)]
    for name in ("row", "other_row"):
        rows = netted[name].to_numpy()
        words = np.zeros(len(rows), np.uint64)
        words[is_source], words[~is_source] = ours[rows[is_source]], theirs[rows[~is_source]]
        fields.append(words)
    return _record(fields)


def _in_groups(records: Words, group: pa.ChunkedArray) -> Words:
    """The records, those of a group's lines tied to each other: by what they say, never by the group's number."""
    lines = np.flatnonzero(group.is_valid().to_numpy())
    if not len(lines):
        return records
    numbers = np.unique(group.drop_null().to_numpy(), return_inverse=True)[1]
    whole = np.zeros(int(numbers.max()) + 1, np.uint64)
    np.add.at(whole, numbers, records[lines])
    tied = records.copy()
    tied[lines] = mix(records[lines] * STEP + whole[numbers])
    return tied


def _words(column: pa.ChunkedArray, threads: int) -> Words:
    """Each value as a word."""
    if pa.types.is_string(column.type):
        return _text_words(column, threads)
    if column.null_count == len(column):
        return np.full(len(column), NO_NUMBER)
    whole = column.cast(pa.int32()) if pa.types.is_date32(column.type) else column
    filled = pc.fill_null(whole.cast(pa.int64()), 0).to_numpy().view(np.uint64)
    return np.where(column.is_null().to_numpy(), NO_NUMBER, filled) if column.null_count else filled


def _text_words(column: pa.ChunkedArray, threads: int) -> Words:
    if column.null_count == len(column):
        return np.zeros(len(column), np.uint64)
    return hashes(texts(column), threads)


def _at(rows: Words, positions: pa.ChunkedArray) -> Words:
    """The rows at these positions; 0 where there is none."""
    found = rows[pc.fill_null(positions, 0).to_numpy()] if len(rows) else np.zeros(len(positions), np.uint64)
    return np.where(positions.is_null().to_numpy(), np.uint64(0), found) if positions.null_count else found
