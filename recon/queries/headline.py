"""The overview's headline figures, made from rows already read: pure, and never one currency added to another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from recon.queries.overview import AGE_BUCKETS, OLD_AFTER_DAYS, OpenGroup, RunPoint, Standing

HISTORY_LENGTH: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAmount:
    """What is open in one currency: how many discrepancies and the sum of their sizes in minor units."""

    currency: str
    count: int
    gross: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """What the current runs left open, and how well the latest run of each reconciliation matched.

    `amounts`: most discrepancies first. `open_by_run` and `gross_by_run` (of the first currency, minor units) are of
    the last current runs, oldest first; `match_history` is the share of rows matched, in hundredths of a percent, as
    it stood after each recent run.
    """

    open_count: int
    amounts: tuple[OpenAmount, ...]
    matched_rows: int
    rows: int
    old_count: int
    open_by_run: tuple[int, ...]
    gross_by_run: tuple[int, ...]
    match_history: tuple[int, ...]


def headline(
    standings: Sequence[Standing],
    current: Sequence[RunPoint],
    groups: Sequence[OpenGroup],
    points: Sequence[RunPoint],
) -> Headline:
    """The figures: `current` runs newest first and what is open of them; `points` are recent runs, oldest first."""
    amounts = _amounts(groups)
    latest = [standing.latest for standing in standings if standing.latest]
    old = [group for group in groups if AGE_BUCKETS[group.bucket][1] > OLD_AFTER_DAYS]
    shown = [point.run_id for point in current[:HISTORY_LENGTH]][::-1]
    counts = _by_run(groups)
    gross: Counter[int] = Counter()
    for group in groups:
        if group.currency == amounts[0].currency:
            gross[group.run_id] += group.gross
    return Headline(
        open_count=sum(group.count for group in groups),
        amounts=amounts,
        matched_rows=sum(point.matched_row_count for point in latest),
        rows=sum(point.row_count for point in latest),
        old_count=sum(group.count for group in old),
        open_by_run=tuple(counts[run_id] for run_id in shown),
        gross_by_run=tuple(gross[run_id] for run_id in shown),
        match_history=_match_history(points),
    )


def open_per_reconciliation(current: Sequence[RunPoint], groups: Sequence[OpenGroup]) -> dict[str, int]:
    """Reconciliation -> how many discrepancies are open in its current runs."""
    names = {point.run_id: point.reconciliation for point in current}
    counted: Counter[str] = Counter()
    for group in groups:
        counted[names[group.run_id]] += group.count
    return counted


def _amounts(groups: Sequence[OpenGroup]) -> tuple[OpenAmount, ...]:
    counts: Counter[str] = Counter()
    gross: Counter[str] = Counter()
    for group in groups:
        counts[group.currency] += group.count
        gross[group.currency] += group.gross
    found = [OpenAmount(currency=c, count=n, gross=gross[c]) for c, n in counts.items()]
    return tuple(sorted(found, key=lambda amount: (-amount.count, amount.currency)))


def _by_run(groups: Sequence[OpenGroup]) -> Counter[int]:
    counts: Counter[int] = Counter()
    for group in groups:
        counts[group.run_id] += group.count
    return counts


def _match_history(points: Sequence[RunPoint]) -> tuple[int, ...]:
    """After each run: the share of rows matched in the latest run of each reconciliation until then."""
    latest: dict[str, RunPoint] = {}
    shares = []
    for point in points:
        latest[point.reconciliation] = point
        matched = sum(run.matched_row_count for run in latest.values())
        shares.append(matched * 10_000 // max(sum(run.row_count for run in latest.values()), 1))
    return tuple(shares)
