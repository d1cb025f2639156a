"""The workbench benchmark asks, settles and takes back on a small run; its speed is never asserted."""

from __future__ import annotations

from sqlalchemy import Engine, func, select

from recon.bench.workbench import bench_workbench
from recon.store.settlement_tables import workbench_row


def test_a_small_run_is_settled_in_every_way_and_opened_again(engine: Engine) -> None:
    found = {timing.question: timing.row_count for timing in bench_workbench(engine, 2_000)}
    told = ("confirm 200 suggestions", "reject 200 suggestions", "match 3:5, the difference written off")
    assert [found.get(question) for question in told] == [200, 200, 8]
    with engine.connect() as conn:
        rows = conn.execute(select(func.count()).where(workbench_row.c.is_open)).scalar_one()
    assert rows == 2_000 - 9 * (2 + 8)  # the last nine decisions, to ignore one row, are taken back one by one
