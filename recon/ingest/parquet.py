"""Parquet in our own schema, and no other: it is how Tieout's runs and other tools hand transactions over exactly.

What other tools call the same type is taken as it is (text in a dictionary, a narrower integer); a value that no text
file could bring in is a reject here too.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from recon.ingest.calendar_days import is_in_range
from recon.ingest.codes import ValueCode, problem
from recon.ingest.faults import Faults
from recon.ingest.grid import PREVIEW_ROWS, Grid
from recon.ingest.normalise import MAX_TEXT_BYTES, Normalised
from recon.ingest.stop import Refused
from recon.model.transactions import TRANSACTION_SCHEMA
from recon.money import MAX_MINOR, exponents

MAX_UNPACKED_BYTES: Final = 4 * 1024**3
_REQUIRED: Final = ("date", "amount", "currency")
_READ: Final = tuple(name for name in TRANSACTION_SCHEMA.names if name != "line")


def read_transactions(data: bytes, today: date) -> tuple[Normalised, pa.Table]:
    """The transactions of a Parquet file, and its first rows as text. `line` is the 1-based position of a row."""
    try:
        file = pq.ParquetFile(pa.BufferReader(data))
        size = sum(file.metadata.row_group(i).total_byte_size for i in range(file.metadata.num_row_groups))
        if size > MAX_UNPACKED_BYTES:
            raise Refused("FILE_TOO_LARGE", f"The Parquet file holds more than {MAX_UNPACKED_BYTES >> 30} GB.")
        _check_schema(file.schema_arrow)
        read = file.read(columns=list(_READ))
        read.validate(full=True)
        table = pa.table({name: _column(read, name) for name in _READ})
    except (pa.ArrowException, OSError):
        raise Refused("FILE_DAMAGED", "The Parquet file is damaged or cut short. Write it again.") from None
    lines = np.arange(1, table.num_rows + 1, dtype=np.int64)
    preview = _preview(table, lines)
    faults = _faults(table, today)
    as_text = Grid(lines=lines, cells=pa.table({str(i): _as_text(table[name]) for i, name in enumerate(_READ)}))
    good = pa.array(faults.is_good)
    arrays = [pa.array(lines) if name == "line" else table[name] for name in TRANSACTION_SCHEMA.names]
    kept = pa.table([array.filter(good) for array in arrays], schema=TRANSACTION_SCHEMA)
    return Normalised(table=kept, rejects=tuple(faults.rejects(as_text, _READ)), notes=()), preview


def _check_schema(schema: pa.Schema) -> None:
    expected = {name: TRANSACTION_SCHEMA.field(name).type for name in _READ}
    missing = sorted(expected.keys() - set(schema.names))
    twice = sorted(name for name in expected if schema.names.count(name) > 1)
    other = [name for name in expected if schema.names.count(name) == 1 and not _is_same(schema.field(name), name)]
    if missing or twice or other:
        said = [f"without {', '.join(missing)}"] if missing else []
        said += [f"{name} stands there twice" for name in twice]
        said += [f"{name} is {schema.field(name).type} instead of {expected[name]}" for name in other]
        raise Refused(
            "FILE_SCHEMA",
            f"The Parquet file is not in Tieout's transaction schema ({'; '.join(said)}). Send it as CSV.",
        )


def _is_same(field: pa.Field, name: str) -> bool:
    """Whether a column holds what the schema's does, written as another tool writes it: nothing can be lost."""
    found, wanted = field.type, TRANSACTION_SCHEMA.field(name).type
    if pa.types.is_dictionary(found):
        found = found.value_type
    if pa.types.is_null(found):
        return bool(TRANSACTION_SCHEMA.field(name).nullable)
    if pa.types.is_string(wanted):
        return bool(pa.types.is_string(found) or pa.types.is_large_string(found) or pa.types.is_string_view(found))
    if pa.types.is_integer(wanted):
        return bool(pa.types.is_signed_integer(found))
    if pa.types.is_timestamp(wanted):
        return bool(pa.types.is_timestamp(found) and found.tz == wanted.tz and found.unit != "ns")
    return bool(found.equals(wanted))


def _column(table: pa.Table, name: str) -> pa.ChunkedArray:
    column = table[name].cast(TRANSACTION_SCHEMA.field(name).type)
    if pa.types.is_string(column.type):
        return pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)
    return column


def _faults(table: pa.Table, today: date) -> Faults:
    """Rows without a date, an amount or a currency we can count in, and those with text no text file may hold."""
    faults = Faults(table.num_rows)
    for name in _REQUIRED:
        is_null = np.asarray(table[name].is_null())
        faults.mark(is_null, _READ.index(name), f"{name.upper()}_EMPTY", f"There is no {name}.")
    days = np.asarray(pc.fill_null(table["date"], today).cast(pa.int32()), dtype=np.int64)
    _mark(faults, ~is_in_range(days, today), "date", ValueCode.DATE_OUT_OF_RANGE)
    known = pc.is_in(table["currency"], value_set=pa.array(sorted(exponents())))
    _mark(faults, ~np.asarray(known), "currency", ValueCode.CURRENCY_UNKNOWN)
    for name in ("amount", "fee"):
        minor = np.asarray(pc.fill_null(table[name], 0))
        _mark(faults, (minor > MAX_MINOR) | (minor < -MAX_MINOR), name, ValueCode.AMOUNT_TOO_LARGE)
    for name in _READ:
        if pa.types.is_string(table[name].type):
            _mark_texts(faults, table[name], _READ.index(name))
    return faults


def _mark(faults: Faults, rows: np.typing.NDArray[np.bool_], name: str, code: ValueCode) -> None:
    faults.mark(rows, _READ.index(name), code.value, problem(code))


def _mark_texts(faults: Faults, text: pa.ChunkedArray, position: int) -> None:
    """The limits of `normalise`, and no NUL, which no text file and no database column takes."""
    held = pc.fill_null(text, "")
    too_long = np.asarray(pc.greater(pc.binary_length(held), MAX_TEXT_BYTES))
    faults.mark(too_long, position, "TEXT_TOO_LONG", f"The text is longer than {MAX_TEXT_BYTES >> 10} KB.")
    has_nul = np.asarray(pc.match_substring(held, "\x00"))
    faults.mark(has_nul, position, "ROW_NUL_BYTE", "The text holds a NUL byte, which no text may hold.")


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.fill_null(column.cast(pa.string()), "")


def _preview(table: pa.Table, lines: np.typing.NDArray[np.int64]) -> pa.Table:
    head = table.slice(0, PREVIEW_ROWS)
    names = [name for name in head.column_names if name in TRANSACTION_SCHEMA.names and name != "line"]
    return pa.table([pa.array(lines[:PREVIEW_ROWS]), *(_as_text(head[name]) for name in names)], names=["line", *names])
