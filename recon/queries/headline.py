"""The overview's headline figures, made from rows already read: pure, and never one currency added to another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from recon.queries.overview import AGE_BUCKETS, OLD_AFTER_DAYS, OpenGroup, RunPoint, Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAmount:
    """What is open in one currency: how many discrepancies and the sum of their sizes in minor units."""

    currency: str
    count: int
    gross: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """Sums over the latest published run of each reconciliation.

    `open_change` is against the run before, None when no reconciliation has one. `amounts`: most discrepancies first.
    The histories hold one value for each recent run: how the same sum stood when that run was published.
    """

    open_count: int
    open_change: int | None
    amounts: tuple[OpenAmount, ...]
    matched_rows: int
    rows: int
    old_count: int
    by_age: tuple[int, ...]
    discrepancy_history: tuple[int, ...]
    match_history: tuple[int, ...]
    gross_history: tuple[int, ...]


def headline(
    standings: Sequence[Standing],
    groups: Sequence[OpenGroup],
    points: Sequence[RunPoint],
    gross: Mapping[tuple[int, str], int],
) -> Headline:
    """The figures; `points` are recent runs, oldest first, and `gross` the sizes of their discrepancies."""
    amounts = _amounts(groups)
    latest = [standing.latest for standing in standings if standing.latest]
    changes = [
        standing.latest.discrepancy_count - standing.previous_discrepancy_count
        for standing in standings
        if standing.latest and standing.previous_discrepancy_count is not None
    ]
    by_age = tuple(sum(g.count for g in groups if g.bucket == place) for place in range(len(AGE_BUCKETS)))
    stood = _how_it_stood(points)
    main = amounts[0].currency if amounts else ""
    return Headline(
        open_count=sum(group.count for group in groups),
        open_change=sum(changes) if changes else None,
        amounts=amounts,
        matched_rows=sum(2 * point.matched_count for point in latest),
        rows=sum(point.row_count for point in latest),
        old_count=sum(
            number for (_, first, _), number in zip(AGE_BUCKETS, by_age, strict=True) if first > OLD_AFTER_DAYS
        ),
        by_age=by_age,
        discrepancy_history=tuple(sum(p.discrepancy_count for p in at) for at in stood),
        match_history=tuple(
            sum(2 * p.matched_count for p in at) * 10_000 // max(sum(p.row_count for p in at), 1) for at in stood
        ),
        gross_history=tuple(sum(gross.get((p.run_id, main), 0) for p in at) for at in stood),
    )


def _amounts(groups: Sequence[OpenGroup]) -> tuple[OpenAmount, ...]:
    counts: Counter[str] = Counter()
    gross: Counter[str] = Counter()
    for group in groups:
        counts[group.currency] += group.count
        gross[group.currency] += group.gross
    found = [OpenAmount(currency=c, count=n, gross=gross[c]) for c, n in counts.items()]
    return tuple(sorted(found, key=lambda amount: (-amount.count, amount.currency)))


def _how_it_stood(points: Sequence[RunPoint]) -> list[list[RunPoint]]:
    """After each run: the latest run of each reconciliation until then."""
    latest: dict[str, RunPoint] = {}
    stood = []
    for point in points:
        latest[point.reconciliation] = point
        stood.append(list(latest.values()))
    return stood
