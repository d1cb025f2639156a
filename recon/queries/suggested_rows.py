"""The suggestions of a run that wait for an answer: counted, one page at a time, and their rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Engine, case, func, select

from recon.model.outcome import DiscrepancyKind
from recon.model.settlement import OpenRow
from recon.model.transactions import Side
from recon.queries.open_rows import IS_OPEN, open_row, row_columns
from recon.store.settlement_tables import workbench_row
from recon.store.tables import discrepancy


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestedGroup:
    """A suggestion that is open: its rows on either side and what they come to (minor units)."""

    discrepancy_id: int
    currency: str
    source_count: int
    source: int
    reference_count: int
    reference: int
    date: date
    text: str | None
    reference_text: str | None
    confidence: float | None
    is_mixed: bool  # of several currencies

    @property
    def difference(self) -> int:
        return self.source - self.reference

    @property
    def ties_out(self) -> bool:
        """Whether its sides come to the same; the tolerance of the rules may let it close otherwise."""
        return not self.is_mixed and not self.difference

    @property
    def is_choice(self) -> bool:
        """Whether one row has several partners of which hardly all belong to it: together they do not come to it."""
        counts = sorted((self.source_count, self.reference_count))
        return counts[0] == 1 < counts[1] and not self.ties_out


def suggestion_count(engine: Engine, run_id: int) -> int:
    """How many suggestions wait for an answer."""
    w = workbench_row.c
    query = select(func.count(w.discrepancy_id.distinct())).where(*_suggested(run_id))
    with engine.connect() as conn:
        return int(conn.execute(query).scalar_one())


def suggestions(engine: Engine, run_id: int, *, limit: int = 50, offset: int = 0) -> tuple[SuggestedGroup, ...]:
    """One page of the suggestions that wait for an answer: those that close first, the surest of them first."""
    w, d = workbench_row.c, discrepancy.c
    is_source = w.side == Side.SOURCE.value
    text = func.coalesce(w.counterparty, w.description)
    open_of = {side: func.coalesce(func.sum(w.open_amount).filter(w.side == side.value), 0) for side in Side}
    confidence = func.max(d.confidence)
    query = (
        select(
            w.discrepancy_id,
            func.min(w.currency).label("currency"),
            func.count().filter(is_source).label("source_count"),
            open_of[Side.SOURCE].label("source"),
            func.count().filter(~is_source).label("reference_count"),
            open_of[Side.REFERENCE].label("reference"),
            func.min(w.date).label("date"),
            func.min(text).filter(is_source).label("text"),
            func.min(text).filter(~is_source).label("reference_text"),
            confidence.label("confidence"),
            (func.min(w.currency) != func.max(w.currency)).label("is_mixed"),
        )
        .join_from(workbench_row, discrepancy, d.id == w.discrepancy_id)
        .where(*_suggested(run_id))
        .group_by(w.discrepancy_id)
        .order_by(
            case((open_of[Side.SOURCE] == open_of[Side.REFERENCE], 0), else_=1),
            confidence.desc().nulls_last(),
            w.discrepancy_id,
        )
        .limit(limit)
        .offset(offset)
    )
    with engine.connect() as conn:
        return tuple(
            SuggestedGroup(**{**row, "source": int(row["source"]), "reference": int(row["reference"])})
            for row in conn.execute(query).mappings()
        )


def suggestion_ids(engine: Engine, run_id: int, *, limit: int) -> tuple[int, ...]:
    """The suggestions that wait for an answer, by number."""
    w = workbench_row.c
    query = select(w.discrepancy_id).where(*_suggested(run_id)).distinct()
    with engine.connect() as conn:
        return tuple(conn.execute(query.order_by(w.discrepancy_id).limit(limit)).scalars())


def rows_suggested(engine: Engine, run_id: int, ids: Iterable[int]) -> tuple[OpenRow, ...]:
    """The open rows of these suggestions."""
    w = workbench_row.c
    query = (
        select(*row_columns())
        .where(w.run_id == run_id, IS_OPEN, w.discrepancy_id.in_(list(ids)))
        .order_by(w.discrepancy_id, w.side.desc(), w.line)
    )
    with engine.connect() as conn:
        return tuple(open_row(row._mapping) for row in conn.execute(query))


def _suggested(run_id: int) -> list[ColumnElement[bool]]:
    w = workbench_row.c
    return [
        w.run_id == run_id,
        IS_OPEN,
        w.kind == DiscrepancyKind.SUGGESTION.value,
        w.opened_by.is_(None),
        w.decision_id.is_(None),
    ]
