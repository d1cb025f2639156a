"""The plain per-row Python this product is measured against: the seed's algorithm in the shape the seed gives it.

It includes reading both CSV files (`csv.DictReader`, `Decimal`, one object a row) and, for each source row, a scan of
the reference rows still free: for the first exact match (amount, date, currency), then for the best fuzzy one (amount
within tolerance, date within the window, `token_sort_ratio` over the threshold). It stores nothing: rows, matches and
discrepancies stay in memory, which flatters it against a path that also writes evidence and publishes.
"""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from rapidfuzz import fuzz
from rapidfuzz.utils import default_process

from recon.model.rules import Rules


@dataclass(frozen=True, slots=True)
class _Row:
    index: int
    amount: int
    date: date
    currency: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineResult:
    """What the baseline found, as 0-based data rows of the two files, and what it took."""

    pairs: tuple[tuple[int, int], ...]
    row_count: int
    parse_seconds: float
    match_seconds: float


def run_baseline(source: Path, reference: Path, rules: Rules) -> BaselineResult:
    """Read both files and match them row by row. Amounts have two decimals, as in the generated files."""
    started = time.perf_counter()
    left, right = _parse(source), _parse(reference)
    parsed = time.perf_counter()
    pairs = tuple(_match(left, right, rules))
    return BaselineResult(
        pairs=pairs,
        row_count=len(left) + len(right),
        parse_seconds=parsed - started,
        match_seconds=time.perf_counter() - parsed,
    )


def _match(source: list[_Row], reference: list[_Row], rules: Rules) -> Iterator[tuple[int, int]]:
    taken: set[int] = set()
    for row in source:
        candidates = [other for other in reference if other.index not in taken]
        found = _find_best_match(row, candidates, rules)
        if found is not None:
            taken.add(found.index)
            yield row.index, found.index


def _parse(path: Path) -> list[_Row]:
    with path.open(newline="", encoding="utf-8") as file:
        return [
            _Row(
                index=index,
                amount=int(Decimal(row["amount"].replace(",", "")) * 100),
                date=_date(row["date"]),
                currency=row["currency"],
                description=row["description"],
            )
            for index, row in enumerate(csv.DictReader(file))
        ]


def _date(text: str) -> date:
    day, month, year = text.split("/")
    return date(int(year), int(month), int(day))


def _find_best_match(row: _Row, candidates: list[_Row], rules: Rules) -> _Row | None:
    for other in candidates:
        if _is_exact(row, other):
            return other
    best, best_confidence = None, 0.0
    for other in candidates:
        confidence = _fuzzy_confidence(row, other, rules)
        if confidence > best_confidence:
            best, best_confidence = other, confidence
    return best


def _is_exact(row: _Row, other: _Row) -> bool:
    return row.amount == other.amount and row.date == other.date and row.currency == other.currency


def _fuzzy_confidence(row: _Row, other: _Row, rules: Rules) -> float:
    """Proportional to the amount delta, as the seed has it; 0 is no match."""
    delta = abs(row.amount - other.amount)
    if row.currency != other.currency or delta > rules.amount_tolerance_minor:
        return 0.0
    if not -rules.days_before <= (other.date - row.date).days <= rules.days_after:
        return 0.0
    similarity = fuzz.token_sort_ratio(row.description, other.description, processor=default_process)
    return 1 - delta / (rules.amount_tolerance_minor + 1) if similarity >= rules.description_threshold else 0.0
