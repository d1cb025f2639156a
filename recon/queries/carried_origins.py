"""Where the rows that a run carried were first seen."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ARRAY, BigInteger, Engine, any_, literal, select

from recon.store.workbench_tables import open_item


def first_places(engine: Engine, lines: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Line of a carried row (below 0: an item's number) -> the run it came first in, and its line there."""
    numbers = [-line for line in lines if line < 0]
    if not numbers:
        return {}
    item = open_item.c
    wanted = item.id == any_(literal(numbers, ARRAY(BigInteger)))
    with engine.connect() as connection:
        rows = connection.execute(select(item.id, item.first_run_id, item.first_line).where(wanted))
        return {-row.id: (row.first_run_id, row.first_line) for row in rows}
