"""One discrepancy in full: what it says, which rows of which files it is about, and who did what to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, Engine, Row, and_, literal, or_, select

from recon.errors import DiscrepancyNotFound
from recon.model.transactions import Side
from recon.model.triage import DiscrepancyStatus
from recon.queries.discrepancies import DiscrepancyRow
from recon.store.evidence import Evidence
from recon.store.run_files import rows_name
from recon.store.settlement_tables import workbench_row
from recon.store.tables import discrepancy, discrepancy_event, reading, run, upload
from recon.store.triage_tables import carried_discrepancy


@dataclass(frozen=True, slots=True, kw_only=True)
class SideOfIt:
    """One side: its file, where its rows are that the run matched, and the line of the row; None where it has no row.

    A line below 0 is an open item's number: the run carried it.
    """

    filename: str
    rows_name: str
    line: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEvent:
    """`run_id`: the run in which it was done; the same discrepancy may be in several that follow each other."""

    at: datetime
    run_id: int
    actor: str
    action: str
    resolution: str | None
    comment: str | None
    assignee: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscrepancyDetail:
    """`match_pass` and `confidence` are of the match it is about, where there is one.

    `history` is oldest first, and has what was done about it in earlier runs too. `goes_on`: the run and the number
    under which a later run has it, and it is worked on now. `denied_by`: the decision that says it is none, though it
    is open: that a suggestion is no match, a duplicate no copy.
    """

    row: DiscrepancyRow
    run_id: int
    attempt: int
    detail: str
    match_pass: str | None
    confidence: float | None
    resolution: str | None
    comment: str | None
    resolved_at: datetime | None
    resolved_by: str | None
    source: SideOfIt
    reference: SideOfIt
    rules: Mapping[str, Any]
    history: tuple[HistoryEvent, ...]
    goes_on: tuple[int, int] | None
    denied_by: int | None


def discrepancy_detail(engine: Engine, discrepancy_id: int) -> DiscrepancyDetail:
    """One discrepancy of a published run; raises DiscrepancyNotFound."""
    d = discrepancy.c
    published = and_(run.c.id == d.run_id, run.c.published_attempt == d.attempt)
    with engine.connect() as connection:
        found = connection.execute(
            select(discrepancy, run.c.rules, run.c.source_reading_id, run.c.reference_reading_id, run.c.manifest)
            .join_from(discrepancy, run, published)
            .where(d.id == discrepancy_id)
        ).one_or_none()
        if found is None:
            raise DiscrepancyNotFound(discrepancy_id)
        row = {name: getattr(found, name) for name in DiscrepancyRow.__dataclass_fields__}
        return DiscrepancyDetail(
            row=DiscrepancyRow(**{**row, "status": DiscrepancyStatus(found.status)}),
            run_id=found.run_id,
            attempt=found.attempt,
            detail=found.detail,
            match_pass=found._mapping[d["pass"]],
            confidence=found.confidence,
            resolution=found.resolution,
            comment=found.comment,
            resolved_at=found.resolved_at,
            resolved_by=found.resolved_by,
            source=_side(connection, found, Side.SOURCE),
            reference=_side(connection, found, Side.REFERENCE),
            rules=found.rules,
            history=_history(connection, discrepancy_id),
            goes_on=_goes_on(connection, discrepancy_id),
            denied_by=_denied_by(connection, discrepancy_id),
        )


def run_of(engine: Engine, discrepancy_id: int) -> int | None:
    """The published run a discrepancy belongs to, if there is one."""
    published = and_(run.c.id == discrepancy.c.run_id, run.c.published_attempt == discrepancy.c.attempt)
    query = select(run.c.id).join_from(discrepancy, run, published).where(discrepancy.c.id == discrepancy_id)
    with engine.connect() as connection:
        return connection.execute(query).scalar_one_or_none()


def _side(connection: Connection, found: Row[Any], side: Side) -> SideOfIt:
    file = connection.execute(
        select(upload.c.filename, reading.c.reading_key)
        .join_from(reading, upload)
        .where(reading.c.id == found._mapping[f"{side.value}_reading_id"])
    ).one()
    stored = rows_name(
        side, reading_key=file.reading_key, run_id=found.run_id, attempt=found.attempt, manifest=found.manifest
    )
    return SideOfIt(filename=file.filename, rows_name=stored, line=found._mapping[f"{side.value}_line"])


def _history(connection: Connection, discrepancy_id: int) -> tuple[HistoryEvent, ...]:
    link, event = carried_discrepancy.c, discrepancy_event.c
    chain = select(literal(discrepancy_id, BigInteger).label("id")).cte("chain", recursive=True)
    chain = chain.union_all(select(link.continues_id).join(chain, link.discrepancy_id == chain.c.id))
    columns = [event[name] for name in HistoryEvent.__dataclass_fields__ if name != "run_id"]
    found = connection.execute(
        select(*columns, discrepancy.c.run_id)
        .join_from(chain, discrepancy_event, event.discrepancy_id == chain.c.id)
        .join(discrepancy, discrepancy.c.id == chain.c.id)
        .where(or_(event.discrepancy_id == discrepancy_id, ~event.action_key.startswith("carried-")))
        .order_by(event.id)
    )
    return tuple(HistoryEvent(**row._mapping) for row in found)


def _denied_by(connection: Connection, discrepancy_id: int) -> int | None:
    w = workbench_row.c
    denied = select(w.opened_by).where(w.discrepancy_id == discrepancy_id, w.opened_by.is_not(None)).limit(1)
    return connection.execute(denied).scalar_one_or_none()


def _goes_on(connection: Connection, discrepancy_id: int) -> tuple[int, int] | None:
    """The last of those that continue it, in a published run."""
    link, d = carried_discrepancy.c, discrepancy.c
    chain = select(literal(discrepancy_id, BigInteger).label("id")).cte("later", recursive=True)
    chain = chain.union_all(select(link.discrepancy_id).join(chain, link.continues_id == chain.c.id))
    published = and_(run.c.id == d.run_id, run.c.published_attempt == d.attempt)
    row = connection.execute(
        select(d.run_id, d.id)
        .join_from(chain, discrepancy, d.id == chain.c.id)
        .join(run, published)
        .where(d.id != discrepancy_id)
        .order_by(d.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else (row.run_id, row.id)


def transaction_at(evidence: Evidence, side: SideOfIt) -> Mapping[str, Any] | None:
    """The row of one side as it was read, by column of TRANSACTION_SCHEMA; None where the side has none."""
    if side.line is None:
        return None
    found = evidence.read_table(side.rows_name, filters=[("line", "==", side.line)])
    return found.to_pylist()[0] if found.num_rows else None
