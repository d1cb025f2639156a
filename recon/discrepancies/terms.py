"""Differences that a fee explains: nothing to look into row by row, but a cost that the books of one side lack.

So they are one discrepancy a currency, which says of how many matches it is the sum.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recon.discrepancies.rows import SideRows, discrepancies
from recon.discrepancies.sentences import amounts_text, joined
from recon.discrepancies.sums import Flags, Ints, exact_sums, pieces
from recon.model.outcome import DiscrepancyKind

FEE: Final = "fee"


def is_explained(matches: pa.Table, term: str) -> Flags:
    """Matches whose evidence names this term."""
    result: Flags = pc.match_substring_regex(matches["evidence"], rf"(^|\+){term}($|\+)").to_numpy()
    return result


def fee_sums(source: SideRows, reference: SideRows, explained: pa.Table, currencies: tuple[str, ...]) -> pa.Table:
    """One discrepancy a currency of these matches: their deltas added up, shown at the one of the first lines."""
    one, other = explained["source_row"].to_numpy(), explained["reference_row"].to_numpy()
    currency, first, group = _by_currency(source, reference, one, other)
    total = exact_sums(group, explained["amount_delta"].to_numpy(), len(first))
    at, amount = pieces(total)
    count = np.bincount(group, minlength=len(first))
    said = [f"{number:,} match{'es differ' if number != 1 else ' differs'}" for number in count[at].tolist()]
    matches = pa.array(said, pa.string())
    detail = joined(matches, " by what was kept as a fee: ", amounts_text(amount, currency[at], currencies), " in all.")
    return discrepancies(
        DiscrepancyKind.FEE,
        None,
        source_row=one[first[at]],
        reference_row=other[first[at]],
        currency=currency[at],
        currencies=currencies,
        amount=amount,
        detail=detail,
    )


def _by_currency(source: SideRows, reference: SideRows, one: Ints, other: Ints) -> tuple[Ints, Ints, Ints]:
    """(currencies that occur, position of each one's first pair by lines, number of each pair's currency)."""
    order = np.lexsort((reference.line[other], source.line[one], source.currency[one]))
    currency, begin, group = np.unique(source.currency[one][order], return_index=True, return_inverse=True)
    number = np.empty(len(order), np.int64)
    number[order] = group
    return currency, order[begin], number
