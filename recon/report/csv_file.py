"""A report table as a CSV file: UTF-8, one header line, ISO dates, decimal points, nothing a spreadsheet would run."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.csv as pacsv

from recon.report.columns import plain_table

CHUNK_ROWS = 100_000
"""Rows turned into text at a time, so that a report of millions of rows needs little memory."""


def write_csv(table: pa.Table, target: Path | BinaryIO) -> None:
    """Write a report table to a file or stream, streaming; an empty table is its header."""
    schema = plain_table(table.schema.empty_table()).schema
    with pacsv.CSVWriter(target, schema, write_options=pacsv.WriteOptions(quoting_style="needed")) as writer:
        for start in range(0, table.num_rows, CHUNK_ROWS):
            writer.write_table(plain_table(table.slice(start, CHUNK_ROWS)).cast(schema))
