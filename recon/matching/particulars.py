"""What passes say of their pairs themselves, in place of what every pair is told by: of lines of larger matches, and of
pairs that a term of the rules explains; and the numbers of the larger matches."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recon.matching.arrays import Ints, run_starts
from recon.matching.board import Board, Found
from recon.matching.groups.net_of_fee import gross_and_net
from recon.model.outcome import MatchStatus
from recon.model.transactions import Side


def with_particulars(columns: dict[str, pa.Array], found: Sequence[Found], order: Ints, source: Ints) -> None:
    """Put them into the columns of the match table, in place, and add its column `group`.

    `order`: the lines of all parts of `found` one after the other, as the table has them; `source`: each line's source.
    """
    if all(part.particulars is None for part in found):
        columns["group"] = pa.nulls(len(order), pa.int64())
        return
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    confidence, delta = (columns[name].to_numpy().copy() for name in ("confidence", "amount_delta"))
    number, evidence = np.full(len(order), -1), np.full(len(order), -1)
    sentences: list[str] = []
    begin, group_count = 0, 0
    for part in found:
        at = place[begin : begin + len(part.source)]
        begin += len(part.source)
        if part.particulars is not None:
            own = part.particulars
            confidence[at], delta[at] = np.round(own.confidence, 4), own.delta
            said = [own.evidence] if isinstance(own.evidence, str) else own.evidence.to_pylist()
            evidence[at] = len(sentences) + (0 if isinstance(own.evidence, str) else np.arange(len(at)))
            sentences += said
            number[at] = np.where(own.group < 0, -1, own.group + group_count)
            group_count += int(own.group.max(initial=-1)) + 1
    said = pa.array(sentences, pa.string()).take(pa.array(evidence, mask=evidence < 0))
    columns["confidence"], columns["amount_delta"] = pa.array(confidence), pa.array(delta)
    columns["evidence"] = pc.coalesce(said, columns["evidence"])
    columns["group"] = _numbered(number, source)


def with_fees(columns: dict[str, pa.Array], board: Board, source: Ints, reference: Ints) -> None:
    """Name the fee in the evidence of pairs whose amounts differ by it, in place; ranks are of the table's lines."""
    differs = (columns["amount_delta"].to_numpy() != 0) & columns["group"].is_null().to_numpy(zero_copy_only=False)
    differs &= board.source.currency[source] == board.reference.currency[reference]
    at = np.flatnonzero(differs & pc.equal(columns["status"], str(MatchStatus.MATCHED)).to_numpy(zero_copy_only=False))
    if not len(at):
        return
    gap = columns["amount_delta"].to_numpy()[at]
    is_fee = np.zeros(len(differs), np.bool_)
    for side, rank, off in ((Side.SOURCE, source[at], gap), (Side.REFERENCE, reference[at], -gap)):
        fees = gross_and_net(board, side)
        is_fee[at] |= fees.known[rank] & (np.abs(off - fees.fee[rank]) <= fees.rounding[rank])
    is_fee &= ~pc.match_substring(columns["evidence"], "fee").to_numpy(zero_copy_only=False)
    if is_fee.any():
        named = pc.binary_join_element_wise(columns["evidence"], "fee", "+")
        columns["evidence"] = pc.if_else(pa.array(is_fee), named, columns["evidence"])


def _numbered(number: Ints, source: Ints) -> pa.Array:
    """Numbers of the larger matches from 1, in the order of their first source in canonical order; null for pairs."""
    lines = np.flatnonzero(number >= 0)
    lines = lines[np.lexsort((source[lines], number[lines]))]
    begins = run_starts(number[lines])
    place = np.argsort(np.argsort(source[lines[begins]])) + 1  # a row is in one match: no two have the same first
    number[lines] = np.repeat(place, np.diff(begins, append=len(lines)))
    return pa.array(number, mask=number < 0)
