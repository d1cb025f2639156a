"""Matches of several rows whose amounts differ: what their rows come to, and what seems to be missing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recon.discrepancies.pairing import counted_rows
from recon.discrepancies.rows import NO_ROW, SideRows, discrepancies
from recon.discrepancies.sentences import amounts_text, joined
from recon.discrepancies.sums import Flags, Ints
from recon.model.outcome import DiscrepancyKind, Pass


def is_group(matches: pa.Table) -> Flags:
    """Lines of matches that a shared number made, of several rows or of one with one."""
    result: Flags = pc.equal(matches["pass"], str(Pass.GROUPS)).to_numpy()
    return result


def incomplete_groups(
    source: SideRows,
    reference: SideRows,
    matches: pa.Table,
    differing: pa.Table,
    left: tuple[Ints, Ints],
    currencies: tuple[str, ...],
) -> pa.Table:
    """One discrepancy for each of these differing lines (one a group): its rows, both sums, what would complete it.

    `left` are the rows of either side that have no partner.
    """
    one, other = differing["source_row"].to_numpy(), differing["reference_row"].to_numpy()
    currency, delta = source.currency[one], differing["amount_delta"].to_numpy()
    own, theirs = (
        _Members.of(rows, matches, differing, f"{side}_row")
        for rows, side in ((source, "source"), (reference, "reference"))
    )
    is_short = delta < 0  # the source has less
    size = np.abs(delta)
    missing = np.where(
        is_short,
        _only_row(source, left[0], currency, np.where(is_short, -delta, 0)),
        _only_row(reference, left[1], currency, np.where(is_short, 0, delta)),
    )
    side = pc.if_else(pa.array(is_short), "source", "reference")
    line = np.zeros(len(delta), np.int64)
    for rows, short in ((source, is_short), (reference, ~is_short)):
        at = np.flatnonzero(short & (missing != NO_ROW))
        line[at] = rows.line[missing[at]]
    hint = pc.if_else(
        pa.array(missing != NO_ROW),
        joined(" Line ", pa.array(line).cast(pa.string()), " of the ", side, " has that amount and no partner."),
        "",
    )
    detail = joined(
        *("Under one number ", counted_rows(own.count, "source"), " come to "),
        *(amounts_text(own.amount, currency, currencies), " and "),
        *(counted_rows(theirs.count, "reference"), " to ", amounts_text(theirs.amount, currency, currencies), ": "),
        *(amounts_text(size, currency, currencies), " is missing in the ", side, ".", hint),
    )
    return discrepancies(
        DiscrepancyKind.INCOMPLETE_GROUP,
        None,
        source_row=one,
        reference_row=other,
        currency=currency,
        currencies=currencies,
        amount=delta,
        detail=detail,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Members:
    """How many rows one side of each group has, and what they come to."""

    count: Ints
    amount: Ints

    @classmethod
    def of(cls, rows: SideRows, matches: pa.Table, differing: pa.Table, column: str) -> _Members:
        """Of the group of each of these lines; a line without a group is a row of its own."""
        own = differing[column].to_numpy()
        count, amount = np.ones(len(own), np.int64), rows.amount[own]
        numbers = differing["group"]
        if numbers.null_count == len(numbers):
            return cls(count=count, amount=amount)
        wanted = pc.fill_null(numbers, 0).to_numpy()
        place = np.full(int(wanted.max()) + 1, NO_ROW)
        place[wanted[wanted > 0]] = np.flatnonzero(wanted > 0)
        lines = pc.fill_null(matches["group"], 0).to_numpy()
        lines = np.where(lines < len(place), lines, 0)
        at = np.flatnonzero((lines > 0) & (place[lines] != NO_ROW))
        member = np.unique(np.stack([place[lines[at]], matches[column].to_numpy()[at]]), axis=1)
        in_group = np.unique(member[0])
        count[in_group], amount[in_group] = 0, 0
        np.add.at(count, member[0], 1)
        np.add.at(amount, member[0], rows.amount[member[1]])
        return cls(count=count, amount=amount)


def _only_row(rows: SideRows, left: Ints, currency: Ints, amount: Ints) -> Ints:
    """The one row without a partner that has that amount and currency; NO_ROW where there is none or a choice."""
    found = np.full(len(amount), NO_ROW)
    if not len(left):
        return found
    order = np.lexsort((rows.amount[left], rows.currency[left]))
    left = left[order]
    for place in np.flatnonzero(amount).tolist():
        begin, end = np.searchsorted(rows.currency[left], [currency[place], currency[place] + 1])
        low, high = begin + np.searchsorted(rows.amount[left[begin:end]], [amount[place], amount[place] + 1])
        if high - low == 1:
            found[place] = left[low]
    return found
