"""Reconciliations that run by themselves: once for each pair of new files, whoever sees it, and told if they cannot."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text, update

from recon.alerts.message import body_of
from recon.model.people import Person, PersonRole
from recon.model.people_refusals import NotAllowed
from recon.model.rules import Rules
from recon.model.transactions import Side
from recon.queries.alerts import alert_lines
from recon.queries.attention import held_up
from recon.store import people, tables
from recon.store.alert_tables import alert
from recon.store.evidence import Evidence
from recon.workflows import read_upload
from recon.workflows.manage_people import change_person, list_person
from recon.workflows.run_by_itself import run_by_itself
from recon.workflows.run_new_files import run_new_files
from recon.workflows.store_reading import store_reading
from tests.builders import NOON
from tests.workflows.test_run_newest import NAME, Desk, submitted


@pytest.fixture(autouse=True)
def files_are_read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_upload, "_read_in_child", store_reading)


@pytest.fixture
def desk(engine: Engine, evidence_url: str, tmp_path: Path) -> Desk:
    """A reconciliation that runs by itself, in the name of ana."""
    made = Desk(engine, Evidence(evidence_url), tmp_path)
    run_by_itself(engine, reconciliation=NAME, is_on=True, actor="ana")
    return made


def tick(desk: Desk, settle_seconds: float = 0) -> int:
    return run_new_files(desk.engine, desk.evidence, default_rules=Rules(), settle_seconds=settle_seconds)


def run_ids(engine: Engine) -> list[int]:
    with engine.connect() as conn:
        return list(conn.execute(select(tables.run.c.id).order_by(tables.run.c.id)).scalars())


def kinds(engine: Engine) -> list[str]:
    with engine.connect() as conn:
        return list(conn.execute(select(alert.c.kind).order_by(alert.c.id)).scalars())


def send_both(desk: Desk, month: str) -> None:
    for side in Side:
        desk.send(side, f"{month} {side}.csv", f"2026-03-30,Rent {month},-900.00,EUR")


def test_a_pair_of_new_files_is_run_once_in_the_name_of_who_switched_it_on(desk: Desk) -> None:
    send_both(desk, "march")
    assert [tick(desk), tick(desk)] == [1, 0]
    (run_id,) = run_ids(desk.engine)
    with desk.engine.connect() as conn:
        assert conn.execute(select(tables.run.c.requested_by).where(tables.run.c.id == run_id)).scalar() == "ana"
    send_both(desk, "april")
    assert tick(desk) == 1
    assert len(run_ids(desk.engine)) == 2


def test_both_sides_must_have_a_new_file_that_has_settled(desk: Desk) -> None:
    send_both(desk, "march")
    assert tick(desk, settle_seconds=60) == 0
    assert tick(desk) == 1
    desk.send(Side.SOURCE, "april.csv", "2026-04-30,Rent april,-900.00,EUR")
    assert tick(desk) == 0


def test_what_a_person_has_run_is_not_new(desk: Desk) -> None:
    send_both(desk, "march")
    submitted(desk.run())
    assert tick(desk) == 0


def test_switched_off_nothing_runs(desk: Desk) -> None:
    run_by_itself(desk.engine, reconciliation=NAME, is_on=False, actor="ana")
    send_both(desk, "march")
    assert tick(desk) == 0


def test_two_sidecars_at_once_make_one_run(desk: Desk) -> None:
    send_both(desk, "march")
    with ThreadPoolExecutor(4) as pool:
        done = [task.result() for task in [pool.submit(tick, desk) for _ in range(4)]]
    assert sum(done) == 1
    assert len(run_ids(desk.engine)) == 1


def test_a_question_holds_it_up_once_and_is_told(desk: Desk) -> None:
    desk.send(Side.REFERENCE, "r.csv", "2026-04-03,Rent,-900.00,EUR")
    desk.send_open(Side.SOURCE, "open.csv")
    assert [tick(desk), tick(desk)] == [1, 0]
    assert run_ids(desk.engine) == []
    assert kinds(desk.engine) == ["run.held_up_by_itself"]
    (line,) = alert_lines(desk.engine)
    assert (line.check_name, line.book, line.new_status) == ("run by itself", "reconciliation 1", "held_up")
    (waiting,) = held_up(desk.engine)
    assert waiting.reconciliation == NAME
    assert waiting.text.startswith("open.csv leaves a question open")
    send_both(desk, "april")
    submitted(desk.run())
    assert held_up(desk.engine) == ()


def test_a_run_that_failed_is_told_once(desk: Desk) -> None:
    send_both(desk, "march")
    tick(desk)
    assert kinds(desk.engine) == []
    with desk.engine.begin() as conn:
        conn.execute(update(tables.run).values(status="running", attempt=1))
        conn.execute(update(tables.run).values(status="failed", error_text="It broke.", finished_at=NOON))
    tick(desk)
    tick(desk)
    assert kinds(desk.engine) == ["run.failed_by_itself"]
    with desk.engine.connect() as conn:
        row = conn.execute(select(alert)).one()
    message = json.loads(body_of(row.kind, row.at, row.payload, public_url="https://tieout.example.com"))
    assert message["data"]["link"] == "https://tieout.example.com/runs?run=1"


def test_a_sidecar_that_stopped_in_between_is_told_after_a_while(
    desk: Desk, owner: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    send_both(desk, "march")
    monkeypatch.setattr("recon.workflows.run_new_files.run_newest", stopped)
    with pytest.raises(KeyboardInterrupt):
        tick(desk)
    assert (tick(desk), kinds(desk.engine)) == (0, [])
    with owner.begin() as conn:
        conn.execute(text("update scheduled_run set at = at - interval '1 hour'"))
    assert (tick(desk), kinds(desk.engine)) == (0, ["run.held_up_by_itself"])
    assert "Run the newest files by hand." in held_up(desk.engine)[0].text


def stopped(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_it_may_do_what_the_person_may_who_switched_it_on(desk: Desk) -> None:
    for name, role in (("ana", PersonRole.OPERATOR), ("vic", PersonRole.VIEWER)):
        list_person(desk.engine, Person(name=name, role=role), actor="ada")
    with pytest.raises(NotAllowed):
        run_by_itself(desk.engine, reconciliation=NAME, is_on=False, actor="vic")
    send_both(desk, "march")
    with desk.engine.connect() as conn:
        ana = people.find(conn, "ana")
    assert ana is not None
    change_person(desk.engine, replace(ana, is_active=False), actor="ada")
    assert tick(desk) == 1
    assert run_ids(desk.engine) == []
    assert "ana" in held_up(desk.engine)[0].text
