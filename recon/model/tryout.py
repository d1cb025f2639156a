"""What other rules would have made of a run: the result they give, and every source row they pair otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import pyarrow as pa

from recon.model.outcome import OutcomeTotal, ProofLine
from recon.model.rulings import Judged


class PairChange(StrEnum):
    """How a source row's partner differs between the run and the try-out."""

    NEWLY_MATCHED = "newly_matched"
    NO_LONGER_MATCHED = "no_longer_matched"
    CHANGED = "changed"  # another partner, found by another pass, or only suggested now or then


CHANGE_SCHEMA: Final = pa.schema(
    [
        pa.field("change", pa.string(), nullable=False),  # PairChange
        pa.field("currency", pa.string(), nullable=False),
        pa.field("source_line", pa.int64(), nullable=False),
        pa.field("source_date", pa.date32(), nullable=False),
        pa.field("source_amount", pa.int64(), nullable=False),
        pa.field("source_text", pa.string()),
        pa.field("before_status", pa.string()),  # MatchStatus, null where the row had no partner
        pa.field("before_pass", pa.string()),
        pa.field("before_line", pa.int64()),  # the partner's line in the reference file
        pa.field("after_status", pa.string()),
        pa.field("after_pass", pa.string()),
        pa.field("after_line", pa.int64()),
        # the partner that is shown: the one it has now, else the one it had
        pa.field("reference_line", pa.int64(), nullable=False),
        pa.field("reference_date", pa.date32(), nullable=False),
        pa.field("reference_amount", pa.int64(), nullable=False),
        pa.field("reference_text", pa.string()),
        pa.field("amount_delta", pa.int64(), nullable=False),  # source - that partner, in the source's currency
        pa.field("days", pa.int32(), nullable=False),  # that partner's date - the source's
        pa.field("confidence", pa.float64(), nullable=False),
        pa.field("reference_currency", pa.string(), nullable=False),
        pa.field("people", pa.string()),  # Stand: whether people decided so, null where they decided nothing of it
    ]
)
"""One line a source row, by change and then by line. Of several suggested partners the most likely one counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TryResult:
    """The result the tried rules give, and how many source rows they pair otherwise, by kind of change.

    `otherwise`: how many of those go against what people decided. `judged`: None where nobody decided anything.
    """

    matched_count: int
    suggested_count: int
    discrepancy_count: int
    totals: tuple[OutcomeTotal, ...]
    proof: tuple[ProofLine, ...]
    changes: Mapping[PairChange, int]
    otherwise: int
    judged: Judged | None
    seconds: float
