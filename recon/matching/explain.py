"""Why a row has no better partner: its nearest rows on the other side, and what each of them lacks.

Nothing is kept from the match for this. Everything is computed on demand from columns: the rows nearest in amount and
date, and those with the same id or text, are found over the whole side by a few column operations; only the few best
are compared in full.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from rapidfuzz import fuzz

from recon.matching.arrays import Flags, Ints
from recon.matching.catch import FURTHEST_DAYS, FURTHEST_PART
from recon.matching.normal import normal_form
from recon.matching.same_names import same_names
from recon.matching.tolerance import Tolerance
from recon.model.candidate import Candidate, TellingAmounts
from recon.model.outcome import MatchStatus
from recon.model.rules import PassName, Rules, Scoring
from recon.model.transactions import Side
from recon.money import to_display

COLUMNS: Final = ("line", "payment_ref", "txn_id", "date", "amount", "currency", "description")
"""What is read of either table; a caller may leave the other columns out."""

_LOOKED_AT: Final = 200
_AT_MOST: Final = 4_000
"""Rows compared in full: so many, and as many more as are exactly as near as the last of them."""
_FAR_DAYS: Final = 60
_TOLD: Final = 0.1
_NOTHING_TELLING: Final = TellingAmounts()
_IDS: Final = ("payment_ref", "txn_id")


def nearest(
    row: int,
    side: Side,
    source: pa.Table,
    reference: pa.Table,
    matches: pa.Table,
    rules: Rules,
    limit: int = 3,
) -> tuple[Candidate, ...]:
    """The `limit` rows of the other side nearest to this row of `side`, best first; not the one it is matched with.

    Tables need COLUMNS only; rows are positions in them, as in `matches` (MATCH_SCHEMA).
    """
    own, others = (source, reference) if side is Side.SOURCE else (reference, source)
    return nearest_among(own.slice(row, 1), row, side, others, matches, rules, limit=limit)


def nearest_among(
    subject: pa.Table,
    row: int,
    side: Side,
    others: pa.Table,
    matches: pa.Table,
    rules: Rules,
    *,
    limit: int = 3,
    telling: TellingAmounts = _NOTHING_TELLING,
) -> tuple[Candidate, ...]:
    """The same for a table of the one row (number `row` of its side), among any selection of the other side.

    A selection names its rows in an extra column `row`; without it they are positions. `matches` may be a selection,
    and needs no more than its rows and status. A row with one of the `telling` amounts is nearly as near as one with
    the same.
    """
    subject, others = (same_names(rows, rules.aliases) for rows in (subject, others))
    asked = subject.select(list(COLUMNS)).to_pylist()[0]
    at = _worth_a_look(asked, others, telling)
    rows = others["row"].to_numpy()[at] if "row" in others.column_names else at
    new = ~np.isin(rows, _matched_with(row, side, matches))
    at, rows = at[new], rows[new]
    near = others.select(list(COLUMNS)).take(pa.array(at))
    order = np.lexsort((near["line"].to_numpy(), -_points(asked, near, telling)))[:limit]
    return tuple(
        _candidate(asked, side, other, number, matches, rules)
        for other, number in zip(near.take(pa.array(order)).to_pylist(), rows[order].tolist(), strict=True)
    )


def _matched_with(row: int, side: Side, matches: pa.Table) -> Ints:
    """Rows of the other side this row is matched with: one, or none."""
    mine = pc.and_(pc.equal(matches[f"{side}_row"], row), pc.equal(matches["status"], str(MatchStatus.MATCHED)))
    result: Ints = matches.filter(mine)[f"{_other(side)}_row"].to_numpy()
    return result


def _other(side: Side) -> Side:
    return Side.REFERENCE if side is Side.SOURCE else Side.SOURCE


def _worth_a_look(asked: dict[str, Any], others: pa.Table, telling: TellingAmounts) -> Ints:
    """Positions of the rows nearest in amount and date in the same currency, and of those with the same id or text."""
    same_currency = _flags(pc.equal(others["currency"], asked["currency"]))
    named = _share_an_id(asked, others)
    if asked["description"]:
        named |= same_currency & _flags(pc.equal(others["description"], asked["description"]))
    amount, days = _distances(asked, others, telling)
    named |= amount == _TOLD
    distance = amount + days / 2
    near = _smallest(np.where(same_currency, distance, np.inf))
    return np.union1d(near, _smallest(np.where(named, distance, np.inf)))


def _share_an_id(asked: dict[str, Any], others: pa.Table) -> Flags:
    """Rows that have an id of the row asked about in either id column."""
    shared = np.zeros(others.num_rows, np.bool_)
    for value in {asked[name] for name in _IDS} - {None, ""}:
        for name in _IDS:
            shared |= _flags(pc.equal(others[name], value))
    return shared


def _distances(
    asked: dict[str, Any], others: pa.Table, telling: TellingAmounts
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How far amounts and dates are from the row asked about: 0 equal, 1 far."""
    amount = others["amount"].to_numpy().astype(np.float64)
    day = others["date"].cast(pa.int32()).to_numpy().astype(np.float64)
    own, own_day = float(asked["amount"]), pa.scalar(asked["date"], pa.date32()).cast(pa.int32()).as_py()
    apart = np.abs(amount - own) / np.maximum(np.maximum(np.abs(amount), abs(own)), 1.0)
    days = np.abs(day - own_day)
    told = (days <= telling.days) & _are_telling(asked, others, telling)
    return np.where(told, _TOLD, np.minimum(apart, 1.0)), np.minimum(days / _FAR_DAYS, 1.0)


def _are_telling(asked: dict[str, Any], others: pa.Table, telling: TellingAmounts) -> Flags:
    """Rows whose amount is what a slip would have made of the amount asked about, or the same in another currency."""
    amount, alike = others["amount"].to_numpy(), _flags(pc.equal(others["currency"], asked["currency"]))
    slipped, same = (np.isin(amount, np.array(sorted(one), np.int64)) for one in (telling.alike, telling.other))
    result: Flags = np.where(alike, slipped, same)
    return result


def _points(asked: dict[str, Any], near: pa.Table, telling: TellingAmounts) -> NDArray[np.float64]:
    """How near in all: a shared id outweighs the rest, then the currency; text, amount and date by how alike."""
    amount, days = _distances(asked, near, telling)
    known: dict[str | None, int | None] = {
        text: text_similarity(asked["description"], text) for text in set(near["description"].to_pylist())
    }
    measured = [known[text] for text in near["description"].to_pylist()]
    similarity = np.array([50 if value is None else value for value in measured], np.float64)
    points: NDArray[np.float64] = 50 * (1 - amount) + 30 * (1 - days) + 0.6 * similarity
    alike = _flags(pc.equal(near["currency"], asked["currency"]))
    points += 300.0 * _share_an_id(asked, near) + np.where(alike, 100.0, 80.0 * (amount == _TOLD))
    return points


def _flags(column: pa.ChunkedArray) -> Flags:
    result: Flags = pc.fill_null(column, False).to_numpy().astype(np.bool_)
    return result


def _smallest(distance: NDArray[np.float64]) -> Ints:
    """Positions of the _LOOKED_AT smallest finite distances and of their equals."""
    if len(distance) <= _LOOKED_AT:
        return np.flatnonzero(np.isfinite(distance))
    bar = np.partition(distance, _LOOKED_AT)[_LOOKED_AT]
    at = np.flatnonzero((distance <= bar) & np.isfinite(distance))
    return at[np.argsort(distance[at], kind="stable")][:_AT_MOST]


def text_similarity(one: str | None, other: str | None) -> int | None:
    """How alike two descriptions are, 0 to 100; None where one is missing.

    Rounded down, as in the table of matches: what is shown as 80 has reached 80.
    """
    forms = normal_form(one or ""), normal_form(other or "")
    return int(fuzz.ratio(*forms)) if all(forms) else None


def _shared_ids(asked: dict[str, Any], other: dict[str, Any]) -> tuple[str, ...]:
    """Columns of the row asked about whose id stands in an id column of the other."""
    theirs = {other[name] for name in _IDS} - {None, ""}
    return tuple(name for name in _IDS if asked[name] in theirs)


def _candidate(
    asked: dict[str, Any], side: Side, other: dict[str, Any], row: int, matches: pa.Table, rules: Rules
) -> Candidate:
    source, reference = (asked, other) if side is Side.SOURCE else (other, asked)
    days = (reference["date"] - source["date"]).days
    similarity = text_similarity(asked["description"], other["description"])
    partners, is_matched = _partners(row, side, matches)
    limits = rules_in_force(rules)
    failed = [*_amounts_failed(source, reference, limits), *_days_failed(days, limits)]
    failed += _text_failed(similarity, limits)
    if partners:
        failed.append(f"It is already {'matched' if is_matched else 'suggested'} with another row of the {side}.")
    if not failed and PassName.SCORED not in rules.passes:
        failed.append("It is near enough, but the rules leave out the pass that looks for near rows.")
    agreed = [*_shared_ids(asked, other)]
    agreed += [name for name in ("currency", "amount", "date") if asked[name] == other[name]]
    if similarity is not None and similarity >= rules.description_threshold:
        agreed.append("description")
    return Candidate(
        row=row,
        line=other["line"],
        amount_delta=source["amount"] - reference["amount"],
        days=days,
        similarity=similarity,
        agreed=tuple(agreed),
        failed=tuple(failed),
        taken_by=partners,
    )


def rules_in_force(rules: Rules) -> Rules:
    """What a pair had to keep to: these rules, or how far learned scoring looks."""
    if rules.scoring == Scoring.RULES:
        return rules
    return replace(
        rules,
        amount_tolerance_percent=Decimal(FURTHEST_PART.numerator * 100) / FURTHEST_PART.denominator,
        days_before=FURTHEST_DAYS,
        days_after=FURTHEST_DAYS,
        description_threshold=0,
    )


def _partners(row: int, side: Side, matches: pa.Table) -> tuple[tuple[int, ...], bool]:
    """Rows of `side` this row of the other side is tied to, and whether it is a match."""
    tied = matches.filter(pc.equal(matches[f"{_other(side)}_row"], row))
    return tuple(tied[f"{side}_row"].to_pylist()), str(MatchStatus.MATCHED) in tied["status"].to_pylist()


def _amounts_failed(source: dict[str, Any], reference: dict[str, Any], rules: Rules) -> list[str]:
    if source["currency"] != reference["currency"]:
        return [f"The currencies differ: {source['currency']} and {reference['currency']}."]
    one, other = np.array([source["amount"]]), np.array([reference["amount"]])
    tolerance = Tolerance.of(rules)
    if tolerance.accepts(one, other)[0]:
        return []
    if source["amount"] * reference["amount"] < 0:
        return ["The signs are opposite: one is money in, the other money out."]
    currency = source["currency"]
    delta = to_display(abs(source["amount"] - reference["amount"]), currency)
    return [
        f"The amounts differ by {delta}; the rules allow {to_display(int(tolerance.allowed(one, other)[0]), currency)}."
    ]


def _days_failed(days: int, rules: Rules) -> list[str]:
    if -rules.days_before <= days <= rules.days_after:
        return []
    allowed, where = (rules.days_after, "after") if days > 0 else (rules.days_before, "before")
    return [f"The reference is {counted_days(abs(days))} {where} the source; the rules allow {counted_days(allowed)}."]


def counted_days(days: int) -> str:
    """`1 day`, `3 days`."""
    return f"{days} day" if days == 1 else f"{days} days"


def _text_failed(similarity: int | None, rules: Rules) -> list[str]:
    if similarity is None:
        return [] if rules.description_threshold == 0 else ["There is no description on both sides to compare."]
    if similarity >= rules.description_threshold:
        return []
    return [f"The descriptions are {similarity} % alike; the rules ask for {rules.description_threshold} %."]
