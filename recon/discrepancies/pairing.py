"""Why two rows stand beside each other, in words: what a mismatch or a suggestion says about its pair.

Built by columns, a million at a time, from what the match recorded of the pair; nothing a file contains is quoted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recon.discrepancies.rows import SideRows
from recon.discrepancies.sentences import joined
from recon.discrepancies.sums import Flags, Ints

_SHARED_ID: Final = {
    "payment_ref": "the same payment_ref",
    "txn_id": "the same txn_id",
    "payment_ref=txn_id": "a payment_ref that is the other's txn_id",
    "txn_id=payment_ref": "a txn_id that is the other's payment_ref",
    "group_id": "the same group_id",
    "payment_ref=group_id": "a payment_ref that is the other's group_id",
    "group_id=payment_ref": "a group_id that is the other's payment_ref",
    "txn_id=group_id": "a txn_id that is the other's group_id",
    "group_id=txn_id": "a group_id that is the other's txn_id",
}
"""What `evidence` may begin with where two rows share an id, and how a sentence says it of the source row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """Pairs of rows as the match recorded them. `shared_id`: words of _SHARED_ID, empty where no id is shared."""

    days: Ints
    similarity: pa.ChunkedArray
    shared_id: pa.Array
    is_opposite: Flags

    @classmethod
    def of(cls, matches: pa.Table, source: SideRows, reference: SideRows) -> Pairing:
        """The pairs of some rows of a table of matches (MATCH_SCHEMA)."""
        one, other = source.amount[matches["source_row"].to_numpy()], matches["reference_row"].to_numpy()
        return cls(
            days=matches["days"].to_numpy().astype(np.int64),
            similarity=matches["similarity"],
            shared_id=_shared_id(matches["evidence"]),
            is_opposite=np.sign(one) * np.sign(reference.amount[other]) < 0,
        )


def _shared_id(evidence: pa.ChunkedArray) -> pa.Array:
    """Looked up among the few different ways to agree."""
    different = evidence.combine_chunks().dictionary_encode()
    words = [_SHARED_ID.get(text.split("+")[0], "") for text in different.dictionary.to_pylist()]
    return pa.array(words, pa.string()).take(different.indices)


def mismatch_text(
    pairing: Pairing, *, source: pa.Array, reference: pa.Array, delta: pa.Array, hints: pa.Array
) -> pa.Array:
    """The sentences of amount mismatches, given both amounts, the difference and the hints as texts."""
    lag = _by_number(pairing.days, lambda days: f" {_counted(abs(days))} {'later' if days > 0 else 'earlier'}")
    lag = pc.if_else(pa.array(pairing.days == 0), "", lag)
    named = pc.not_equal(pairing.shared_id, "")
    how = pc.if_else(named, joined(", under ", pairing.shared_id), "")
    return joined(
        "The source has ", source, ", the reference ", reference, lag, how, ": a difference of ", delta, ".", hints
    )


def suggestion_text(
    pairing: Pairing, *, source_count: Ints, reference_count: Ints, net: pa.Array, hints: pa.Array
) -> pa.Array:
    """The sentences of suggestions, given the rows of each group, its net amount as text, and its best pair.

    `hints` are of that pair; where there are more rows they say too little to be told.
    """
    named = pc.not_equal(pairing.shared_id, "")
    rows = joined(counted_rows(source_count, "source"), " and ", counted_rows(reference_count, "reference"))
    pair = pc.if_else(named, _pair_by_id(pairing, rows), joined(rows, " have ", _what_agrees(pairing)))
    group = pc.if_else(named, joined(rows, " share an id"), joined(rows, " may belong together in more than one way"))
    alone = pa.array((source_count == 1) & (reference_count == 1))
    told = pc.if_else(alone, pair, group)
    return joined(told, "; their difference is ", net, ".", pc.if_else(alone, hints, ""))


def _pair_by_id(pairing: Pairing, rows: pa.Array) -> pa.Array:
    but = pc.if_else(pa.array(pairing.is_opposite), ", but one is money in and the other money out", "")
    return joined(rows, " have ", pairing.shared_id, but)


def _what_agrees(pairing: Pairing) -> pa.Array:
    """Of a pair of equal amounts that no id ties: why it was not simply matched."""
    apart = _by_number(np.abs(pairing.days), lambda days: f"the same amount {_counted(days)} apart, ")
    when = pc.if_else(pa.array(pairing.days == 0), "the same amount and date, ", apart)
    alike = joined("but descriptions only ", pc.cast(pairing.similarity, pa.string()), " % alike")
    why = pc.if_else(pc.is_valid(pairing.similarity), alike, "but no description on both sides to compare")
    return joined(when, why)


def counted_rows(count: Ints, side: str) -> pa.Array:
    """`1 source row`, `2 source rows`"""
    return _by_number(count, lambda number: f"{number} {side} row{'s' if number > 1 else ''}")


def _counted(days: int) -> str:
    return f"{days} day" if days == 1 else f"{days} days"


def _by_number(numbers: Ints, words: Callable[[int], str]) -> pa.Array:
    """Words for each number, each distinct number put into words once."""
    distinct, at = np.unique(numbers, return_inverse=True)
    return pa.array([words(number) for number in distinct.tolist()], pa.string()).take(pa.array(at))
