"""What people decided about a reconciliation's rows, as trying rules out on one of its runs takes it: all, as JSON.

Decisions name rows by fingerprint, so those of any run count. A discrepancy resolved so that its two rows are one
movement says the same of them: of the run itself by line, of the reconciliation's other runs where the workbench has
named their rows.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final

from sqlalchemy import Connection, Engine, and_, func, select

from recon.model.outcome import DiscrepancyKind
from recon.model.transactions import Side
from recon.model.triage import Resolution
from recon.store.settlement_tables import workbench_row
from recon.store.tables import discrepancy, reading, run
from recon.store.workbench_tables import decision, decision_member

_ACCEPTED: Final = {
    DiscrepancyKind.AMOUNT_MISMATCH: (
        Resolution.MATCHED,
        Resolution.ADJUSTED,
        Resolution.WRITTEN_OFF,
        Resolution.FEE,
        Resolution.FX,
        Resolution.ROUNDING,
    ),
    DiscrepancyKind.FEE_VARIANCE: (Resolution.MATCHED, Resolution.FEE, Resolution.ADJUSTED, Resolution.WRITTEN_OFF),
    DiscrepancyKind.SUGGESTION: (Resolution.MATCHED,),
}
"""Kinds of two rows -> the resolutions that take them for one movement."""


def people_decided(engine: Engine, run_id: int) -> dict[str, Any]:
    """Every decision of the run's reconciliation, whether it stands or not, the pairs people accepted, and the `mark`.

    `decisions`: id, kind, whether it stands, when, and its members. `lines`: pairs of lines of this run with the kind
    of discrepancy; `names`: pairs of fingerprints, of other runs. `reading_keys` and `manifest` say where the run's
    rows are.
    """
    with engine.connect() as conn:
        scope = conn.execute(
            select(run.c.reconciliation_id, run.c.published_attempt, run.c.manifest).where(run.c.id == run_id)
        ).one()
        return {
            "decisions": _decisions(conn, scope.reconciliation_id),
            "lines": _lines(conn, run_id, scope.published_attempt),
            "names": _names(conn, run_id, scope.reconciliation_id),
            "reading_keys": _reading_keys(conn, run_id),
            "manifest": sorted(scope.manifest or ()),
            "mark": _mark(conn, run_id, scope.reconciliation_id),
        }


def people_mark(engine: Engine, run_id: int) -> str:
    """Another text whenever people have decided something since."""
    with engine.connect() as conn:
        found = conn.execute(select(run.c.reconciliation_id).where(run.c.id == run_id)).scalar_one()
        return _mark(conn, run_id, found)


def _decisions(conn: Connection, reconciliation_id: int) -> list[dict[str, Any]]:
    d, m = decision.c, decision_member.c
    rows = conn.execute(
        select(d.id, d.kind, d.actor, d.at, d.revoked_at, m.side, m.fingerprint, m.amount, m.currency)
        .join_from(decision, decision_member, m.decision_id == d.id)
        .where(d.reconciliation_id == reconciliation_id)
        .order_by(d.id, m.side, m.fingerprint)
    ).all()
    members: dict[int, list[list[Any]]] = defaultdict(list)
    for row in rows:
        members[row.id].append([row.side, row.fingerprint, row.amount, row.currency])
    heads = {row.id: row for row in rows}
    return [
        {
            "id": row.id,
            "kind": row.kind,
            "actor": row.actor,
            "at": row.at.isoformat(),
            "stands": row.revoked_at is None,
            "members": members[row.id],
        }
        for row in heads.values()
    ]


def _accepted() -> Any:
    d = discrepancy.c
    cases = (
        and_(d.kind == kind.value, d.resolution.in_([one.value for one in how])) for kind, how in _ACCEPTED.items()
    )
    first, *others = cases
    for one in others:
        first |= one
    return and_(first, d.source_line.is_not(None), d.reference_line.is_not(None))


def _lines(conn: Connection, run_id: int, attempt: int | None) -> list[list[Any]]:
    d = discrepancy.c
    query = select(d.source_line, d.reference_line, d.kind).where(d.run_id == run_id, d.attempt == attempt, _accepted())
    return [list(row) for row in conn.execute(query.order_by(d.id))]


def _names(conn: Connection, run_id: int, reconciliation_id: int) -> list[list[str]]:
    """Only those of one row with one row: of others the pair that is named may not be the one that was meant."""
    d, ours, theirs = discrepancy.c, workbench_row.alias(), workbench_row.alias()
    rows_of_it = (
        select(func.count())
        .where(workbench_row.c.discrepancy_id == d.id, workbench_row.c.run_id == d.run_id)
        .correlate(discrepancy)
        .scalar_subquery()
    )
    query = (
        select(ours.c.fingerprint, theirs.c.fingerprint)
        .distinct()
        .join_from(discrepancy, run, and_(run.c.id == d.run_id, run.c.published_attempt == d.attempt))
        .join(ours, and_(ours.c.run_id == d.run_id, ours.c.side == Side.SOURCE, ours.c.line == d.source_line))
        .join(
            theirs,
            and_(theirs.c.run_id == d.run_id, theirs.c.side == Side.REFERENCE, theirs.c.line == d.reference_line),
        )
        .where(run.c.reconciliation_id == reconciliation_id, d.run_id != run_id, _accepted(), rows_of_it == 2)
        .order_by(ours.c.fingerprint, theirs.c.fingerprint)
    )
    return [list(row) for row in conn.execute(query)]


def _reading_keys(conn: Connection, run_id: int) -> dict[str, str]:
    columns = {Side.SOURCE: run.c.source_reading_id, Side.REFERENCE: run.c.reference_reading_id}
    return {
        side.value: conn.execute(
            select(reading.c.reading_key).join_from(run, reading, reading.c.id == column).where(run.c.id == run_id)
        ).scalar_one()
        for side, column in columns.items()
    }


def _mark(conn: Connection, run_id: int, reconciliation_id: int) -> str:
    d, c = decision.c, discrepancy.c
    taken = conn.execute(
        select(func.count(), func.max(d.id), func.count(d.revoked_at)).where(d.reconciliation_id == reconciliation_id)
    ).one()
    of_run = and_(run.c.id == c.run_id, run.c.published_attempt == c.attempt)
    accepted = conn.execute(
        select(func.count(), func.max(c.resolved_at))
        .join_from(discrepancy, run, of_run)
        .where(run.c.reconciliation_id == reconciliation_id, c.status == "resolved", _accepted())
    ).one()
    last = accepted[1].isoformat() if accepted[1] else ""
    return f"{taken[0]}.{taken[1] or 0}.{taken[2]}.{accepted[0]}.{last}"
