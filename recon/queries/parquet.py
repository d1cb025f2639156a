"""DuckDB over the Parquet files of the evidence store: one instance a process, one cursor a question.

It works with little memory, fetches nothing, and keeps nothing of a file but its footer: files there never change.
"""

from __future__ import annotations

import threading
from functools import cache
from typing import Any, Final

import duckdb
import pyarrow as pa

_CONFIG: Final[dict[str, Any]] = {
    "threads": 2,
    "memory_limit": "1GB",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "enable_external_file_cache": "false",
}
_lock = threading.Lock()


def cursor() -> duckdb.DuckDBPyConnection:
    """A connection of its own to the process's instance, to be closed by who asked."""
    with _lock:
        return _instance().cursor()


def table(connection: duckdb.DuckDBPyConnection, query: str, values: dict[str, Any]) -> pa.Table:
    """The rows of a query."""
    return connection.sql(query, params=values).to_arrow_table()


@cache
def _instance() -> duckdb.DuckDBPyConnection:
    instance = duckdb.connect(config=_CONFIG)
    instance.execute("set parquet_metadata_cache = true")
    return instance
