"""The ledger's benchmark carries the same transfers both ways and loses no cent; its speed is never asserted."""

from __future__ import annotations

from sqlalchemy import Engine

from recon.bench.ledger import FUNDS, bench_ledger


def test_both_ways_carry_every_transfer(engine: Engine) -> None:
    found = bench_ledger(engine, 60, threads=8, accounts=4)
    for way in (found.ledger, found.bare):
        assert (way.posted_count, way.refused_count, way.total) == (60, 0, 0)
        assert 0 <= way.lowest <= FUNDS
    told = found.document()
    assert told["deadlocks"] == 0
    assert told["ledger"]["per_second"] > 0 < told["bare_sql"]["per_second"]
