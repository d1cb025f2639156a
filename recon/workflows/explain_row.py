"""Why the row of a discrepancy has no better partner: its nearest rows on the other side, and what each one lacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from recon.discrepancies.hints import telling_amounts
from recon.matching.explain import nearest_among
from recon.model.candidate import Candidate
from recon.model.transactions import Side
from recon.queries.discrepancy_detail import DiscrepancyDetail
from recon.queries.rows_beside import RowAsked, other_side, row_asked, rows_at, rows_beside
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
    asked = row_asked(evidence, detail)
    if asked is None:
        return ()
    telling = telling_amounts(asked.values)
    found = rows_beside(evidence, detail, asked, telling)
    candidates = nearest_among(
        asked.subject,
        asked.row,
        asked.side,
        found.others,
        found.matches,
        rules_from(dict(detail.rules)),
        limit=limit,
        telling=telling,
    )
    rows = rows_at(evidence, other_side(detail, asked.side), [one.line for one in candidates])
    other = Side.REFERENCE if asked.side is Side.SOURCE else Side.SOURCE
    return tuple(
        NearRow(side=other, transaction=rows[one.line], candidate=one, hints=_hints(asked, rows[one.line]))
        for one in candidates
    )


def _hints(asked: RowAsked, near: Mapping[str, Any]) -> tuple[str, ...]:
    source, reference = (asked.values, near) if asked.side is Side.SOURCE else (near, asked.values)
    return sentences_between(source, reference, is_pair=False)
