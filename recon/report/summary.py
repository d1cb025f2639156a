"""A run in one JSON document: what was read, under which rules, what came of it, and the proof per currency."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from recon.model.outcome import WORK, DiscrepancyKind, OutcomeTotal, ProofLine, RowOutcome
from recon.model.transactions import Side
from recon.money import to_text

_RANK: Final = {word: rank for rank, word in enumerate((*Side, *RowOutcome))}


def result_summary(
    *,
    matched_count: int,
    suggested_count: int,
    proof: tuple[ProofLine, ...],
    totals: tuple[OutcomeTotal, ...],
    rules: Mapping[str, Any],
    seconds: Mapping[str, float],
) -> dict[str, Any]:
    """Counts of pairs and of discrepancies by kind, proof, rows by outcome, rules and seconds; amounts as decimals."""
    by_kind = kind_counts(proof)
    return {
        "counts": {
            "matched": matched_count,
            "suggested": suggested_count,
            "discrepancies": sum(by_kind[kind] for kind in WORK),
            "by_kind": by_kind,
        },
        "proof": proof_summary(proof),
        "outcomes": total_summary(totals),
        "rules": dict(rules),
        "seconds": {stage: round(value, 3) for stage, value in seconds.items()},
    }


def kind_counts(proof: Iterable[ProofLine]) -> dict[str, int]:
    """How many discrepancies there are of each kind over all currencies, every kind named."""
    counted = dict.fromkeys((kind.value for kind in DiscrepancyKind), 0)
    for line in proof:
        for kind, count, _ in line.by_kind:
            counted[kind.value] += count
    return counted


def proof_summary(proof: Iterable[ProofLine]) -> list[dict[str, Any]]:
    """source_total - reference_total = difference = sum of by_kind amounts + unexplained, per currency."""
    return [
        {
            "currency": line.currency,
            "source_count": line.source_count,
            "source_total": to_text(line.source_total, line.currency),
            "reference_count": line.reference_count,
            "reference_total": to_text(line.reference_total, line.currency),
            "difference": to_text(line.source_total - line.reference_total, line.currency),
            "by_kind": {
                kind.value: {"count": count, "amount": to_text(amount, line.currency)}
                for kind, count, amount in line.by_kind
            },
            "unexplained": to_text(line.unexplained, line.currency),
        }
        for line in proof
    ]


def total_summary(totals: Iterable[OutcomeTotal]) -> list[dict[str, Any]]:
    """How many rows of each side and currency ended in each outcome, and their sum; by currency, side, outcome."""
    in_order = sorted(
        totals, key=lambda total: (total.currency, *(_RANK[word] for word in (total.side, total.outcome)))
    )
    return [
        {
            "side": total.side,
            "currency": total.currency,
            "outcome": total.outcome.value,
            "rows": total.row_count,
            "amount": to_text(total.amount, total.currency),
        }
        for total in in_order
    ]
