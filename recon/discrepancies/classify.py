"""Every row that is not matched, and every match whose amounts differ, as one discrepancy each; totals of all rows.

Differences that a fee explains are the exception, and what rows in two currencies exchanged: their sums are one
discrepancy a currency (`terms`, `exchange`). What a person matched is told match by match (`by_hand`).

The rule kept: each row of either side ends in exactly one outcome. A row in a match is matched, one in a suggestion
is suggested, two of one side that cancel each other are netted and add up to nothing, and of the rest a row is

- a *duplicate* if its own side has the same currency, amount and date with the same description, txn_id or
  payment_ref once more: in a row that is matched or suggested, or in an equal one that comes before it (by ids, then
  line). Equal rows that both sides have are matched with each other, so they never get here;
- *in transit* if its counterpart is not due yet;
- otherwise *missing* on the other side.

What a person decided comes before all this: a row may be *set aside*, or not be called a duplicate.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recon.discrepancies.by_hand import accepted_differences, exchanged_by_hand, is_by_hand, is_exchanged_by_hand
from recon.discrepancies.duplicates import SAME, originals
from recon.discrepancies.exchange import exchanges, is_exchange
from recon.discrepancies.fee_variance import fee_variances
from recon.discrepancies.groups import incomplete_groups, is_group
from recon.discrepancies.hints import pair_hints
from recon.discrepancies.pairing import Pairing, mismatch_text
from recon.discrepancies.rows import (
    NO_ROW,
    SideRows,
    about_rows,
    amounts_on_days,
    currency_names,
    discrepancies,
    lines_text,
    rows_of,
)
from recon.discrepancies.sentences import amounts_text, joined
from recon.discrepancies.suggestions import suggestion_groups
from recon.discrepancies.sums import Flags, Ints, exact_sums
from recon.discrepancies.terms import FEE, fee_sums, is_explained
from recon.discrepancies.waiting import awaited, lost_decisions, set_aside
from recon.model.decisions import Decided
from recon.model.due import Due
from recon.model.outcome import DiscrepancyKind, Matching, MatchStatus, OutcomeTotal, RowOutcome
from recon.model.transactions import Side

_OUTCOMES: Final = tuple(RowOutcome)
_MATCHED: Final = _OUTCOMES.index(RowOutcome.MATCHED)
_SUGGESTED: Final = _OUTCOMES.index(RowOutcome.SUGGESTED)
_NETTED: Final = _OUTCOMES.index(RowOutcome.NETTED)
_DUPLICATE: Final = _OUTCOMES.index(RowOutcome.DUPLICATE)
_MISSING: Final = _OUTCOMES.index(RowOutcome.MISSING)
_IN_TRANSIT: Final = _OUTCOMES.index(RowOutcome.IN_TRANSIT)
_SET_ASIDE: Final = _OUTCOMES.index(RowOutcome.SET_ASIDE)
_KINDS: Final = tuple(str(kind) for kind in DiscrepancyKind)


def classify(
    source: pa.Table,
    reference: pa.Table,
    matching: Matching,
    *,
    decided: Decided | None = None,
    due: Mapping[Side, Due] | None = None,
) -> tuple[pa.Table, tuple[OutcomeTotal, ...]]:
    """(discrepancies as DISCREPANCY_SCHEMA in canonical order, totals per side, currency and outcome).

    `matching` is what `recon.matching.match` gave for these two tables.
    """
    currencies = currency_names(source, reference)
    one, other = rows_of(source, currencies), rows_of(reference, currencies)
    matches, parts = matching.matches, list[pa.Table]()
    totals: list[OutcomeTotal] = []
    without_partner: list[Ints] = []
    for side, rows in ((Side.SOURCE, one), (Side.REFERENCE, other)):
        outcome = _decided(rows, matches, matching.netted, side, decided)
        left = np.flatnonzero(outcome == _MISSING)
        original, by = originals(rows, left)
        copy = original != NO_ROW
        if decided:
            copy &= ~decided.is_no_duplicate[side][left]
        outcome[left[copy]] = _DUPLICATE
        waits = ~copy & due[side].is_awaited[left] if due else np.zeros(len(left), np.bool_)
        outcome[left[waits]] = _IN_TRANSIT
        without_partner.append(left)
        parts.append(_missing(side, rows, left[~copy & ~waits], matching.given_up[side], currencies))
        parts.append(_duplicates(side, rows, left[copy], original[copy], by[copy], currencies))
        if due:
            parts.append(awaited(side, rows, left[waits], due[side].day, currencies))
        if decided:
            parts.append(set_aside(side, rows, np.flatnonzero(outcome == _SET_ASIDE), currencies))
            parts.append(lost_decisions(side, rows, decided.lost, currencies))
        totals += _totals(side, rows, outcome, currencies)
    parts += _differences(one, other, matching, (without_partner[0], without_partner[1]), currencies)
    parts.append(suggestion_groups(one, other, matches, currencies))
    return _in_canonical_order(pa.concat_tables(parts)), tuple(totals)


def _decided(rows: SideRows, matches: pa.Table, netted: pa.Table, side: Side, decided: Decided | None) -> Ints:
    """The outcome of each row as far as people and matches say; all others are missing until shown to be copies."""
    outcome = np.full(len(rows), _MISSING)
    if decided:
        outcome[decided.is_set_aside[side]] = _SET_ASIDE
    row = matches[f"{side}_row"].to_numpy()
    matched = pc.equal(matches["status"], str(MatchStatus.MATCHED)).to_numpy()
    assert _once(row, matched, matches["group"]), "a row is in two matches"
    assert (outcome[row] == _MISSING).all(), "a row that was set aside is in a match"
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
    fx_by_hand = is_exchanged_by_hand(source, reference, matches)
    is_fx = is_exchange(source, reference, matches) | fx_by_hand
    variance, deviates = fee_variances(source, reference, matching, ~is_fx, currencies)
    is_match = pc.and_(pc.equal(matches["status"], str(MatchStatus.MATCHED)), pa.array(~deviates & ~is_fx))
    differing = matches.filter(pc.and_(is_match, pc.not_equal(matches["amount_delta"], 0)))
    by_fee = is_explained(differing, FEE)
    in_group = is_group(differing) & ~by_fee
    by_hand = is_by_hand(differing)
    return (
        _mismatches(source, reference, differing.filter(pa.array(~by_fee & ~in_group & ~by_hand)), currencies),
        accepted_differences(source, reference, differing.filter(pa.array(by_hand)), currencies),
        incomplete_groups(source, reference, matches, differing.filter(pa.array(in_group)), left, currencies),
        fee_sums(source, reference, differing.filter(pa.array(by_fee)), currencies),
        variance,
        *exchanges(source, reference, matches.filter(pa.array(is_fx & ~fx_by_hand)), matching.fx, currencies),
        exchanged_by_hand(source, reference, matches.filter(pa.array(fx_by_hand)), currencies),
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
    detail = joined(amounts_on_days(rows, left, currencies), f" is in the {where}", searched)
    return about_rows(kind, side, rows, left, currencies, detail)


def _duplicates(
    side: Side, rows: SideRows, left: Ints, original: Ints, by: Ints, currencies: tuple[str, ...]
) -> pa.Table:
    detail = joined(
        amounts_on_days(rows, left, currencies),
        " is an extra copy of ",
        lines_text(rows.line[original]),
        f" of the {side}: same amount, date and ",
        pa.array(SAME).take(pa.array(by)),
        *(_but_another(name, rows, left, original) for name in ("payment_ref", "txn_id")),
        ".",
    )
    return about_rows(DiscrepancyKind.DUPLICATE, side, rows, left, currencies, detail)


def _but_another(name: str, rows: SideRows, left: Ints, original: Ints) -> pa.Array:
    """Said of copies that have an id of their own: they may be payments of their own."""
    own, first = (rows.table[name].take(pa.array(at)).combine_chunks() for at in (left, original))
    return pc.if_else(pc.fill_null(pc.not_equal(own, first), False), f", but another {name}", "")


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
