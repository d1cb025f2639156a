"""The triage benchmark asks, decides and takes back on a small queue; its speed is never asserted."""

from __future__ import annotations

from sqlalchemy import Engine

from recon.bench.deciding import bench_deciding
from recon.bench.triage import bench_queries, make_queue
from recon.queries.discrepancies import DiscrepancyFilter, totals


def test_a_small_queue_is_asked_and_decided_on_in_every_way(engine: Engine) -> None:
    run_id = make_queue(engine, 1_000)
    asked = {timing.question: timing.row_count for timing in bench_queries(engine, run_id, 1_000, repeats=1)}
    assert asked["page by due, rising"] == 50
    before = sum(part.count for part in totals(engine, DiscrepancyFilter(run_id=run_id)))
    decided = bench_deciding(engine, run_id, at_once=100, operators=4)
    assert [(each.what, each.count) for each in decided] == [
        ("assign", 100),
        ("comment on", 100),
        ("resolve", 100),
        ("undo", 100),
        ("resolve again", 100),
        ("reopen", 100),
        ("4 operators, one by one", 100),
    ]
    assert sum(part.count for part in totals(engine, DiscrepancyFilter(run_id=run_id))) == before - 100
