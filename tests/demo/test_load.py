"""The sample company in the database is something to look at, and something to go on with."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from recon.demo import DEMO_RULES, DemoFiles, build_period, load_demo, write_period
from recon.demo.weeks import build_week
from recon.model.feed import feed_name
from recon.model.transactions import Side
from recon.queries.open_items import run_carried
from recon.queries.runs import run_detail
from recon.store import rules
from recon.store.evidence import Evidence
from recon.store.tables import discrepancy, discrepancy_event, feed_mapping, reconciliation_rules, run
from recon.store.workbench_tables import decision, open_item
from recon.workflows.read_for_feed import read_for_feed
from recon.workflows.receive_upload import receive_upload
from recon.workflows.save_rules import save_rules

PAIRS = ("Gateway to billing", "Bank to gateway")
TODAY = date(2026, 11, 20)
"""The last two weeks before it begin on the 2nd and the 9th, whose days could all be months."""


@pytest.fixture
def evidence(tmp_path: Path) -> Evidence:
    return Evidence(str(tmp_path / "evidence"))


@pytest.fixture
def run_ids(engine: Engine, evidence: Evidence) -> tuple[int, ...]:
    return load_demo(engine, evidence, actor="ana", today=TODAY, weeks=2)


@pytest.fixture
def next_week(tmp_path: Path) -> DemoFiles:
    first_on = TODAY - timedelta(days=TODAY.weekday()) + timedelta(weeks=3)
    return write_period(tmp_path, build_period(first_on=first_on, days=7, count=60))


def _counted(engine: Engine) -> dict[tuple[int, str], int]:
    query = select(discrepancy.c.run_id, discrepancy.c.status, func.count()).group_by(
        discrepancy.c.run_id, discrepancy.c.status
    )
    with engine.connect() as conn:
        return {(run_id, status): number for run_id, status, number in conn.execute(query)}


def test_weeks_differ_and_the_older_one_is_cleared_further(engine: Engine, run_ids: tuple[int, ...]) -> None:
    counted = _counted(engine)
    found = [counted[run_id, "open"] + counted[run_id, "resolved"] for run_id in run_ids]
    cleared = [counted[run_id, "resolved"] / number for run_id, number in zip(run_ids, found, strict=True)]
    assert found[0] != found[2]
    assert cleared[0] > cleared[2]
    with engine.connect() as conn:
        said = conn.execute(select(discrepancy.c.comment).where(discrepancy.c.status == "resolved")).scalars().all()
    assert all(said)


def test_what_a_week_leaves_open_goes_on_in_the_next_and_late_counterparts_clear_it(
    engine: Engine, run_ids: tuple[int, ...]
) -> None:
    first_on = TODAY - timedelta(days=TODAY.weekday(), weeks=2)
    late = build_week(first_on + timedelta(weeks=1))
    for place, expected in enumerate((late.billed, late.banked)):
        before, after = run_carried(engine, run_ids[place]), run_carried(engine, run_ids[place + 2])
        assert before
        assert after
        assert sum(one.count for one in before.cleared_later) == after.cleared_count == len(expected) > 0
        assert after.earlier_count > 0
        assert after.amendment_count == 1
        assert after.carried_count > after.cleared_count
    replayed = [run_detail(engine, run_id).decision_count for run_id in run_ids]
    assert [bool(number) for number in replayed] == [False, False, True, True]
    with engine.connect() as conn:
        waiting = conn.execute(select(open_item.c.counterparty).where(open_item.c.state == "in_transit")).scalars()
        assert {one.customer for one in late.waiting} <= set(waiting)


def test_loading_it_again_changes_nothing(engine: Engine, evidence: Evidence, run_ids: tuple[int, ...]) -> None:
    tables = (run, discrepancy_event, feed_mapping, reconciliation_rules, decision, open_item)
    with engine.connect() as conn:
        before = [conn.execute(select(func.count()).select_from(table)).scalar_one() for table in tables]
    assert load_demo(engine, evidence, actor="ben", today=TODAY, weeks=2) == run_ids
    with engine.connect() as conn:
        after = [conn.execute(select(func.count()).select_from(table)).scalar_one() for table in tables]
    assert after == before


@pytest.mark.usefixtures("run_ids")
def test_the_next_week_is_read_without_a_question(engine: Engine, evidence: Evidence, next_week: DemoFiles) -> None:
    for pair in next_week.pairs():
        for side, path in ((Side.SOURCE, pair.source), (Side.REFERENCE, pair.reference)):
            upload = receive_upload(engine, evidence, path, filename=path.name, actor="ana").upload
            read = read_for_feed(engine, evidence, upload.id, feed=feed_name(pair.name, side), actor="ana")
            assert read.mapping is not None
            assert read.stored.preview.questions == ()


def test_it_tells_which_week_is_at_hand(engine: Engine, evidence: Evidence) -> None:
    heard: list[tuple[str, int, int]] = []
    load_demo(engine, evidence, actor="ana", today=TODAY, weeks=1, on_progress=lambda *told: heard.append(told))
    assert heard == [("Week of 9 November", 0, 1), ("All weeks", 1, 1)]


def test_the_next_run_starts_from_its_rules_unless_a_person_saved_others(
    engine: Engine, evidence: Evidence, run_ids: tuple[int, ...]
) -> None:
    with engine.connect() as conn:
        assert {row.rules for name in PAIRS if (row := rules.newest(conn, name))} == {DEMO_RULES}
    mine = replace(DEMO_RULES, days_after=4)
    save_rules(engine, reconciliation=PAIRS[0], rules=mine, after=1, note="Easter", actor="ana")
    assert load_demo(engine, evidence, actor="ana", today=TODAY, weeks=2) == run_ids
    with engine.connect() as conn:
        standing = rules.newest(conn, PAIRS[0])
    assert standing is not None
    assert standing.rules == mine
