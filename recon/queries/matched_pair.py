"""One pair of a published run with both its rows, read from Parquet by DuckDB without loading a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import duckdb

from recon.queries.discrepancy_detail import DiscrepancyDetail
from recon.queries.parquet import cursor, table
from recon.queries.runs import RunDetail
from recon.store.evidence import Evidence, run_name


@dataclass(frozen=True, slots=True, kw_only=True)
class PairAsked:
    """Which pair of which published attempt: by its lines, and the names of the evidence that has both sides' rows."""

    run_id: int
    attempt: int
    source_rows: str
    reference_rows: str
    source_line: int
    reference_line: int

    @classmethod
    def of_run(cls, detail: RunDetail, source_line: int, reference_line: int) -> PairAsked:
        """A pair of a published run."""
        assert detail.published_attempt is not None, "only a published run has pairs"
        rows = {f"{file.side}_rows": file.rows_name for file in detail.files}
        return cls(
            run_id=detail.run.id,
            attempt=detail.published_attempt,
            source_line=source_line,
            reference_line=reference_line,
            **rows,
        )

    @classmethod
    def of_discrepancy(cls, detail: DiscrepancyDetail) -> PairAsked | None:
        """The pair a discrepancy is about; None where it is about a row of one side."""
        if detail.source.line is None or detail.reference.line is None:
            return None
        return cls(
            run_id=detail.run_id,
            attempt=detail.attempt,
            source_rows=detail.source.rows_name,
            reference_rows=detail.reference.rows_name,
            source_line=detail.source.line,
            reference_line=detail.reference.line,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PairFound:
    """Both rows by columns of TRANSACTION_SCHEMA, and the pair by those of MATCH_SCHEMA."""

    source: Mapping[str, Any]
    reference: Mapping[str, Any]
    match: Mapping[str, Any]


def matched_pair(evidence: Evidence, asked: PairAsked) -> PairFound | None:
    """The pair, matched or suggested; None where the run has none of these lines.

    Raises EvidenceMissing when a file is gone.
    """
    files = {
        "source": asked.source_rows,
        "reference": asked.reference_rows,
        "matches": run_name(asked.run_id, asked.attempt, "matches.parquet"),
    }
    paths = {name: str(evidence.local_path(file)) for name, file in files.items()}
    with cursor() as connection:
        ours = _one(connection, _ROW, {"file": paths["source"], "line": asked.source_line})
        theirs = _one(connection, _ROW, {"file": paths["reference"], "line": asked.reference_line})
        if ours is None or theirs is None:
            return None
        rows = {"source_row": ours["row"], "reference_row": theirs["row"]}
        match = _one(connection, _PAIR, {"file": paths["matches"], **rows})
    return None if match is None else PairFound(source=ours, reference=theirs, match=match)


_ROW: Final = "select *, file_row_number as row from read_parquet($file, file_row_number = true) where line = $line"
_PAIR: Final = """
select * from read_parquet($file) where source_row = $source_row and reference_row = $reference_row"""


def _one(connection: duckdb.DuckDBPyConnection, query: str, values: dict[str, Any]) -> dict[str, Any] | None:
    found = table(connection, query, values).to_pylist()
    return found[0] if found else None
