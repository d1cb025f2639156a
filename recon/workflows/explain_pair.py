"""Why two rows were paired, from the evidence store: what agreed, or how the learned weights add up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from recon.discrepancies.hints import SENTENCES, Hint, hints_between
from recon.matching.waterfall import waterfall
from recon.matching.why import Reason, reasons
from recon.model.rules import Rules
from recon.queries.group_members import GroupSide, group_sides
from recon.queries.matched_pair import PairAsked, matched_pair
from recon.store.evidence import Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedPair:
    """Both rows by columns of TRANSACTION_SCHEMA; the pass, status and confidence of their pair, and why it is one.

    `steps`: (comparison, level in words, weight) where the pair was weighed, else none. `sides` are all rows of the
    match where it has several, else none.
    """

    source: Mapping[str, Any]
    reference: Mapping[str, Any]
    match_pass: str
    status: str
    confidence: float
    reasons: tuple[Reason, ...]
    steps: tuple[tuple[str, str, float], ...]
    sides: tuple[GroupSide, ...]


def explain_pair(evidence: Evidence, asked: PairAsked, rules: Rules) -> ExplainedPair | None:
    """The pair of these lines, matched or suggested under these rules; None where there is none.

    Raises EvidenceMissing when a file of the run is gone.
    """
    found = matched_pair(evidence, asked)
    if found is None:
        return None
    weights, group = found.match["weights"], found.match.get("group")
    return ExplainedPair(
        source=found.source,
        reference=found.reference,
        match_pass=found.match["pass"],
        status=found.match["status"],
        confidence=found.match["confidence"],
        reasons=reasons(found.source, found.reference, found.match, rules),
        steps=waterfall(weights) if weights else (),
        sides=group_sides(evidence, asked, group) if group is not None else (),
    )


def sentences_between(
    source: Mapping[str, Any], reference: Mapping[str, Any], *, is_pair: bool = True
) -> tuple[str, ...]:
    """What the figures of two rows hint at, as sentences; rows by columns of TRANSACTION_SCHEMA.

    That a pair is a day apart is nothing unusual; that the nearest row without a partner is, may be all there is to it.
    """
    quiet = {Hint.ONE_DAY} if is_pair else set()
    return tuple(SENTENCES[hint] for hint in hints_between(source, reference) if hint not in quiet)
