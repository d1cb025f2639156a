"""Who may read the audit log, and what fits a filter as CSV: taking it away is itself an audit event."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from io import BytesIO
from typing import Final

import pyarrow as pa
import pyarrow.csv as pacsv
from sqlalchemy import Engine

from recon.model.people import Action
from recon.queries.audit import AuditEvent, AuditFilter, audit_page
from recon.report.columns import neutral_text
from recon.store import audit
from recon.triage.permissions import may
from recon.workflows.permit import acting, permit

COLUMNS: Final = ("id", "at", "actor", "action", "subject", "reason", "detail")
CHUNK_ROWS: Final = 20_000


def may_read_audit(engine: Engine, actor: str) -> bool:
    """Whether this person may; everyone may while nobody is listed."""
    with engine.connect() as conn:
        person = acting(conn, actor)
    return person is not None and may(person, Action.AUDIT)


def export_audit(engine: Engine, wanted: AuditFilter, *, actor: str) -> bytes:
    """All events that fit, newest first, as CSV: instants in UTC, `detail` as JSON, text harmless to a spreadsheet."""
    with engine.begin() as conn:
        permit(conn, actor, Action.AUDIT)
        asked = {name: str(value) for name, value in asdict(wanted).items() if value}
        audit.record(conn, actor=actor, action="exported", subject="audit log", detail={"filter": asked})
    schema = pa.schema([(name, pa.string()) for name in COLUMNS])
    target = BytesIO()
    with pacsv.CSVWriter(target, schema, write_options=pacsv.WriteOptions(quoting_style="needed")) as writer:
        for events in _chunks(engine, wanted):
            table = pa.Table.from_pylist([_line(event) for event in events], schema=schema)
            for place, name in enumerate(COLUMNS):
                table = table.set_column(place, name, neutral_text(table[name]))
            writer.write_table(table)
    return target.getvalue()


def _chunks(engine: Engine, wanted: AuditFilter) -> Iterator[tuple[AuditEvent, ...]]:
    begin: int | None = None
    while True:
        page = audit_page(engine, wanted, limit=CHUNK_ROWS, begin=begin)
        yield page.events
        if page.older is None:
            return
        begin = page.older


def _line(event: AuditEvent) -> dict[str, str]:
    return {
        "id": str(event.id),
        "at": event.at.isoformat(),
        "actor": event.actor,
        "action": event.action,
        "subject": event.subject,
        "reason": str(event.detail.get("reason") or ""),
        "detail": json.dumps(dict(event.detail), ensure_ascii=False, sort_keys=True),
    }
