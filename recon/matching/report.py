"""The board's decisions as the table the rest of the product reads, each pair with its evidence and confidence.

Confidence. An exact match, and one by identity whose amounts agree, is 1. By identity with differing amounts it is
between 0.5 and 1, nearer 1 the nearer the amounts. Everything else, suggestions too, has

    0.6 * similarity / 100  +  0.25 * closeness of the amounts  +  0.15 * closeness of the dates

where closeness falls from 1 (equal) to 0 (just past the rules) and a text that is missing counts as half alike. A
suggestion's is divided by the number of partners shown for its rows. Rounded to four decimals. Where the scoring is
learned, the confidence is the chance that the pair is right (`learned`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from recon.matching.arrays import NONE, Flags, Ints
from recon.matching.board import Board, Found
from recon.matching.comparisons import NOT_COMPARED, amount_closeness, day_closeness
from recon.matching.identity import RELATIONS, shares_id
from recon.matching.waterfall import waterfall_text
from recon.model.outcome import MATCH_SCHEMA, MatchStatus, Pass
from recon.model.rules import Rules

AGREEMENTS: Final = (
    "payment_ref",
    "txn_id",
    "payment_ref=txn_id",
    "txn_id=payment_ref",
    "amount",
    "date",
    "description",
)
"""What `evidence` may name, joined by '+' in this order. `payment_ref=txn_id`: the source's payment_ref is the
reference's txn_id. `description`: the texts are equal or as alike as the rules ask for."""

_PASSES: Final = tuple(Pass)


def match_table(board: Board) -> pa.Table:
    """Everything decided, as MATCH_SCHEMA, sorted by (source_row, reference_row)."""
    found = board.found
    lengths = [len(part.source) for part in found]
    source = np.concatenate([NONE, *(part.source for part in found)])
    reference = np.concatenate([NONE, *(part.reference for part in found)])
    similarity = np.concatenate([np.zeros(0, np.float32), *(part.similarity for part in found)])
    matched = np.repeat(np.array([part.status is MatchStatus.MATCHED for part in found], np.bool_), lengths)
    by = np.repeat(np.array([_PASSES.index(part.by) for part in found], np.int64), lengths)
    amounts = board.source.amount[source], board.reference.amount[reference]
    days = board.reference.day[reference] - board.source.day[source]
    rows = board.source.row[source], board.reference.row[reference]
    columns = {
        "source_row": pa.array(rows[0]),
        "reference_row": pa.array(rows[1]),
        "status": _words((MatchStatus.SUGGESTED, MatchStatus.MATCHED), matched.astype(np.int64)),
        "pass": _words(_PASSES, by),
        "confidence": pa.array(
            _weighed_or(
                found,
                _confidence(board.rules, by, matched, amounts, days, similarity, _rivals(source, reference, matched)),
            )
        ),
        "amount_delta": pa.array(amounts[0] - amounts[1]),
        "days": pa.array(days.astype(np.int32)),
        "similarity": pa.array(np.floor(similarity).astype(np.int16), mask=similarity == NOT_COMPARED),
        "evidence": _evidence(board, source, reference, amounts, days, similarity),
        "weights": pa.concat_arrays([pa.nulls(0, pa.string()), *(_weights(part) for part in found)]),
    }
    return pa.table(columns, schema=MATCH_SCHEMA).take(pa.array(np.lexsort((rows[1], rows[0]))))


def _weighed_or(found: Sequence[Found], confidence: NDArray[np.float64]) -> NDArray[np.float64]:
    """The chance of pairs that were weighed, else this confidence."""
    begin = 0
    for part in found:
        end = begin + len(part.source)
        if part.weighing is not None:
            confidence[begin:end] = np.floor(part.weighing.chance * 10_000) / 10_000
        begin = end
    return confidence


def _weights(part: Found) -> pa.Array:
    return pa.nulls(len(part.source), pa.string()) if part.weighing is None else waterfall_text(part.weighing)


def _words(values: Sequence[str], index: Ints) -> pa.Array:
    """A text column of few distinct values."""
    return pa.array([str(value) for value in values], pa.string()).take(pa.array(index))


def _confidence(
    rules: Rules,
    by: Ints,
    matched: Flags,
    amounts: tuple[Ints, Ints],
    days: Ints,
    similarity: NDArray[np.float32],
    rivals: Ints,
) -> NDArray[np.float64]:
    one, other = amounts
    text = np.where(similarity == NOT_COMPARED, 0.5, similarity / 100)
    near = 0.6 * text + 0.25 * amount_closeness(one, other, rules) + 0.15 * day_closeness(days, rules)
    larger = np.maximum(np.maximum(np.abs(one), np.abs(other)), 1)
    named = 0.5 + 0.5 * np.maximum(1 - np.abs(one - other) / larger, 0)
    value = np.select(
        [matched & (by == _PASSES.index(Pass.EXACT)), matched & (by == _PASSES.index(Pass.IDENTITY))],
        [np.ones(len(by)), named],
        near / rivals,
    )
    result: NDArray[np.float64] = np.round(np.clip(value, 0, 1), 4)
    return result


def _rivals(source: Ints, reference: Ints, matched: Flags) -> Ints:
    """Partners of the end of each pair that has more of them: 1 for a match."""
    rivals = np.ones(len(source), np.int64)
    at = np.flatnonzero(~matched)
    if len(at):
        one, other = source[at], reference[at]
        rivals[at] = np.maximum(np.bincount(one)[one], np.bincount(other)[other])
    return rivals


def _evidence(
    board: Board,
    source: Ints,
    reference: Ints,
    amounts: tuple[Ints, Ints],
    days: Ints,
    similarity: NDArray[np.float32],
) -> pa.Array:
    """What agrees between the rows of each pair, looked up among the few combinations there are."""
    flags = [shares_id(board, relation, source, reference) for relation in range(len(RELATIONS))]
    flags += [amounts[0] == amounts[1], days == 0, similarity >= max(board.rules.description_threshold, 1)]
    code = np.zeros(len(source), np.int64)
    for bit, flag in enumerate(flags):
        code |= flag.astype(np.int64) << bit
    names = [
        "+".join(name for bit, name in enumerate(AGREEMENTS) if number >> bit & 1)
        for number in range(1 << len(AGREEMENTS))
    ]
    return _words(names, code)
