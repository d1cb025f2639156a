"""The definition of a reconciliation, on Settings, and running it with the newest files from wherever it is named."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import Engine, select
from streamlit.testing.v1 import AppTest

from recon.model.feed import feed_name
from recon.model.people import Person, PersonRole
from recon.model.transactions import Side
from recon.queries.owners import owners_by_reconciliation
from recon.store.evidence import Evidence
from recon.store.tables import run
from recon.ui.people.acting import KEY
from recon.workflows import read_upload
from recon.workflows.manage_people import list_person
from recon.workflows.read_for_feed import read_for_feed
from recon.workflows.receive_upload import receive_upload
from recon.workflows.store_reading import store_reading
from tests.builders import published_run
from tests.pages.conftest import Visit
from tests.pages.shown import buttons, text

NAME = "Bank vs ledger"
SECTION = "Reconciliations"


@pytest.fixture(autouse=True)
def files_are_read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_upload, "_read_in_child", store_reading)


@pytest.fixture
def evidence(evidence_url: str) -> Evidence:
    return Evidence(evidence_url)


def send(engine: Engine, evidence: Evidence, side: Side, folder: Path, amount: str = "5.00") -> None:
    """A file comes for a side."""
    path = folder / f"{side} {amount}.csv"
    path.write_text(f"date,description,amount,currency\n2026-03-31,Rent,{amount},EUR\n")
    upload = receive_upload(engine, evidence, path, filename=path.name, actor="operator").upload
    read_for_feed(engine, evidence, upload.id, feed=feed_name(NAME, side), actor="operator")


def last_run(engine: Engine) -> int:
    with engine.connect() as conn:
        return conn.execute(select(run.c.id).order_by(run.c.id.desc()).limit(1)).scalar_one()


def test_nothing_is_defined_before_two_files_were_reconciled(visit: Visit) -> None:
    at = visit("settings", section=SECTION)
    assert not at.exception
    assert "No reconciliation yet" in text(at)


def test_each_part_is_said_as_it_stands(visit: Visit, engine: Engine, evidence: Evidence, tmp_path: Path) -> None:
    published_run(engine, name=NAME)
    send(engine, evidence, Side.SOURCE, tmp_path)
    at = visit("settings", section=SECTION, of=NAME)
    assert not at.exception
    shown = text(at)
    for said in ("Nobody:", "source 5", "No file yet", "The default ones", "10 days after the date", "No period yet"):
        assert said in shown.replace("\\", "")


def test_owners_are_saved_and_see_their_reconciliations_first(visit: Visit, engine: Engine) -> None:
    for name in ("Another", NAME):
        published_run(engine, name=name)
    at = visit("settings", section=SECTION, of=NAME)
    at.multiselect(key=f"owners_{NAME}_").set_value(["operator"])
    at = at.button(key="owners_save").click().run()
    assert not at.exception
    assert owners_by_reconciliation(engine) == {NAME: ("operator",)}
    overview = visit()
    assert "yours first" in text(overview)
    assert list(standings(overview)["Reconciliation"]) == [NAME, "Another"]
    assert "owned by operator" in text(visit("triage", run=str(last_run(engine))))


def test_the_history_of_one_reconciliation_offers_its_newest_files(visit: Visit, engine: Engine) -> None:
    published_run(engine, name=NAME)
    assert "Run newest files" not in buttons(visit("runs"))
    assert "Run newest files" in buttons(visit("runs", reconciliation=NAME))


def test_who_may_not_run_is_offered_no_run(visit: Visit, engine: Engine) -> None:
    published_run(engine, name=NAME)
    list_person(engine, Person(name="vic", role=PersonRole.VIEWER), actor="operator")
    at = visit()
    assert "Run" in standings(at)
    at.session_state[KEY] = "vic"
    assert "Run" not in standings(at.run())


def test_who_may_not_change_rules_sees_why_owners_stay(visit: Visit, engine: Engine) -> None:
    published_run(engine, name=NAME)
    list_person(engine, Person(name="vic", role=PersonRole.VIEWER), actor="operator")
    at = visit("settings", section=SECTION, of=NAME)
    at.session_state[KEY] = "vic"
    at = at.run()
    assert at.button(key="definition_newest").disabled


def test_the_newest_files_are_run_in_one_click_and_again_is_said(
    visit: Visit, engine: Engine, evidence: Evidence, tmp_path: Path
) -> None:
    published_run(engine, name=NAME)
    for side in Side:
        send(engine, evidence, side, tmp_path)
    at = visit("reconcile", name=NAME).button(key="run_newest").click().run()
    assert not at.exception
    assert at.query_params["run"] == str(last_run(engine))
    assert "Nothing new has come" not in text(at)
    at = visit("settings", section=SECTION, of=NAME).button(key="definition_newest").click().run()
    assert at.query_params["run"] == str(last_run(engine))
    assert "Nothing new has come" in text(at)


def test_a_run_says_when_newer_files_have_come(
    visit: Visit, engine: Engine, evidence: Evidence, tmp_path: Path
) -> None:
    published_run(engine, name=NAME)
    for side in Side:
        send(engine, evidence, side, tmp_path)
    at = visit("reconcile", name=NAME).button(key="run_newest").click().run()
    assert "Newer files have come" not in text(at)
    send(engine, evidence, Side.SOURCE, tmp_path, amount="7.00")
    at = visit("runs", run=str(last_run(engine)))
    assert "Newer files have come since: source 7.00.csv." in text(at).replace("\\", "")
    assert "Run newest files" in buttons(at)


def test_where_a_file_is_missing_one_is_led_to_where_it_is_chosen(
    visit: Visit, engine: Engine, evidence: Evidence, tmp_path: Path
) -> None:
    published_run(engine, name=NAME)
    send(engine, evidence, Side.SOURCE, tmp_path)
    at = visit("settings", section=SECTION, of=NAME).button(key="definition_newest").click().run()
    assert not at.exception
    assert at.title[0].value == "Reconcile"
    assert at.query_params["source"]
    assert "Choose the reference file first." in text(at)


def standings(at: AppTest) -> pd.DataFrame:
    return next(frame.value for frame in at.dataframe if "Last runs" in frame.value)
