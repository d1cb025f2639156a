"""Parquet in our own schema, and no other: it is how Tieout's runs and other tools hand transactions over exactly."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from recon.ingest.faults import Faults
from recon.ingest.grid import PREVIEW_ROWS, Grid
from recon.ingest.normalise import Normalised
from recon.ingest.stop import Refused
from recon.model.transactions import TRANSACTION_SCHEMA
from recon.money import MAX_MINOR, exponents

MAX_UNPACKED_BYTES: Final = 4 * 1024**3
_REQUIRED: Final = ("date", "amount", "currency")


def read_transactions(data: bytes) -> tuple[Normalised, pa.Table]:
    """The transactions of a Parquet file, and its first rows as text. `line` is the 1-based position of a row."""
    try:
        file = pq.ParquetFile(pa.BufferReader(data))
        size = sum(file.metadata.row_group(i).total_byte_size for i in range(file.metadata.num_row_groups))
        if size > MAX_UNPACKED_BYTES:
            raise Refused("FILE_TOO_LARGE", f"The Parquet file holds more than {MAX_UNPACKED_BYTES >> 30} GB.")
        _check_schema(file.schema_arrow)
        table = file.read()
        table.validate(full=True)
    except (pa.ArrowException, OSError):
        raise Refused("FILE_DAMAGED", "The Parquet file is damaged or cut short. Write it again.") from None
    lines = np.arange(1, table.num_rows + 1, dtype=np.int64)
    arrays = [pa.array(lines) if name == "line" else _column(table, name) for name in TRANSACTION_SCHEMA.names]
    preview = _preview(table, lines)
    faults = _faults(dict(zip(TRANSACTION_SCHEMA.names, arrays, strict=True)), len(lines))
    as_text = Grid(lines=lines, cells=pa.table({str(i): _as_text(table[name]) for i, name in enumerate(_REQUIRED)}))
    good = pa.array(faults.is_good)
    kept = pa.table([array.filter(good) for array in arrays], schema=TRANSACTION_SCHEMA)
    return Normalised(table=kept, rejects=tuple(faults.rejects(as_text, _REQUIRED)), notes=()), preview


def _check_schema(schema: pa.Schema) -> None:
    expected = {field.name: field.type for field in TRANSACTION_SCHEMA if field.name != "line"}
    missing = sorted(expected.keys() - set(schema.names))
    other = [name for name in expected if name in schema.names and schema.field(name).type != expected[name]]
    if missing or other:
        said = [f"without {', '.join(missing)}"] if missing else []
        said += [f"{name} is {schema.field(name).type} instead of {expected[name]}" for name in other]
        raise Refused(
            "FILE_SCHEMA",
            f"The Parquet file is not in Tieout's transaction schema ({'; '.join(said)}). Send it as CSV.",
        )


def _column(table: pa.Table, name: str) -> pa.ChunkedArray:
    column = table[name]
    if pa.types.is_string(column.type):
        return pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)
    return column


def _faults(columns: dict[str, pa.ChunkedArray], row_count: int) -> Faults:
    """Rows without a date, an amount or a currency we can count in."""
    faults = Faults(row_count)
    for position, name in enumerate(_REQUIRED):
        is_null = np.asarray(columns[name].is_null())
        faults.mark(is_null, position, f"{name.upper()}_EMPTY", f"There is no {name}.")
    known = pc.is_in(columns["currency"], value_set=pa.array(sorted(exponents())))
    problem = "This is not an ISO 4217 currency with a smallest unit."
    faults.mark(~np.asarray(known), _REQUIRED.index("currency"), "CURRENCY_UNKNOWN", problem)
    too_large = pc.greater(pc.abs(pc.fill_null(columns["amount"], 0)), MAX_MINOR)
    problem = "The amount is too large to be money (over 4.6e18 of the smallest unit)."
    faults.mark(np.asarray(too_large), _REQUIRED.index("amount"), "AMOUNT_TOO_LARGE", problem)
    return faults


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.fill_null(column.cast(pa.string()), "")


def _preview(table: pa.Table, lines: np.typing.NDArray[np.int64]) -> pa.Table:
    head = table.slice(0, PREVIEW_ROWS)
    names = [name for name in head.column_names if name in TRANSACTION_SCHEMA.names and name != "line"]
    return pa.table([pa.array(lines[:PREVIEW_ROWS]), *(_as_text(head[name]) for name in names)], names=["line", *names])
