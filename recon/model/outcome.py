"""What matching and classifying two transaction tables gives, as Arrow tables.

Rows are named by their 0-based position in the tables that were matched (`source_row`, `reference_row`); a border
(CLI, store) translates positions to lines. Every row of either side ends in exactly one `RowOutcome`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from recon.model.fx import FxTerms
from recon.model.terms import FeeSchedule
from recon.model.transactions import Side


class Pass(StrEnum):
    """The pass that found a match, in order of fidelity."""

    DECIDED = "decided"  # a person said that these rows belong together
    IDENTITY = "identity"  # same payment_ref or txn_id, same currency
    GROUPS = "groups"  # rows that share a payout, batch or invoice number with the other side, and add up
    EXACT = "exact"  # same amount, date and currency
    FEES = "fees"  # amounts that differ by the fee, near in date, alike in text
    FX = "fx"  # amounts in two currencies that a rate of exchange explains, or that share an id
    SUMS = "sums"  # rows of a day, or a few of a window, that add up to one row of the other side
    SCORED = "scored"  # within tolerance and window, description over the threshold, best assignment


class MatchStatus(StrEnum):
    MATCHED = "matched"
    SUGGESTED = "suggested"


class RowOutcome(StrEnum):
    """Where a row ended. Every accepted row ends in exactly one."""

    MATCHED = "matched"
    SUGGESTED = "suggested"
    DUPLICATE = "duplicate"
    NETTED = "netted"  # a charge and its reversal on one side: their sum is 0
    MISSING = "missing"
    IN_TRANSIT = "in_transit"  # no counterpart, and none is due yet
    SET_ASIDE = "set_aside"  # a person said that it needs no counterpart


class DiscrepancyKind(StrEnum):
    """One thing that does not tie out."""

    AMOUNT_MISMATCH = "amount_mismatch"
    MISSING_IN_REFERENCE = "missing_in_reference"
    MISSING_IN_SOURCE = "missing_in_source"
    DUPLICATE = "duplicate"
    SUGGESTION = "suggestion"
    INCOMPLETE_GROUP = "incomplete_group"  # its rows share a number with the other side, but do not add up
    FEE_VARIANCE = "fee_variance"  # a fee other than the one the rules schedule
    FEE = "fee"  # what pairs and groups differ by where fees explain it: one for each currency
    FX_VARIANCE = "fx_variance"  # rows in two currencies that share an id, too far from the rate or without one
    FX_CONVERSION = "fx_conversion"  # what matches in two currencies exchanged: one for each currency
    DECISION_LOST = "decision_lost"  # rows matched by hand of which one is gone; its amount is 0
    IN_TRANSIT = "in_transit"
    SET_ASIDE = "set_aside"


QUIET: Final = (DiscrepancyKind.IN_TRANSIT, DiscrepancyKind.SET_ASIDE)
"""What is part of the proof, but nobody's work. Last of the kinds, and named like the outcomes of their rows."""

WORK: Final = tuple(kind for kind in DiscrepancyKind if kind not in QUIET)
"""The kinds a person has to look at."""


MATCH_SCHEMA: Final = pa.schema(
    [
        pa.field("source_row", pa.int64(), nullable=False),
        pa.field("reference_row", pa.int64(), nullable=False),
        pa.field("status", pa.string(), nullable=False),  # MatchStatus
        pa.field("pass", pa.string(), nullable=False),  # Pass
        pa.field("confidence", pa.float64(), nullable=False),  # 0..1
        pa.field("amount_delta", pa.int64(), nullable=False),  # source - reference, in the source's minor units
        pa.field("days", pa.int32(), nullable=False),  # reference date - source date
        pa.field("similarity", pa.int16()),  # token_sort_ratio 0..100, null where not compared
        pa.field("evidence", pa.string(), nullable=False),  # what agreed, '+'-joined: payment_ref+amount+date
        pa.field("weights", pa.string()),  # of learned scoring: each level and its weight, '; '-joined, else null
        pa.field("group", pa.int64()),  # number of the match of several rows this is a line of, null for 1:1
    ]
)
"""Sorted by (source_row, reference_row). A matched row occurs once; a suggested row once per partner shown.

The lines of one group, counted from 1, are one match N:1, 1:N or N:M: every row of it is in at least one line, the row
of a shorter side in several. One of its lines has the match's delta, the others 0.

Of rows in two currencies the delta is the source less what the reference comes to in the source's currency, by the rate
its evidence names: 0 where one is the other to the last digit, and 0 where there is no rate."""


NETTED_SCHEMA: Final = pa.schema(
    [
        pa.field("side", pa.string(), nullable=False),  # Side
        pa.field("row", pa.int64(), nullable=False),  # money in
        pa.field("other_row", pa.int64(), nullable=False),  # the same amount out
    ]
)
"""Pairs of rows of one side that cancel each other, the source's first, by `row`; each row once."""


def with_groups(matches: pa.Table) -> pa.Table:
    """Matches as they were stored; those of a run made before there were groups have none."""
    return (
        matches
        if "group" in matches.column_names
        else matches.append_column(MATCH_SCHEMA.field("group"), pa.nulls(matches.num_rows, pa.int64()))
    )


def match_heads(matches: pa.Table) -> NDArray[np.bool_]:
    """One line of every match: each pair of its own, and of every group the first."""
    group = matches["group"]
    if group.null_count == len(group):
        return np.ones(len(group), np.bool_)
    heads: NDArray[np.bool_] = group.is_null().to_numpy().copy()
    in_group = np.flatnonzero(~heads)
    first = np.unique(group.drop_null().to_numpy(), return_index=True)[1]
    heads[in_group[first]] = True
    return heads


DISCREPANCY_SCHEMA: Final = pa.schema(
    [
        pa.field("kind", pa.string(), nullable=False),  # DiscrepancyKind
        pa.field("side", pa.string()),  # Side of a one-sided discrepancy, else null
        pa.field("source_row", pa.int64()),
        pa.field("reference_row", pa.int64()),
        pa.field("currency", pa.string(), nullable=False),
        pa.field("amount", pa.int64(), nullable=False),  # its part of source total - reference total, minor units
        pa.field("detail", pa.string(), nullable=False),  # one plain sentence, no markup
    ]
)
"""Canonical order: kind, then source_row, then reference_row. `duplicate`: the row on its own side, plus the row it
is a copy of in `detail`. `suggestion`: one row for each group of rows suggested together; its amount is the group's
source sum minus its reference sum, and its rows are the group's best pair."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofLine:
    """The proof of one currency: source total - reference total = sum of discrepancies + unexplained.

    Amounts in minor units. `by_kind` sums the discrepancies' amounts; `unexplained` must be 0.
    """

    currency: str
    source_count: int
    source_total: int
    reference_count: int
    reference_total: int
    by_kind: tuple[tuple[DiscrepancyKind, int, int], ...]  # kind, count, amount
    unexplained: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeTotal:
    """How many rows of one side and currency ended in one outcome, and their sum in minor units."""

    side: str
    currency: str
    outcome: RowOutcome
    row_count: int
    amount: int


def matched_row_count(totals: Iterable[OutcomeTotal]) -> int:
    """How many rows of both sides are in a match."""
    return sum(total.row_count for total in totals if total.outcome is RowOutcome.MATCHED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    """What the engine decided: pairs across the sides, and pairs of one side. `seconds` names its stages.

    `given_up`: rows of each side for which the search for rows that add up to them came to its limit. `fee_schedules`
    and `fx` are those of the rules.
    """

    matches: pa.Table
    netted: pa.Table
    given_up: Mapping[Side, NDArray[np.int64]]
    fee_schedules: tuple[FeeSchedule, ...]
    fx: FxTerms
    seconds: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A whole reconciliation of two tables: matches, discrepancies, totals and the proof, order-independent."""

    matches: pa.Table
    netted: pa.Table
    discrepancies: pa.Table
    totals: tuple[OutcomeTotal, ...]
    proof: tuple[ProofLine, ...]
    seconds: dict[str, float]
