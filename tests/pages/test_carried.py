"""A run's page shows what it carried, what it cleared, and what changed since."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, select

from recon.store.evidence import Evidence
from recon.store.workbench_tables import open_item
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


def test_a_carried_row_says_the_run_it_came_from_and_no_negative_line(
    visit: Visit, engine: Engine, evidence_url: str
) -> None:
    pool = Pool(engine=engine, evidence=Evidence(evidence_url))
    first = pool.run([row("B", 200)], [row("A", 1)])
    second = pool.run([row("C", 5, 9)], [row("B", 200, 3), row("C", 5, 9)])
    at = visit("runs", run=str(second), view="Matches")
    carried = [line for frame in at.dataframe if "Ref. line" in frame.value for line in frame.value["Line"]]
    assert "carried" in carried
    with engine.connect() as conn:
        item = conn.execute(select(open_item.c.id).where(open_item.c.side == "source")).scalars().first()
    assert item is not None
    pair = visit("runs", run=str(second), view="Matches", pair=f"-{item}-2")
    assert not pair.exception
    assert any("A carried row and reference line" in one.value for one in pair.markdown)
    assert any(f"carried from run {first}" in table.value.to_csv() for table in pair.table)
