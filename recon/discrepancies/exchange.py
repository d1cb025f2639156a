"""Matches of rows in two currencies: each leg stays in the proof of its own currency, and is explained there.

What the legs of all of them come to is one `fx_conversion` a currency: what was exchanged, nothing to look into row by
row. What a pair is too far from the rate is taken out of that and told by itself, in the source's currency; a rate that
is missing is told with an amount of 0, for no part of the legs can be called a difference.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recon.discrepancies.rows import SideRows, discrepancies
from recon.discrepancies.sentences import amounts_text, joined
from recon.discrepancies.sums import Flags, Ints, exact_sums, pieces
from recon.model.fx import NO_RATE, FxTerms, Legs, Valued, rate_days
from recon.model.outcome import DiscrepancyKind, MatchStatus


def is_exchange(source: SideRows, reference: SideRows, matches: pa.Table) -> Flags:
    """Matches, and suggestions, of rows in two currencies."""
    one, other = matches["source_row"].to_numpy(), matches["reference_row"].to_numpy()
    result: Flags = source.currency[one] != reference.currency[other]
    return result


def exchanges(
    source: SideRows, reference: SideRows, matches: pa.Table, terms: FxTerms, currencies: tuple[str, ...]
) -> tuple[pa.Table, pa.Table]:
    """(matched pairs far from the rate or without one, sums of what was exchanged), of lines in two currencies."""
    booked = matches.filter(pc.equal(matches["status"], str(MatchStatus.MATCHED)))
    one, other = booked["source_row"].to_numpy(), booked["reference_row"].to_numpy()
    valued = terms.value(currencies, _legs(source, one), _legs(reference, other))
    far = np.flatnonzero(~valued.is_within)
    variances = _variances(source, reference, (one[far], other[far]), valued.pick(far), terms, currencies)
    told = np.where(valued.is_within, 0, valued.delta)
    return variances, _sums(source, reference, one, other, told, currencies)


def _legs(rows: SideRows, at: Ints) -> Legs:
    return Legs(currency=rows.currency[at], day=rows.day[at], amount=rows.amount[at])


def _variances(
    source: SideRows,
    reference: SideRows,
    pairs: tuple[Ints, Ints],
    valued: Valued,
    terms: FxTerms,
    currencies: tuple[str, ...],
) -> pa.Table:
    one, other = pairs
    currency, delta = source.currency[one], valued.delta
    has = amounts_text(source.amount[one], currency, currencies)
    theirs = amounts_text(reference.amount[other], reference.currency[other], currencies)
    far = joined(
        *("The reference has ", theirs, ", which is ", amounts_text(valued.expected, currency, currencies), " at "),
        *(_rates(valued.rate, terms), "; the source has ", has, ": "),
        *(amounts_text(np.abs(delta), currency, currencies), pc.if_else(pa.array(delta > 0), " more, ", " less, ")),
        *(_bps(valued), f" where {terms.tolerance_bps} may be."),
    )
    unknown = joined(
        *("There is ", _no_rates(source, reference, pairs, terms, currencies), ": ", has, " in the source and "),
        *(theirs, " in the reference share an id and cannot be held against each other."),
    )
    return discrepancies(
        DiscrepancyKind.FX_VARIANCE,
        None,
        source_row=one,
        reference_row=other,
        currency=currency,
        currencies=currencies,
        amount=delta,
        detail=pc.if_else(pa.array(valued.rate == NO_RATE), unknown, far),
    )


def _rates(rate: Ints, terms: FxTerms) -> pa.Array:
    """`EUR/USD 1.0842 of 2026-03-01`"""
    said = [rate.told for rate in terms.rates]
    return pa.array([*said, ""], pa.string()).take(pa.array(np.where(rate == NO_RATE, len(said), rate)))


def _bps(valued: Valued) -> pa.Array:
    apart, at = np.unique(np.round(valued.bps, 1), return_inverse=True)
    return pa.array([f"{bps:,.1f} basis points" for bps in apart.tolist()], pa.string()).take(pa.array(at))


def _no_rates(
    source: SideRows, reference: SideRows, pairs: tuple[Ints, Ints], terms: FxTerms, currencies: tuple[str, ...]
) -> pa.Array:
    """`no rate EUR/USD on 2026-03-05`, each different one put into words once."""
    day = rate_days(source.day[pairs[0]], reference.day[pairs[1]])
    asked = np.stack([source.currency[pairs[0]], reference.currency[pairs[1]], day])
    different, at = np.unique(asked, axis=1, return_inverse=True)
    said = [terms.no_rate(currencies[one], currencies[other], on) for one, other, on in different.T.tolist()]
    return pa.array(said, pa.string()).take(pa.array(at.reshape(-1)))


def _sums(
    source: SideRows, reference: SideRows, one: Ints, other: Ints, told: Ints, currencies: tuple[str, ...]
) -> pa.Table:
    """One discrepancy a currency: its legs, less what is told elsewhere; shown at the pair of the first lines."""
    order = np.lexsort((reference.line[other], source.line[one]))
    one, other, told = one[order], other[order], told[order]
    leg = np.concatenate([source.currency[one], reference.currency[other]])
    pair = np.tile(np.arange(len(one)), 2)
    order = np.lexsort((pair, leg))
    code, begin, group = np.unique(leg[order], return_index=True, return_inverse=True)
    ours, theirs, gone = (
        exact_sums(group, part[order], len(code))
        for part in (
            np.concatenate([source.amount[one], np.zeros(len(one), np.int64)]),
            np.concatenate([np.zeros(len(one), np.int64), reference.amount[other]]),
            np.concatenate([told, np.zeros(len(one), np.int64)]),
        )
    )
    at, amount = pieces([plus - minus - less for plus, minus, less in zip(ours, theirs, gone, strict=True)])
    first, count = pair[order][begin], np.bincount(group, minlength=len(code))
    said = [
        f"{number:,} match{'es' if number != 1 else ''} in {currencies[currency]} and another currency: in"
        f" {currencies[currency]} the source has "
        for number, currency in zip(count[at].tolist(), code[at].tolist(), strict=True)
    ]
    size = amounts_text(np.abs(amount), code[at], currencies)
    more = pc.if_else(pa.array(amount < 0), " less, for what was exchanged.", " more, for what was exchanged.")
    return discrepancies(
        DiscrepancyKind.FX_CONVERSION,
        None,
        source_row=one[first[at]],
        reference_row=other[first[at]],
        currency=code[at],
        currencies=currencies,
        amount=amount,
        detail=joined(pa.array(said, pa.string()), size, more),
    )
