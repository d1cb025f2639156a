"""The Excel loop: take the queue away as a sheet, work on it offline, bring it back; each row gets its own answer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import partial
from io import BytesIO
from typing import Final

from sqlalchemy import Connection, Engine

from recon.errors import (
    AssigneeUnknown,
    SheetNotOurs,
    SheetUnreadable,
    TooManyAtOnce,
    WriteOffRefused,
)
from recon.ingest.stop import Refused
from recon.ingest.workbook import inspect_workbook
from recon.ledger.refusals import LedgerRefusal
from recon.model.people import Action
from recon.model.people_refusals import SecondPersonNeeded
from recon.model.triage import Command, Current, Move, Seen
from recon.model.triage_sheet import RowFate, RowVerdict, SheetRow
from recon.queries.discrepancies import DiscrepancyFilter, Order, stream
from recon.report.triage_sheet import read_triage_sheet, write_triage_sheet
from recon.store import audit, discrepancies
from recon.triage.sheet import SheetPlan, plan_sheet
from recon.workflows.permit import permit
from recon.workflows.record_export import exported
from recon.workflows.resolve_discrepancies import permit_command, resolve
from recon.workflows.undo_settlement import lock_behind

SHEET_ROWS: Final = 50_000
"""Rows of a sheet: more would keep whoever clicked waiting for minutes."""

MIME: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def export_triage_sheet(engine: Engine, wanted: DiscrepancyFilter, order: Order, *, actor: str) -> bytes:
    """The rows of a filter as a workbook, in that order; of more than SHEET_ROWS the first. The audit log says who."""
    return exported(
        engine,
        partial(_workbook, engine, wanted, order),
        subject=f"run {wanted.run_id}",
        file=sheet_name(wanted.run_id),
        actor=actor,
    )


def sheet_name(run_id: int) -> str:
    """What the workbook of a run's queue is called."""
    return f"triage-run-{run_id}.xlsx"


def import_triage_sheet(engine: Engine, run_id: int, content: bytes, *, actor: str) -> tuple[RowVerdict, ...]:
    """Carry out what was edited in a sheet of this run's queue, in one transaction; a verdict for each row, in order.

    The same file again changes nothing. Raises SheetUnreadable, SheetNotOurs, TooManyAtOnce, and what `permit` raises.
    """
    with engine.connect() as connection:
        permit(connection, actor, Action.TRIAGE)
    rows = _read(content)
    if len(rows) > SHEET_ROWS:
        raise TooManyAtOnce(limit=SHEET_ROWS)
    digest = hashlib.sha256(content).hexdigest()
    key = f"sheet {digest[:32]}"
    with engine.begin() as connection:
        plan = plan_sheet(rows, _locked(connection, rows, key), run_id=run_id, done=_done(connection, key), key=key)
        verdicts = [*plan.settled, *_carried_out(connection, plan, actor)]
        if plan.steps:
            detail = {"sha256": digest, "rows": len(rows), "run_id": run_id}
            audit.record(connection, actor=actor, action="sheet_brought_back", subject=f"run {run_id}", detail=detail)
    return tuple(sorted(verdicts, key=lambda verdict: verdict.line))


def _workbook(engine: Engine, wanted: DiscrepancyFilter, order: Order) -> bytes:
    target = BytesIO()
    write_triage_sheet(stream(engine, wanted, order, limit=SHEET_ROWS), target)
    return target.getvalue()


def _read(content: bytes) -> tuple[SheetRow, ...]:
    try:
        inspect_workbook(content)
        return read_triage_sheet(content)
    except Refused as refused:
        raise SheetUnreadable(refused.refusal.problem) from None
    except SheetNotOurs:
        raise
    except BaseException as error:
        # calamine's Rust code reaches Python as exceptions of classes that cannot all be imported
        if type(error).__module__.startswith(("python_calamine", "pyo3")) or isinstance(error, ValueError | OSError):
            raise SheetUnreadable("The workbook is damaged. Open it in Excel and save it again.") from None
        raise


def _locked(connection: Connection, rows: Iterable[SheetRow], key: str) -> tuple[Current, ...]:
    """Their reconciliations first, as whoever writes something off takes them."""
    ids = [row.id for row in rows if row.id is not None]
    lock_behind(connection, ids)
    return discrepancies.lock(connection, ids, key)


def _done(connection: Connection, key: str) -> frozenset[int]:
    moves = (Move.ASSIGN, Move.RESOLVE, Move.COMMENT)
    return frozenset(id_ for move in moves for id_ in discrepancies.done_by(connection, f"{key} {move}"))


def _carried_out(connection: Connection, plan: SheetPlan, actor: str) -> Iterable[RowVerdict]:
    """Once one wish of a row is refused, the row's others are not carried out either."""
    fates = dict.fromkeys(plan.lines, RowFate.APPLIED)
    for asked in plan.steps:
        seen = tuple(row for row in asked.seen if fates[row.id] is RowFate.APPLIED)
        refused = _refused(connection, asked.command, seen, actor)
        if refused is not None:
            fates |= {row.id: refused for row in seen}
            continue
        try:
            with connection.begin_nested():
                verdict = resolve(connection, asked.command, seen, actor=actor)
        except (WriteOffRefused, LedgerRefusal):
            fates |= {row.id: RowFate.NOT_BOOKED for row in seen}
            continue
        fates |= {row.id: RowFate.CHANGED_MEANWHILE for row in verdict.conflicts}
    return [RowVerdict(line=plan.lines[id_], id=id_, fate=fate) for id_, fate in fates.items()]


def _refused(connection: Connection, command: Command, seen: Sequence[Seen], actor: str) -> RowFate | None:
    try:
        permit_command(connection, command, seen, actor=actor)
    except AssigneeUnknown:
        return RowFate.UNKNOWN_PERSON
    except SecondPersonNeeded:
        return RowFate.SECOND_PERSON
    return None
