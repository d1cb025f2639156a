"""Matches by hand whose sides differ: each currency says what it has more of, so that the proof stays exact in each.

Within one currency it is one discrepancy a match, by its first line. Where the rows are in several currencies no one
figure is the difference: each currency of the match is told by itself, as what was exchanged.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recon.discrepancies.rows import SideRows, discrepancies
from recon.discrepancies.sentences import amounts_text, joined
from recon.discrepancies.sums import Flags, Ints, exact_sums, pieces
from recon.model.outcome import DiscrepancyKind, Pass


def is_by_hand(matches: pa.Table) -> Flags:
    """Lines of matches that a person made."""
    result: Flags = pc.equal(matches["pass"], str(Pass.DECIDED)).to_numpy()
    return result


def is_exchanged_by_hand(source: SideRows, reference: SideRows, matches: pa.Table) -> Flags:
    """Lines of matches by hand whose rows, on whatever line, are in more than one currency."""
    by_hand = is_by_hand(matches)
    if not by_hand.any():
        return by_hand
    number = _numbers(matches)
    ours = source.currency[matches["source_row"].to_numpy()]
    theirs = reference.currency[matches["reference_row"].to_numpy()]
    least, most = (np.zeros(number.max() + 1, np.int64) for _ in range(2))
    least[:] = np.iinfo(np.int64).max
    np.minimum.at(least, number, np.minimum(ours, theirs))
    np.maximum.at(most, number, np.maximum(ours, theirs))
    result: Flags = by_hand & (least[number] < most[number])
    return result


def accepted_differences(
    source: SideRows, reference: SideRows, differing: pa.Table, currencies: tuple[str, ...]
) -> pa.Table:
    """Matches by hand of one currency whose sides differ, by their first lines."""
    one, other = differing["source_row"].to_numpy(), differing["reference_row"].to_numpy()
    currency, delta = source.currency[one], differing["amount_delta"].to_numpy()
    return discrepancies(
        DiscrepancyKind.AMOUNT_MISMATCH,
        None,
        source_row=one,
        reference_row=other,
        currency=currency,
        currencies=currencies,
        amount=delta,
        detail=joined("Matched by hand. The source is ", amounts_text(delta, currency, currencies), " more."),
    )


def exchanged_by_hand(source: SideRows, reference: SideRows, lines: pa.Table, currencies: tuple[str, ...]) -> pa.Table:
    """What each currency of these matches (see `is_exchanged_by_hand`) has more in the source, where it is not 0."""
    number = np.unique(_numbers(lines), return_inverse=True)[1].astype(np.int64)
    one, other = lines["source_row"].to_numpy(), lines["reference_row"].to_numpy()
    first = np.unique(number, return_index=True)[1]
    ours, theirs = np.unique(np.stack([number, one]), axis=1), np.unique(np.stack([number, other]), axis=1)
    width = len(currencies)
    net = [
        plus - minus
        for plus, minus in zip(
            exact_sums(ours[0] * width + source.currency[ours[1]], source.amount[ours[1]], len(first) * width),
            exact_sums(
                theirs[0] * width + reference.currency[theirs[1]], reference.amount[theirs[1]], len(first) * width
            ),
            strict=True,
        )
    ]
    at, amount = pieces(net)
    at, amount = at[amount != 0], amount[amount != 0]
    currency, pair = at % width, first[at // width]
    size = amounts_text(np.abs(amount), currency, currencies)
    more = pc.if_else(pa.array(amount < 0), " less", " more")
    return discrepancies(
        DiscrepancyKind.FX_CONVERSION,
        None,
        source_row=one[pair],
        reference_row=other[pair],
        currency=currency,
        currencies=currencies,
        amount=amount,
        detail=joined("Matched by hand across currencies: the source has ", size, more, "."),
    )


def _numbers(matches: pa.Table) -> Ints:
    """One number a match: that of its group, and numbers beyond these for the pairs that are in none."""
    group = pc.fill_null(matches["group"], -1).to_numpy()
    result: Ints = np.where(group < 0, group.max(initial=0) + 1 + np.arange(len(group)), group)
    return result
