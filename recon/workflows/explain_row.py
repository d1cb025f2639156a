"""Why the row of a discrepancy has no better partner: its nearest rows on the other side, and what each one lacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from recon.matching.explain import nearest_among
from recon.model.candidate import Candidate
from recon.model.transactions import Side
from recon.queries.discrepancy_detail import DiscrepancyDetail
from recon.queries.rows_beside import rows_beside
from recon.store.evidence import Evidence
from recon.store.runs import rules_from
from recon.workflows.explain_pair import sentences_between


@dataclass(frozen=True, slots=True, kw_only=True)
class NearRow:
    """A row of `side` that could have been the partner: the row itself, and what speaks for and against it.

    `hints`: sentences on how the two may have come to differ.
    """

    side: Side
    transaction: Mapping[str, Any]
    candidate: Candidate
    hints: tuple[str, ...]


def explain_row(evidence: Evidence, detail: DiscrepancyDetail, *, limit: int = 3) -> tuple[NearRow, ...]:
    """The rows nearest to a discrepancy's row (the source's, where it has two), best first.

    Raises EvidenceMissing when a file of the run is gone.
    """
    found = rows_beside(evidence, detail)
    if found is None:
        return ()
    rules = rules_from(dict(detail.rules))
    candidates = nearest_among(found.subject, found.row, found.side, found.others, found.matches, rules, limit=limit)
    rows = {row["row"]: row for row in found.others.to_pylist()}
    asked = found.subject.to_pylist()[0]
    other = Side.REFERENCE if found.side is Side.SOURCE else Side.SOURCE
    return tuple(
        NearRow(side=other, transaction=rows[one.row], candidate=one, hints=_hints(asked, rows[one.row], found.side))
        for one in candidates
    )


def _hints(asked: Mapping[str, Any], near: Mapping[str, Any], side: Side) -> tuple[str, ...]:
    source, reference = (asked, near) if side is Side.SOURCE else (near, asked)
    return sentences_between(source, reference, is_pair=False)
