"""A run in one JSON document: what was read, under which rules, what came of it, and the proof per currency."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recon.model.outcome import MatchStatus, Outcome, OutcomeTotal, ProofLine
from recon.model.rules import Rules
from recon.money import to_text
from recon.report.rows import kind_counts


def outcome_summary(outcome: Outcome, rules: Rules) -> dict[str, Any]:
    """Counts, proof, totals by outcome, rules and seconds; amounts as decimal strings."""
    return {
        "counts": counts(outcome.matches, outcome.discrepancies),
        "proof": proof_summary(outcome.proof),
        "outcomes": total_summary(outcome.totals),
        "rules": rules.as_dict(),
        "seconds": rounded(outcome.seconds),
    }


def counts(matches: pa.Table, discrepancies: pa.Table) -> dict[str, Any]:
    """Pairs by status, and discrepancies in all and by kind."""
    matched = pc.sum(pc.equal(matches["status"], MatchStatus.MATCHED.value)).as_py() or 0
    return {
        "matched": matched,
        "suggested": matches.num_rows - matched,
        "discrepancies": discrepancies.num_rows,
        "by_kind": kind_counts(discrepancies),
    }


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
    """How many rows of each side and currency ended in each outcome, and their sum."""
    return [
        {
            "side": total.side,
            "currency": total.currency,
            "outcome": total.outcome.value,
            "rows": total.row_count,
            "amount": to_text(total.amount, total.currency),
        }
        for total in totals
    ]


def rounded(seconds: Mapping[str, float]) -> dict[str, float]:
    """Stage timings to the millisecond."""
    return {stage: round(value, 3) for stage, value in seconds.items()}
