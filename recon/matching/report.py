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
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import DTypeLike, NDArray

from recon.matching.arrays import Flags, Ints, at_once, order_of
from recon.matching.board import Board, Found
from recon.matching.comparisons import NOT_COMPARED, amount_closeness, day_closeness
from recon.matching.identity import RELATIONS, shares_id
from recon.matching.particulars import with_fees, with_particulars
from recon.matching.waterfall import waterfall_text
from recon.model.outcome import MATCH_SCHEMA, NETTED_SCHEMA, MatchStatus, Pass
from recon.model.rules import Rules
from recon.model.transactions import Side

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
    source, reference = (_of_parts(board.found, name, np.int64) for name in ("source", "reference"))
    order = order_of(board.source.row[source], board.reference.row[reference])
    pairs = _Decided.of(board, order, source[order], reference[order])
    columns = {
        "source_row": lambda: pa.array(board.source.row[pairs.source]),
        "reference_row": lambda: pa.array(board.reference.row[pairs.reference]),
        "status": lambda: _words((MatchStatus.SUGGESTED, MatchStatus.MATCHED), pairs.matched.view(np.int8)),
        "pass": lambda: _words(_PASSES, pairs.by),
        "confidence": lambda: pa.array(_confidence(board.rules, pairs)),
        "amount_delta": lambda: pa.array(pairs.amounts[0] - pairs.amounts[1]),
        "days": lambda: pa.array(pairs.days.astype(np.int32)),
        "similarity": lambda: pa.array(pairs.similarity.astype(np.int16), mask=pairs.similarity == NOT_COMPARED),
        "evidence": lambda: _evidence(board, pairs),
        "weights": lambda: _weights(board.found, order),
    }
    made = dict(zip(columns, at_once(board.threads, *columns.values()), strict=True))
    with_particulars(made, board.found, order, pairs.source)
    with_fees(made, board, pairs.source, pairs.reference)
    return pa.table(made, schema=MATCH_SCHEMA)


def netted_table(board: Board) -> pa.Table:
    """Everything netted, as NETTED_SCHEMA."""
    parts = [NETTED_SCHEMA.empty_table()]
    for side, incoming, outgoing in board.netted:
        columns = board.source if side is Side.SOURCE else board.reference
        rows = columns.row[incoming], columns.row[outgoing]
        order = np.argsort(rows[0])
        names = [str(side)] * len(order)
        parts.append(pa.table([names, rows[0][order], rows[1][order]], schema=NETTED_SCHEMA))
    return pa.concat_tables(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decided:
    """Pairs of ranks in the order of the table, and what is known of each. `chance`: NaN where not weighed."""

    source: Ints
    reference: Ints
    matched: Flags
    by: NDArray[np.int8]
    similarity: NDArray[np.float32]
    chance: NDArray[np.float64]
    amounts: tuple[Ints, Ints]
    days: Ints

    @classmethod
    def of(cls, board: Board, order: Ints, source: Ints, reference: Ints) -> _Decided:
        """The pairs of all parts, taken in this order."""
        found = board.found
        lengths = [len(part.source) for part in found]
        matched = np.array([part.status is MatchStatus.MATCHED for part in found], np.bool_)
        by = np.array([_PASSES.index(part.by) for part in found], np.int8)
        chances = [
            np.full(length, np.nan) if part.weighing is None else part.weighing.chance
            for part, length in zip(found, lengths, strict=True)
        ]
        return cls(
            source=source,
            reference=reference,
            matched=np.repeat(matched, lengths)[order],
            by=np.repeat(by, lengths)[order],
            similarity=_of_parts(found, "similarity", np.float32)[order],
            chance=np.concatenate([np.zeros(0), *chances])[order],
            amounts=(board.source.amount[source], board.reference.amount[reference]),
            days=board.reference.day[reference] - board.source.day[source],
        )

    def pick(self, at: Ints) -> _Decided:
        """The pairs at these places alone."""
        return _Decided(
            source=self.source[at],
            reference=self.reference[at],
            matched=self.matched[at],
            by=self.by[at],
            similarity=self.similarity[at],
            chance=self.chance[at],
            amounts=(self.amounts[0][at], self.amounts[1][at]),
            days=self.days[at],
        )


def _of_parts(found: Sequence[Found], name: str, dtype: DTypeLike) -> NDArray[Any]:
    return np.concatenate([np.zeros(0, dtype), *(getattr(part, name) for part in found)])


def _weights(found: Sequence[Found], order: Ints) -> pa.Array:
    if all(part.weighing is None for part in found):
        return pa.nulls(len(order), pa.string())
    texts = [
        pa.nulls(len(part.source), pa.string()) if part.weighing is None else waterfall_text(part.weighing)
        for part in found
    ]
    return pa.concat_arrays(texts).take(pa.array(order))


def _words(values: Sequence[str], index: NDArray[Any]) -> pa.Array:
    """A text column of few distinct values."""
    return pa.array([str(value) for value in values], pa.string()).take(pa.array(index))


def _confidence(rules: Rules, pairs: _Decided) -> NDArray[np.float64]:
    """Most pairs of most runs are certain; the rest is worked out by itself."""
    named = pairs.matched & (pairs.by == _PASSES.index(Pass.IDENTITY))
    certain = pairs.matched & (pairs.by == _PASSES.index(Pass.EXACT))
    certain |= named & (pairs.amounts[0] == pairs.amounts[1])
    confidence = np.ones(len(pairs.source))
    at = np.flatnonzero(~certain)
    rest = pairs.pick(at)
    value = np.where(named[at], _named(*rest.amounts), _nearness(rules, rest) / _rivals(rest))
    confidence[at] = np.where(
        np.isnan(rest.chance), np.round(np.clip(value, 0, 1), 4), np.floor(rest.chance * 10_000) / 10_000
    )
    return confidence


def _named(one: Ints, other: Ints) -> NDArray[np.float64]:
    """Of rows that share an id, by their amounts."""
    larger = np.maximum(np.maximum(np.abs(one), np.abs(other)), 1)
    result: NDArray[np.float64] = 0.5 + 0.5 * np.maximum(1 - np.abs(one - other) / larger, 0)
    return result


def _nearness(rules: Rules, pairs: _Decided) -> NDArray[np.float64]:
    text = np.where(pairs.similarity == NOT_COMPARED, 0.5, pairs.similarity / 100)
    return 0.6 * text + 0.25 * amount_closeness(*pairs.amounts, rules) + 0.15 * day_closeness(pairs.days, rules)


def _rivals(pairs: _Decided) -> Ints:
    """Partners of the end of each pair that has more of them: 1 for a match. Takes all suggestions at once."""
    rivals = np.ones(len(pairs.source), np.int64)
    at = np.flatnonzero(~pairs.matched)
    if len(at):
        one, other = pairs.source[at], pairs.reference[at]
        rivals[at] = np.maximum(np.bincount(one)[one], np.bincount(other)[other])
    return rivals


def _evidence(board: Board, pairs: _Decided) -> pa.Array:
    """What agrees between the rows of each pair, looked up among the few combinations there are."""
    flags = [shares_id(board, relation, pairs.source, pairs.reference) for relation in range(len(RELATIONS))]
    flags += [pairs.amounts[0] == pairs.amounts[1], pairs.days == 0]
    flags += [pairs.similarity >= max(board.rules.description_threshold, 1)]
    code = np.zeros(len(pairs.source), np.uint8)
    for bit, flag in enumerate(flags):
        code |= flag.view(np.uint8) << np.uint8(bit)
    names = [
        "+".join(name for bit, name in enumerate(AGREEMENTS) if number >> bit & 1)
        for number in range(1 << len(AGREEMENTS))
    ]
    return _words(names, code)
