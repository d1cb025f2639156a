"""The report of a published run, made when it is asked for, from evidence that never changes and from decisions."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from typing import Any, Final, assert_never

import pyarrow as pa
from sqlalchemy import Engine

from recon import report
from recon.errors import RunNotPublished
from recon.model.outcome import NETTED_SCHEMA, with_groups
from recon.model.reading import Reject
from recon.model.transactions import Side
from recon.queries.audit import sealed_heads
from recon.queries.carried_origins import first_places
from recon.queries.decisions import Cleared, cleared, decisions
from recon.queries.runs import RunDetail, run_detail
from recon.store import reading_files
from recon.store.evidence import Evidence, reading_name, run_name


class ReportForm(StrEnum):
    """What can be downloaded of a run, by file name."""

    WORKBOOK = "report.xlsx"
    DISCREPANCIES = "discrepancies.csv"
    MATCHES = "matches.csv"
    NETTED = "netted.csv"
    REJECTS = "rejects.csv"
    SUMMARY = "summary.json"


MIME: Final[Mapping[ReportForm, str]] = {
    ReportForm.WORKBOOK: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ReportForm.DISCREPANCIES: "text/csv",
    ReportForm.MATCHES: "text/csv",
    ReportForm.NETTED: "text/csv",
    ReportForm.REJECTS: "text/csv",
    ReportForm.SUMMARY: "application/json",
}


WORKBOOK_ROWS: Final = 50_000
"""Rows of a sheet: more would keep whoever clicked waiting for minutes. The CSV files have all of them."""


def report_run(engine: Engine, evidence: Evidence, run_id: int, form: ReportForm) -> bytes:
    """One form of a run's report. Raises `RunNotFound`, `RunNotPublished` and `EvidenceMissing`."""
    detail = run_detail(engine, run_id)
    if detail.published_attempt is None:
        raise RunNotPublished(run_id)
    rows = _Rows(engine=engine, evidence=evidence, detail=detail, attempt=detail.published_attempt)
    match form:
        case ReportForm.WORKBOOK:
            return _bytes(lambda target: report.write_workbook(_workbook(rows), target, row_limit=WORKBOOK_ROWS))
        case ReportForm.DISCREPANCIES:
            return _bytes(lambda target: report.write_csv(rows.discrepancies(), target))
        case ReportForm.MATCHES:
            return _bytes(lambda target: report.write_csv(rows.matches(), target))
        case ReportForm.NETTED:
            return _bytes(lambda target: report.write_csv(rows.netted(), target))
        case ReportForm.REJECTS:
            return _bytes(lambda target: report.write_csv(rows.rejects(), target))
        case ReportForm.SUMMARY:
            return json.dumps(_summary(rows), indent=2, ensure_ascii=False).encode()
    assert_never(form)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """The report's tables, each read when it is asked for."""

    engine: Engine
    evidence: Evidence
    detail: RunDetail
    attempt: int

    def matches(self) -> pa.Table:
        return self._located(report.matched_rows(with_groups(self._part("matches")), *self._transactions()))

    def netted(self) -> pa.Table:
        """None in runs made before rows could be netted."""
        stored = run_name(self.detail.run.id, self.attempt, "netted.parquet")
        found = self.evidence.read_table(stored) if self.evidence.exists(stored) else NETTED_SCHEMA.empty_table()
        return self._located(report.netted_rows(found, *self._transactions()))

    def discrepancies(self) -> pa.Table:
        found = report.discrepancy_rows(self._part("discrepancies"), *self._transactions())
        return self._located(report.decided_rows(found, decisions(self.engine, self.detail.run.id, self.attempt)))

    def rejects(self) -> pa.Table:
        tables = []
        for file in self.detail.files:
            stored = self.evidence.read_table(reading_name(file.reading_key, reading_files.REJECTS)).to_pylist()
            tables.append(report.reject_rows((Reject(**row) for row in stored), side=Side(file.side)))
        return pa.concat_tables(tables)

    def _part(self, name: str) -> pa.Table:
        return self.evidence.read_table(run_name(self.detail.run.id, self.attempt, f"{name}.parquet"))

    def cleared(self) -> Cleared:
        return cleared(self.engine, self.detail.run.id, self.attempt)

    def _located(self, rows: pa.Table) -> pa.Table:
        """Rows that were carried from an earlier run say from where."""
        return report.with_origins(rows, first_places(self.engine, report.carried_lines(rows)))

    def _transactions(self) -> tuple[pa.Table, pa.Table]:
        source, reference = (self.evidence.read_table(file.rows_name) for file in self.detail.files)
        return source, reference


def _workbook(rows: _Rows) -> report.WorkbookContent:
    run, queue = rows.detail.run, rows.cleared()
    return report.WorkbookContent(
        title=f"{run.reconciliation}, run {run.id}",
        facts={
            "Finished": f"{run.finished_at:%Y-%m-%d %H:%M} UTC",
            "Asked for by": run.requested_by,
            **{f"{file.side.capitalize()} file": f"{file.filename} ({file.sha256})" for file in rows.detail.files},
            "Rules": ", ".join(f"{name} {_said(value)}" for name, value in rows.detail.rules.items()),
            "Resolved": f"{queue.resolved_count:,} of {queue.open_count + queue.resolved_count:,} discrepancies",
            "Digest": rows.detail.digest or "",
            **{f"Head of {log}": head for log, head in sealed_heads(rows.engine).items()},
        },
        proof=rows.detail.proof,
        totals=rows.detail.totals,
        discrepancies=rows.discrepancies(),
        matches=rows.matches(),
        netted=rows.netted(),
        rejects=rows.rejects(),
    )


def _said(rule: object) -> str:
    return " > ".join(str(one) for one in rule) if isinstance(rule, list) else str(rule)


def _summary(rows: _Rows) -> dict[str, Any]:
    detail, queue = rows.detail, rows.cleared()
    return {
        "run_id": detail.run.id,
        "reconciliation": detail.run.reconciliation,
        "finished_at": detail.run.finished_at.isoformat() if detail.run.finished_at else None,
        "files": {
            file.side: {
                "filename": file.filename,
                "sha256": file.sha256,
                "rows": {
                    "read": file.rows_read,
                    "accepted": file.rows_accepted,
                    "rejected": file.rows_rejected,
                    "ignored": file.rows_ignored,
                },
            }
            for file in detail.files
        },
        **report.result_summary(
            matched_count=detail.run.matched_count or 0,
            suggested_count=detail.run.suggested_count or 0,
            proof=detail.proof,
            totals=detail.totals,
            rules=detail.rules,
            seconds=detail.seconds,
        ),
        "triage": {
            "open": queue.open_count,
            "resolved": queue.resolved_count,
            "by_resolution": dict(queue.by_resolution),
        },
        "digest": detail.digest,
        "heads": sealed_heads(rows.engine),
    }


def _bytes(write: Callable[[BytesIO], None]) -> bytes:
    target = BytesIO()
    write(target)
    return target.getvalue()
