"""Every row that is not matched, and every match whose amounts differ, as one discrepancy each; totals of all rows.

Differences that a fee explains are the exception: their sum is one discrepancy a currency (`terms`).

The rule kept: each row of either side ends in exactly one outcome. A row in a match is matched, one in a suggestion
is suggested, two of one side that cancel each other are netted and add up to nothing, and of the rest a row is

- a *duplicate* if its own side has the same currency, amount and date with the same description, txn_id or
  payment_ref once more: in a row that is matched or suggested, or in an equal one that comes before it (by ids, then
  line). Equal rows that both sides have are matched with each other, so they never get here;
- otherwise *missing* on the other side.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recon.discrepancies.duplicates import SAME, originals
from recon.discrepancies.fee_variance import fee_variances
from recon.discrepancies.groups import incomplete_groups, is_group
from recon.discrepancies.hints import pair_hints
from recon.discrepancies.pairing import Pairing, mismatch_text
from recon.discrepancies.rows import NO_ROW, SideRows, currency_names, dates_text, discrepancies, one_sided, rows_of
from recon.discrepancies.sentences import amounts_text, joined
from recon.discrepancies.suggestions import suggestion_groups
from recon.discrepancies.sums import Flags, Ints, exact_sums
from recon.discrepancies.terms import FEE, fee_sums, is_explained
from recon.model.outcome import DiscrepancyKind, Matching, MatchStatus, OutcomeTotal, RowOutcome
from recon.model.transactions import Side

_OUTCOMES: Final = tuple(RowOutcome)
_MATCHED: Final = _OUTCOMES.index(RowOutcome.MATCHED)
_SUGGESTED: Final = _OUTCOMES.index(RowOutcome.SUGGESTED)
_NETTED: Final = _OUTCOMES.index(RowOutcome.NETTED)
_DUPLICATE: Final = _OUTCOMES.index(RowOutcome.DUPLICATE)
_MISSING: Final = _OUTCOMES.index(RowOutcome.MISSING)
_KINDS: Final = tuple(str(kind) for kind in DiscrepancyKind)


def classify(source: pa.Table, reference: pa.Table, matching: Matching) -> tuple[pa.Table, tuple[OutcomeTotal, ...]]:
    """(discrepancies as DISCREPANCY_SCHEMA in canonical order, totals per side, currency and outcome).

    `matching` is what `recon.matching.match` gave for these two tables.
    """
    currencies = currency_names(source, reference)
    one, other = rows_of(source, currencies), rows_of(reference, currencies)
    matches, parts = matching.matches, list[pa.Table]()
    totals: list[OutcomeTotal] = []
    without_partner: list[Ints] = []
    for side, rows in ((Side.SOURCE, one), (Side.REFERENCE, other)):
        outcome = _decided(rows, matches, matching.netted, side)
        left = np.flatnonzero(outcome == _MISSING)
        original, by = originals(rows, left)
        copy = original != NO_ROW
        outcome[left[copy]] = _DUPLICATE
        without_partner.append(left)
        parts.append(_missing(side, rows, left[~copy], matching.given_up[side], currencies))
        parts.append(_duplicates(side, rows, left[copy], original[copy], by[copy], currencies))
        totals += _totals(side, rows, outcome, currencies)
    parts += _differences(one, other, matching, (without_partner[0], without_partner[1]), currencies)
    parts.append(suggestion_groups(one, other, matches, currencies))
    return _in_canonical_order(pa.concat_tables(parts)), tuple(totals)


def _decided(rows: SideRows, matches: pa.Table, netted: pa.Table, side: Side) -> Ints:
    """The outcome of each row as far as the matches say; all others are missing until shown to be copies."""
    outcome = np.full(len(rows), _MISSING)
    row = matches[f"{side}_row"].to_numpy()
    matched = pc.equal(matches["status"], str(MatchStatus.MATCHED)).to_numpy()
    assert _once(row, matched, matches["group"]), "a row is in two matches"
    outcome[row[matched]] = _MATCHED
    assert not (outcome[row[~matched]] == _MATCHED).any(), "a matched row is suggested too"
    outcome[row[~matched]] = _SUGGESTED
    own = netted.filter(pc.equal(netted["side"], str(side)))
    cancelled = np.concatenate([own["row"].to_numpy(), own["other_row"].to_numpy()])
    assert (outcome[cancelled] == _MISSING).all(), "a netted row is matched or suggested too"
    assert exact_sums(np.zeros(len(cancelled), np.int64), rows.amount[cancelled], 1) == [0], "netted rows do not cancel"
    outcome[cancelled] = _NETTED
    return outcome


def _once(row: Ints, matched: Flags, group: pa.ChunkedArray) -> bool:
    """Whether every row is in one match; the lines of a group are one."""
    in_group = group.is_valid().to_numpy() & matched
    member = np.unique(np.stack([group.filter(pa.array(in_group)).to_numpy(), row[in_group]]), axis=1)[1]
    return bool(np.bincount(np.concatenate([row[matched & ~in_group], member])).max(initial=0) <= 1)


def _differences(
    source: SideRows, reference: SideRows, matching: Matching, left: tuple[Ints, Ints], currencies: tuple[str, ...]
) -> tuple[pa.Table, ...]:
    """Matches whose amounts differ: by a fee, for want of a row of their group, or else for some other reason."""
    matches = matching.matches
    variance, deviates = fee_variances(source, reference, matching, currencies)
    is_match = pc.and_(pc.equal(matches["status"], str(MatchStatus.MATCHED)), pa.array(~deviates))
    differing = matches.filter(pc.and_(is_match, pc.not_equal(matches["amount_delta"], 0)))
    by_fee = is_explained(differing, FEE)
    in_group = is_group(differing) & ~by_fee
    return (
        _mismatches(source, reference, differing.filter(pa.array(~by_fee & ~in_group)), currencies),
        incomplete_groups(source, reference, matches, differing.filter(pa.array(in_group)), left, currencies),
        fee_sums(source, reference, differing.filter(pa.array(by_fee)), currencies),
        variance,
    )


def _mismatches(source: SideRows, reference: SideRows, differing: pa.Table, currencies: tuple[str, ...]) -> pa.Table:
    one, other = differing["source_row"].to_numpy(), differing["reference_row"].to_numpy()
    delta = differing["amount_delta"].to_numpy()
    currency = source.currency[one]
    detail = mismatch_text(
        Pairing.of(differing, source, reference),
        source=amounts_text(source.amount[one], currency, currencies),
        reference=amounts_text(reference.amount[other], currency, currencies),
        delta=amounts_text(delta, currency, currencies),
        hints=pair_hints(source, reference, one, other, currencies),
    )
    return discrepancies(
        DiscrepancyKind.AMOUNT_MISMATCH,
        None,
        source_row=one,
        reference_row=other,
        currency=currency,
        currencies=currencies,
        amount=delta,
        detail=detail,
    )


def _missing(side: Side, rows: SideRows, left: Ints, given_up: Ints, currencies: tuple[str, ...]) -> pa.Table:
    is_source = side is Side.SOURCE
    kind = DiscrepancyKind.MISSING_IN_REFERENCE if is_source else DiscrepancyKind.MISSING_IN_SOURCE
    where = "source but not in the reference." if is_source else "reference but not in the source."
    searched = ""
    if len(given_up):
        unsure = pa.array(np.isin(left, given_up))
        searched = pc.if_else(unsure, " Rows that add up to it were not found within the limit of the search.", "")
    detail = joined(_what(rows, left, currencies), f" is in the {where}", searched)
    return _about(kind, side, rows, left, currencies, detail)


def _duplicates(
    side: Side, rows: SideRows, left: Ints, original: Ints, by: Ints, currencies: tuple[str, ...]
) -> pa.Table:
    detail = joined(
        _what(rows, left, currencies),
        " is an extra copy of line ",
        pa.array(rows.line[original]).cast(pa.string()),
        f" of the {side}: same amount, date and ",
        pa.array(SAME).take(pa.array(by)),
        *(_but_another(name, rows, left, original) for name in ("payment_ref", "txn_id")),
        ".",
    )
    return _about(DiscrepancyKind.DUPLICATE, side, rows, left, currencies, detail)


def _but_another(name: str, rows: SideRows, left: Ints, original: Ints) -> pa.Array:
    """Said of copies that have an id of their own: they may be payments of their own."""
    own, first = (rows.table[name].take(pa.array(at)).combine_chunks() for at in (left, original))
    return pc.if_else(pc.fill_null(pc.not_equal(own, first), False), f", but another {name}", "")


def _what(rows: SideRows, at: Ints, currencies: tuple[str, ...]) -> pa.Array:
    """The amount and date of rows, as the beginning of a sentence."""
    return joined(amounts_text(rows.amount[at], rows.currency[at], currencies), " on ", dates_text(rows.day[at]))


def _about(
    kind: DiscrepancyKind, side: Side, rows: SideRows, at: Ints, currencies: tuple[str, ...], detail: pa.Array
) -> pa.Table:
    """Discrepancies of single rows: a source row adds its amount to the difference, a reference row takes it away."""
    sign = 1 if side is Side.SOURCE else -1
    return discrepancies(
        kind,
        side,
        **one_sided(side, at),
        currency=rows.currency[at],
        currencies=currencies,
        amount=sign * rows.amount[at],
        detail=detail,
    )


def _totals(side: Side, rows: SideRows, outcome: Ints, currencies: tuple[str, ...]) -> list[OutcomeTotal]:
    """Rows and sums of each outcome that occurs, in order of currency and outcome."""
    group = rows.currency * len(_OUTCOMES) + outcome
    group_count = len(currencies) * len(_OUTCOMES)
    counts = np.bincount(group, minlength=group_count).tolist()
    sums = exact_sums(group, rows.amount, group_count)
    assert sum(counts) == len(rows)
    return [
        OutcomeTotal(
            side=str(side),
            currency=currencies[number // len(_OUTCOMES)],
            outcome=_OUTCOMES[number % len(_OUTCOMES)],
            row_count=count,
            amount=sums[number],
        )
        for number, count in enumerate(counts)
        if count
    ]


def _in_canonical_order(table: pa.Table) -> pa.Table:
    """By kind (in the order they are defined), then source_row, then reference_row; no row last."""
    kind = pc.index_in(table["kind"], value_set=pa.array(_KINDS))
    keys = pa.table({"kind": kind, "source": table["source_row"], "reference": table["reference_row"]})
    order = pc.sort_indices(
        keys, sort_keys=[("kind", "ascending"), ("source", "ascending"), ("reference", "ascending")]
    )
    return table.take(order).combine_chunks()
