"""All variances that fit a filter as CSV: figures as exact decimal text, other text harmless to a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Final

import pyarrow as pa
import pyarrow.csv as pacsv
from sqlalchemy import Engine

from recon.model.checks import figure_text
from recon.queries.variances import VarianceFilter, VarianceOrder, VarianceRow, variance_page
from recon.report.columns import neutral_text

FIGURES: Final = ("expected", "actual", "difference", "explained", "unexplained")
SUBJECT: Final = (
    *("account_id", "customer", "instrument", "currency", "txn_id", "source_system", "source_txn_id", "on", "item"),
)
COLUMNS: Final = (
    *("id", "check", "book", "category", *SUBJECT, *FIGURES, "unit", "note"),
    *("class", "first_seen_at", "last_seen_at", "fixed_at"),
)
CHUNK_ROWS: Final = 20_000
_TEXT: Final = ("customer", "instrument", "source_system", "source_txn_id", "item", "note")
"""What may have come from outside."""


def report_variances(engine: Engine, wanted: VarianceFilter, order: VarianceOrder) -> bytes:
    """The file; without variances, its header."""
    schema = pa.schema([(name, pa.string()) for name in COLUMNS])
    target = BytesIO()
    with pacsv.CSVWriter(target, schema, write_options=pacsv.WriteOptions(quoting_style="needed")) as writer:
        for rows in _chunks(engine, wanted, order):
            table = pa.Table.from_pylist([_line(row) for row in rows], schema=schema)
            for name in _TEXT:
                table = table.set_column(COLUMNS.index(name), name, neutral_text(table[name]))
            writer.write_table(table)
    return target.getvalue()


def _chunks(engine: Engine, wanted: VarianceFilter, order: VarianceOrder) -> Iterator[tuple[VarianceRow, ...]]:
    offset = 0
    while rows := variance_page(engine, wanted, order=order, limit=CHUNK_ROWS, offset=offset):
        yield rows
        offset += len(rows)


def _line(row: VarianceRow) -> dict[str, str]:
    subject = {name: str(value) for name, value in row.subject.as_json().items()}
    figures = {name: figure_text(getattr(row, name), row.unit) for name in FIGURES}
    instants = {name: getattr(row, name) for name in ("first_seen_at", "last_seen_at", "fixed_at")}
    return {
        "id": str(row.id),
        "check": row.check_name,
        "book": row.book.value,
        "category": row.category.value,
        **subject,
        **figures,
        "unit": row.unit,
        **({"note": row.note} if row.note else {}),
        **({"class": row.variance_class.value} if row.variance_class else {}),
        **{name: at.isoformat() for name, at in instants.items() if at},
    }
