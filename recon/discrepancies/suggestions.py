"""Suggested pairs gathered into groups of rows that hang together: one discrepancy each, and each currency of them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from recon.discrepancies.hints import pair_hints
from recon.discrepancies.pairing import Pairing, suggestion_text
from recon.discrepancies.rows import SideRows, discrepancies
from recon.discrepancies.sentences import amounts_text
from recon.discrepancies.sums import Ints, exact_sums, pieces
from recon.model.outcome import DiscrepancyKind, MatchStatus


def suggestion_groups(
    source: SideRows, reference: SideRows, matches: pa.Table, currencies: tuple[str, ...]
) -> pa.Table:
    """One discrepancy for each group of rows suggested together: its net amount, shown at its best pair.

    A group in two currencies has a net amount in each of them, and so a discrepancy for each.
    """
    pairs = matches.filter(pc.equal(matches["status"], str(MatchStatus.SUGGESTED)))
    one, other = pairs["source_row"].to_numpy(), pairs["reference_row"].to_numpy()
    sources, one_at = np.unique(one, return_inverse=True)
    references, other_at = np.unique(other, return_inverse=True)
    size = len(sources) + len(references)
    if not size:
        return _table(one, other, one, one, currencies, pa.array([], pa.string()))
    graph = csr_array((np.ones(len(one), np.int8), (one_at, other_at + len(sources))), shape=(size, size))
    group_count, label = connected_components(graph, directed=False)
    label = label.astype(np.int64)
    best = _best_pairs(label[one_at], pairs["confidence"].to_numpy(), source.line[one], reference.line[other])
    source_group, reference_group = label[: len(sources)], label[len(sources) :]
    part, part_group, part_currency = _parts(
        np.concatenate([source_group, reference_group]),
        np.concatenate([source.currency[sources], reference.currency[references]]),
        len(currencies),
    )
    net = [
        plus - minus
        for plus, minus in zip(
            exact_sums(part[: len(sources)], source.amount[sources], len(part_group)),
            exact_sums(part[len(sources) :], reference.amount[references], len(part_group)),
            strict=True,
        )
    ]
    at, amount = pieces(net)
    group, currency = part_group[at], part_currency[at]
    detail = suggestion_text(
        Pairing.of(pairs.take(pa.array(best[group])), source, reference),
        source_count=np.bincount(source_group, minlength=group_count)[group],
        reference_count=np.bincount(reference_group, minlength=group_count)[group],
        net=amounts_text(amount, currency, currencies),
        hints=pair_hints(source, reference, one[best][group], other[best][group], currencies),
    )
    return _table(one[best][group], other[best][group], currency, amount, currencies, detail)


def _parts(group: Ints, currency: Ints, currency_count: int) -> tuple[Ints, Ints, Ints]:
    """(part of each row, group of each part, its currency): a part is what a group has of one currency."""
    parts, part = np.unique(group * currency_count + currency, return_inverse=True)
    return part.astype(np.int64), parts // currency_count, parts % currency_count


def _best_pairs(group: Ints, confidence: np.ndarray[tuple[int], np.dtype[np.float64]], *lines: Ints) -> Ints:
    """Position of each group's most confident pair, group by group; of equals the one of the first lines."""
    order = np.lexsort((lines[1], lines[0], -confidence, group))
    begins = np.ones(len(order), np.bool_)
    begins[1:] = group[order][1:] != group[order][:-1]
    return order[begins]


def _table(
    source: Ints, reference: Ints, currency: Ints, amount: Ints, currencies: tuple[str, ...], detail: pa.Array
) -> pa.Table:
    return discrepancies(
        DiscrepancyKind.SUGGESTION,
        None,
        source_row=source,
        reference_row=reference,
        currency=currency,
        currencies=currencies,
        amount=amount,
        detail=detail,
    )
