"""The newest files again, read by another mapping: another try of their run, not files that follow."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from recon.model.feed import feed_name
from recon.model.transactions import Side
from recon.store.evidence import Evidence
from recon.store.workbench_tables import open_item, run_carry
from recon.workflows import read_upload
from recon.workflows.run_in_foreground import finish_run
from recon.workflows.save_carrying import CarryChange, save_carrying
from recon.workflows.save_mapping import map_columns
from recon.workflows.store_reading import store_reading
from tests.workflows.test_run_newest import NAME, Desk, submitted

HEADER = "date,description,memo,amount,currency"


@pytest.fixture
def desk(engine: Engine, evidence_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(read_upload, "_read_in_child", store_reading)
    made = Desk(engine, Evidence(evidence_url), tmp_path)
    save_carrying(engine, reconciliation=NAME, change=CarryChange(is_on=True), actor="ana")
    return made


def run(desk: Desk) -> int:
    run_id = submitted(desk.run()).run_id
    assert finish_run(desk.engine, desk.evidence, run_id, lease_seconds=60).status == "succeeded"
    return run_id


def test_a_corrected_mapping_leaves_no_item_of_the_wrong_one_open(desk: Desk) -> None:
    desk.send(Side.SOURCE, "s.csv", "2026-03-30,Rent,House 7,-900.00,EUR", header=HEADER)
    desk.send(Side.REFERENCE, "r.csv", "2026-03-31,Water,House 7,-70.00,EUR", header=HEADER)
    first = run(desk)
    columns = HEADER.split(",")
    roles = {"date": "date", "description": "memo", "amount": "amount", "currency": "currency"}
    map_columns(desk.engine, feed=feed_name(NAME, Side.SOURCE), columns=columns, roles=roles, actor="ana")
    second = run(desk)
    with desk.engine.connect() as conn:
        replaces = select(run_carry.c.replaces_id).where(run_carry.c.run_id == second)
        assert conn.execute(replaces).scalar_one() == first
        items = select(open_item.c.description).where(open_item.c.state != "cleared").order_by(open_item.c.id)
        assert sorted(conn.execute(items).scalars()) == ["House 7", "Water"]
