"""What is agreed between the process that asks for a try-out and the child that does it; the child loads no more."""

from __future__ import annotations

from typing import Final

REFUSED_BY_US: Final = 2
"""Exit status of a child that ended with a `TieoutError`, which is its last line on stdout."""

OUT_OF_MEMORY: Final = 3

RESULT: Final = "result.json"
CHANGES: Final = "changes.parquet"
