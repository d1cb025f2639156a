"""What every connector of transactions gives."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """`table` follows TRANSACTION_SCHEMA; `name` is what it goes by where a file has a name, without an ending."""

    table: pa.Table
    name: str
