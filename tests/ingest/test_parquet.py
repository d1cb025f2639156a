"""Parquet in our own schema, from our own runs and from other tools; what no text file could bring in is a reject."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from recon.model.reading import Reading
from recon.model.transactions import TRANSACTION_SCHEMA
from tests.ingest.files import column, read_bytes, read_lines

ROWS = {
    "line": [9, 9],
    "txn_id": ["a", None],
    "date": [date(2026, 1, 5), date(2026, 1, 6)],
    "amount": [100, -2000],
    "currency": ["EUR", "KWD"],
    "description": ["x", ""],
}


def parquet(**columns: list[Any]) -> bytes:
    """A file of two rows, with these columns instead of the usual ones."""
    cells = {name: [None, None] for name in TRANSACTION_SCHEMA.names} | ROWS | columns
    schema = pa.schema([field.with_nullable(True) for field in TRANSACTION_SCHEMA])
    return as_parquet(pa.table(cells, schema=schema))


def as_parquet(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    return sink.getvalue().to_pybytes()


def read(data: bytes) -> Reading:
    return read_bytes(data, filename="x.parquet")


def test_our_schema_is_taken_as_it_is() -> None:
    reading = read(parquet())
    assert column(reading, "line") == [1, 2]
    assert column(reading, "amount") == [100, -2000]
    assert column(reading, "description") == ["x", None]


def test_what_was_read_from_text_reads_the_same_from_parquet() -> None:
    reading = read_lines("date,amount,currency\n2026-01-05,1.00,EUR\n2026-01-06,2.00,KWD\n")
    assert read(as_parquet(reading.table)).table.drop_columns("line").equals(reading.table.drop_columns("line"))


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("date", None, "DATE_EMPTY"),
        ("date", date(1, 1, 1), "DATE_OUT_OF_RANGE"),
        ("date", date(9999, 12, 31), "DATE_OUT_OF_RANGE"),
        ("amount", None, "AMOUNT_EMPTY"),
        ("amount", 2**62, "AMOUNT_TOO_LARGE"),
        ("amount", -(2**63), "AMOUNT_TOO_LARGE"),
        ("fee", 2**63 - 1, "AMOUNT_TOO_LARGE"),
        ("currency", None, "CURRENCY_EMPTY"),
        ("currency", "XXX", "CURRENCY_UNKNOWN"),
        ("currency", "eur", "CURRENCY_UNKNOWN"),
        ("description", "y\x00z", "ROW_NUL_BYTE"),
        ("payment_ref", "\x00", "ROW_NUL_BYTE"),
        ("description", "z" * 70_000, "TEXT_TOO_LONG"),
    ],
)
def test_a_row_that_is_no_transaction_is_rejected_and_the_other_one_kept(name: str, value: Any, code: str) -> None:
    reading = read(parquet(**{name: [ROWS.get(name, [None, None])[0], value]}))
    assert column(reading, "line") == [1]
    (reject,) = reading.rejects
    assert (reject.line, reject.column, reject.code) == (2, name, code)


@pytest.mark.parametrize("text", [pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())])
def test_text_and_integers_as_other_tools_write_them_are_the_same(text: pa.DataType) -> None:
    table = pq.read_table(pa.BufferReader(parquet()))
    for at, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            table = table.set_column(at, field.name, table[field.name].cast(text))
        elif field.name in ("amount", "fee"):
            table = table.set_column(at, field.name, table[field.name].cast(pa.int32()))
    assert read(as_parquet(table)).table.equals(read(parquet()).table)


def test_a_column_of_nulls_only_may_have_no_type() -> None:
    table = pq.read_table(pa.BufferReader(parquet()))
    at = table.schema.get_field_index("payment_ref")
    assert read(as_parquet(table.set_column(at, "payment_ref", pa.nulls(2)))).rows_accepted == 2


@pytest.mark.parametrize("amounts", [pa.array([1.0, 2.0]), pa.array(["1", "2"]), pa.nulls(2)])
def test_another_schema_is_refused(amounts: pa.Array) -> None:
    table = pq.read_table(pa.BufferReader(parquet()))
    refused = read(as_parquet(table.set_column(table.schema.get_field_index("amount"), "amount", amounts))).refused
    assert refused is not None
    assert refused.code == "FILE_SCHEMA"
    assert "amount is" in refused.problem
