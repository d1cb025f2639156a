"""A run's page shows what it carried, what it cleared, and what changed since."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine

from recon.store.evidence import Evidence
from tests.pages.conftest import Visit
from tests.workflows.pool import Pool, row


def test_a_clearing_is_shown_on_both_runs(visit: Visit, engine: Engine, evidence_url: str, home: Path) -> None:
    pool = Pool(engine=engine, evidence=Evidence(evidence_url))
    first = pool.run([row("B", 200), row("K", 3, txn_id="ch_1")], [row("A", 1)])
    second = pool.run([row("C", 5, 9), row("K", 4, txn_id="ch_1")], [row("B", 200, 3), row("C", 5, 9)])
    after = visit("runs", run=str(second))
    said = "\n".join(one.value for one in after.markdown)
    assert "cleared 1 of them" in said
    assert any("1 row changed since an earlier run" in one.label for one in after.expander)
    assert not after.exception
    before = visit("runs", run=str(first))
    assert any(f"1 by run {second}" in one.value for one in before.markdown)
    matches = visit("runs", run=str(second), view="Matches")
    assert not matches.exception
