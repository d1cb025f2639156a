"""Fees other than the rules schedule: of a matched pair, the fee a row has, or what the amounts differ by."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recon.discrepancies.rows import SideRows, discrepancies
from recon.discrepancies.sentences import amounts_text, joined
from recon.discrepancies.sums import Flags, Ints
from recon.discrepancies.terms import FEE, is_explained
from recon.model.outcome import DiscrepancyKind, Matching, MatchStatus
from recon.model.terms import scheduled_fees

_ROUNDING: Final = 1
"""Minor units a scheduled fee may be off by."""

_FEE_TIMES: Final = 3
"""How many times as much, or as little, as scheduled a difference may be and still be a fee."""


def fee_variances(
    source: SideRows, reference: SideRows, matching: Matching, comparable: Flags, currencies: tuple[str, ...]
) -> tuple[pa.Table, Flags]:
    """(one discrepancy for each pair whose fee is not the scheduled one, which lines those are).

    `comparable`: lines of rows in one currency; in two, a difference is no fee.
    The actual fee is the one a row has; where none has one, what the amounts differ by, if that could be one at all. A
    fee that stands beside equal amounts has no part in the difference of the totals: its amount is 0.
    """
    matches, schedules = matching.matches, matching.fee_schedules
    deviates = np.zeros(matches.num_rows, np.bool_)
    one, other = matches["source_row"].to_numpy(), matches["reference_row"].to_numpy()
    delta = matches["amount_delta"].to_numpy()
    actual, expected = np.zeros(len(delta), np.int64), np.zeros(len(delta), np.int64)
    if schedules:
        is_pair = comparable & matches["group"].is_null().to_numpy()
        is_pair &= pc.equal(matches["status"], str(MatchStatus.MATCHED)).to_numpy()
        is_noted = _has_fee(source, one) | _has_fee(reference, other)
        told = is_explained(matches, FEE) | (delta == 0)
        for rows, at, gap in ((reference, other, -delta), (source, one, delta)):
            scheduled, is_known = scheduled_fees(
                schedules, currencies, rows.currency[at], rows.day[at], rows.amount[at]
            )
            own, has = rows.table["fee"].combine_chunks().take(pa.array(at)), _has_fee(rows, at)
            fee = np.where(has, pc.fill_null(own, 0).to_numpy(zero_copy_only=False), gap)
            may_be = ~is_noted & ~told & (gap <= _FEE_TIMES * scheduled) & (gap * _FEE_TIMES >= scheduled)
            is_fee = np.where(has, told, may_be & (gap > 0))
            found = is_pair & is_known & is_fee & (np.abs(fee - scheduled) > _ROUNDING)
            deviates |= found
            actual[found], expected[found] = fee[found], scheduled[found]
    at = np.flatnonzero(deviates)
    currency = source.currency[one[at]]
    apart = actual[at] - expected[at]
    detail = joined(
        *("The fee is ", amounts_text(actual[at], currency, currencies), "; scheduled is "),
        *(amounts_text(expected[at], currency, currencies), ": "),
        *(
            amounts_text(np.abs(apart), currency, currencies),
            pc.if_else(pa.array(apart > 0), " too much.", " too little."),
        ),
    )
    table = discrepancies(
        DiscrepancyKind.FEE_VARIANCE,
        None,
        source_row=one[at],
        reference_row=other[at],
        currency=currency,
        currencies=currencies,
        amount=delta[at],
        detail=detail,
    )
    return table, deviates


def _has_fee(rows: SideRows, at: Ints) -> Flags:
    result: Flags = rows.table["fee"].combine_chunks().is_valid().to_numpy(zero_copy_only=False)[at]
    return result
