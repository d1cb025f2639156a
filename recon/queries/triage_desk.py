"""What stands beside the queue: whom its rows are assigned to, how many each quick view holds, what waits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    ColumnElement,
    Engine,
    and_,
    any_,
    cast,
    column,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB

from recon.model.people import ProposalState
from recon.store.definition_tables import reconciliation_owner
from recon.store.people_tables import proposal
from recon.store.tables import discrepancy_tally, run


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCounts:
    """How many discrepancies of a run are open, and of these the person's own, nobody's, and those past their day.

    What is nobody's is also the person's own where they own the run's reconciliation.
    """

    total: int
    mine: int
    unassigned: int
    overdue: int


def open_counts(engine: Engine, run_id: int, *, actor: str, today: date) -> OpenCounts:
    """Exact, from the tallies."""
    tally = discrepancy_tally.c
    nobodys = tally.assignee.is_(None)
    theirs = or_(tally.assignee == actor, and_(nobodys, _is_owner(actor)))
    parts = (true(), theirs, nobodys, tally.due_on < today)
    published = and_(run.c.id == tally.run_id, run.c.published_attempt == tally.attempt)
    query = (
        select(*(func.coalesce(func.sum(tally.row_count).filter(part), 0) for part in parts))
        .join_from(run, discrepancy_tally, published)
        .where(run.c.id == run_id, tally.status == "open")
    )
    with engine.connect() as connection:
        total, mine, unassigned, overdue = map(int, connection.execute(query).one())
    return OpenCounts(total=total, mine=mine, unassigned=unassigned, overdue=overdue)


def is_owner(engine: Engine, run_id: int, *, actor: str) -> bool:
    """Whether the person owns the reconciliation of a run."""
    with engine.connect() as connection:
        return bool(connection.execute(select(_is_owner(actor)).where(run.c.id == run_id)).scalar())


def _is_owner(actor: str) -> ColumnElement[bool]:
    o = reconciliation_owner.c
    theirs = (o.reconciliation_id == run.c.reconciliation_id, o.name == actor)
    return select(o.name).where(*theirs).correlate(run).exists()


def named(engine: Engine, run_id: int) -> tuple[str, ...]:
    """Whom discrepancies of this run were ever assigned to, by name."""
    return _all_there_are(engine, run_id, discrepancy_tally.c.assignee)


def currencies(engine: Engine, run_id: int) -> tuple[str, ...]:
    """The currencies of a run's discrepancies."""
    return _all_there_are(engine, run_id, discrepancy_tally.c.currency)


def _all_there_are(engine: Engine, run_id: int, what: Column[str]) -> tuple[str, ...]:
    tally = discrepancy_tally.c
    published = and_(run.c.id == tally.run_id, run.c.published_attempt == tally.attempt)
    query = (
        select(what)
        .join_from(run, discrepancy_tally, published)
        .where(run.c.id == run_id, what.is_not(None))
        .distinct()
        .order_by(what)
    )
    with engine.connect() as connection:
        return tuple(connection.execute(query).scalars())


def waiting(engine: Engine, ids: Iterable[int]) -> Mapping[int, int]:
    """Of these discrepancies those that wait for a second person: each with its newest open proposal."""
    pair = func.jsonb_array_elements(proposal.c.body["discrepancies"]).table_valued(column("value", JSONB), name="pair")
    number = cast(pair.c.value[0].astext, BigInteger).label("number")  # of [number, version]
    query = (
        select(number, proposal.c.id)
        .select_from(proposal.join(pair, true()))
        .where(
            proposal.c.state == ProposalState.OPEN,
            proposal.c.expires_at > func.clock_timestamp(),
            number.element == any_(literal(sorted(set(ids)), ARRAY(BigInteger))),
        )
        .order_by(proposal.c.id)
    )
    with engine.connect() as connection:
        return {found.number: found.id for found in connection.execute(query)}
