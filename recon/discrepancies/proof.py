"""The proof: per currency, the difference of the two sides' totals is the sum of the discrepancies. Exact integers.

It reads the tables themselves, not what classifying counted, so it also proves that.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recon.discrepancies.rows import SideRows, currency_names, rows_of
from recon.discrepancies.sums import Ints, exact_sums
from recon.model.outcome import DiscrepancyKind, OutcomeTotal, ProofLine
from recon.model.transactions import Side

_KINDS = tuple(DiscrepancyKind)


def prove(
    source: pa.Table, reference: pa.Table, discrepancies: pa.Table, totals: tuple[OutcomeTotal, ...]
) -> tuple[ProofLine, ...]:
    """One line for each currency of either side, in alphabetical order.

    Asserts what only a bug of ours can break: nothing is unexplained, and `totals` add up to both inputs.
    """
    currencies = currency_names(source, reference)
    one, other = rows_of(source, currencies), rows_of(reference, currencies)
    by_kind = _by_kind(discrepancies, currencies)
    source_sums, reference_sums = _per_currency(one, len(currencies)), _per_currency(other, len(currencies))
    lines = []
    for number, currency in enumerate(currencies):
        (source_count, source_total), (reference_count, reference_total) = source_sums[number], reference_sums[number]
        unexplained = source_total - reference_total - sum(amount for _, _, amount in by_kind[number])
        assert unexplained == 0, f"{currency}: {unexplained} minor units are not explained"
        assert _added(totals, Side.SOURCE, currency) == (source_count, source_total)
        assert _added(totals, Side.REFERENCE, currency) == (reference_count, reference_total)
        lines.append(
            ProofLine(
                currency=currency,
                source_count=source_count,
                source_total=source_total,
                reference_count=reference_count,
                reference_total=reference_total,
                by_kind=by_kind[number],
                unexplained=unexplained,
            )
        )
    return tuple(lines)


def _per_currency(rows: SideRows, currency_count: int) -> list[tuple[int, int]]:
    """(rows, sum) of each currency."""
    counts = np.bincount(rows.currency, minlength=currency_count).tolist()
    return list(zip(counts, exact_sums(rows.currency, rows.amount, currency_count), strict=True))


def _by_kind(
    discrepancies: pa.Table, currencies: tuple[str, ...]
) -> list[tuple[tuple[DiscrepancyKind, int, int], ...]]:
    """For each currency (kind, count, sum), for the kinds that occur in it."""
    currency = _codes(discrepancies["currency"], currencies)
    kind = _codes(discrepancies["kind"], tuple(str(kind) for kind in _KINDS))
    group, group_count = currency * len(_KINDS) + kind, len(currencies) * len(_KINDS)
    counts = np.bincount(group, minlength=group_count).tolist()
    sums = exact_sums(group, discrepancies["amount"].to_numpy(), group_count)
    return [
        tuple(
            (kind, counts[number * len(_KINDS) + index], sums[number * len(_KINDS) + index])
            for index, kind in enumerate(_KINDS)
            if counts[number * len(_KINDS) + index]
        )
        for number in range(len(currencies))
    ]


def _codes(column: pa.ChunkedArray, names: tuple[str, ...]) -> Ints:
    code = pc.index_in(column, value_set=pa.array(names, pa.string()))
    return np.asarray(code.to_numpy(), np.int64)


def _added(totals: tuple[OutcomeTotal, ...], side: Side, currency: str) -> tuple[int, int]:
    mine = [total for total in totals if total.side == side and total.currency == currency]
    return sum(total.row_count for total in mine), sum(total.amount for total in mine)
