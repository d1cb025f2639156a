"""Audit as auditors use it: filters, the diff of a change, the state of the chains, and who may not look."""

from __future__ import annotations

import time
from datetime import date

import pytest
from sqlalchemy import Engine, select
from sqlalchemy import text as sql
from streamlit.testing.v1 import AppTest

from recon.config import Settings
from recon.model.people import Person, PersonRole
from recon.queries.audit import AuditFilter, audit_page
from recon.store import audit
from recon.store.evidence import Evidence
from recon.store.tables import audit_event
from recon.ui.audit.chain import on_demand
from recon.workflows.manage_people import change_person, list_person
from recon.workflows.read_audit import export_audit
from recon.workflows.seal_logs import seal_logs
from recon.workflows.verify import verify
from tests.pages.conftest import Visit
from tests.pages.shown import buttons, text

HOSTILE = "=cmd|' /C calc'!A0 ![x](http://evil/px.png)"


@pytest.fixture
def log(engine: Engine) -> None:
    """120 uploads, then three people and a changed limit."""
    with engine.begin() as conn:
        for number in range(120):
            audit.record(
                conn,
                actor="uploader",
                action="upload_received",
                subject=f"upload {number}",
                detail={"filename": HOSTILE},
            )
    list_person(engine, Person(name="aud", role=PersonRole.AUDITOR), actor="operator")
    list_person(engine, Person(name="olga", role=PersonRole.OPERATOR, limits={"EUR": 500}), actor="operator")
    change_person(
        engine, Person(name="olga", role=PersonRole.OPERATOR, limits={"EUR": 900}, version=1), actor="operator"
    )


@pytest.fixture
def evidence(settings: Settings) -> Evidence:
    return Evidence(settings.evidence_location())


def rows(at: AppTest) -> list[str]:
    """What the list says was done."""
    return next(list(frame.value["Did what"]) for frame in at.dataframe if "Did what" in frame.value)


def test_an_empty_log_says_so(visit: Visit) -> None:
    assert "Nothing has happened yet" in text(visit("audit"))


def test_pages_follow_each_other_to_the_oldest_and_back(visit: Visit, log: None) -> None:
    at = visit("audit")
    seen = [rows(at)]
    while not (older := next(button for button in at.button if button.label == "Older")).disabled:
        at = older.click().run()
        seen.append(rows(at))
    assert [len(page) for page in seen] == [50, 50, 24]
    assert seen[-1][-1].endswith("as upload 0")
    for page in reversed(seen[:-1]):
        at = next(button for button in at.button if button.label == "Newer").click().run()
        assert rows(at) == page
    assert not at.exception


def test_filters_are_in_the_url(visit: Visit, log: None) -> None:
    (only,) = rows(visit("audit", who="uploader", about="upload 7"))
    assert only.endswith("as upload 7")
    assert rows(visit("audit", did="Person changed")) == ["changed what person olga may do"]
    assert rows(visit("audit", words="limits 900")) == ["changed what person olga may do"]
    assert "No event fits these filters" in text(visit("audit", until="2020-01-01"))


def test_a_change_is_shown_from_what_into_what(visit: Visit, log: None, engine: Engine) -> None:
    with engine.connect() as conn:
        number = conn.execute(select(audit_event.c.id).where(audit_event.c.action == "person_changed")).scalar_one()
    at = visit("audit", event=str(number))
    changed = next(frame.value for frame in at.dataframe if "Before" in frame.value)
    assert changed.to_numpy().tolist() == [["Limits", '{"EUR": 500}', '{"EUR": 900}']]
    at = next(button for button in at.button if button.label == "Only this subject").click().run()
    assert rows(at) == ["changed what person olga may do", "listed person olga"]


def test_text_from_files_is_only_text(visit: Visit, log: None, engine: Engine) -> None:
    assert HOSTILE not in text(visit("audit", event="1"))
    exported = export_audit(engine, AuditFilter(search="calc"), actor="aud")
    assert exported.count(b"\n") == 1 + 1 + 120  # the header, the export itself, and what it asked for
    assert b",=cmd" not in exported


def test_a_word_is_found_by_its_beginning_and_a_short_one_whole(engine: Engine, log: None) -> None:
    def found(words: str) -> int:
        return len(audit_page(engine, AuditFilter(search=words), limit=200).events)

    assert (found("uploa"), found("upload 7"), found("up"), found("olga limi")) == (120, 1, 0, 2)


def test_what_is_found_does_not_depend_on_where_it_was_looked_for(
    engine: Engine, log: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = AuditFilter(search="upload calc", actor="uploader")
    by_reading = audit_page(engine, wanted, limit=7, begin=60)
    monkeypatch.setattr("recon.queries.audit.LOOKED_AT", 3)
    assert audit_page(engine, wanted, limit=7, begin=60) == by_reading
    assert [event.id for event in by_reading.events] == [*range(60, 53, -1)]


def test_who_takes_the_log_away_is_in_it(engine: Engine, log: None) -> None:
    export_audit(engine, AuditFilter(actor="uploader", last_on=date(2020, 1, 1)), actor="aud")
    event = audit_page(engine, AuditFilter()).events[0]
    assert (event.actor, event.action, event.subject) == ("aud", "exported", "audit log")
    assert event.detail["filter"] == {"actor": "uploader", "last_on": "2020-01-01"}


def test_only_auditors_and_administrators_may_look(visit: Visit, log: None) -> None:
    at = visit("audit")
    at.session_state["acting_as"] = "olga"
    at.run()
    assert "You may not read the audit log" in text(at)
    assert not buttons(at) & {"Verify", "Older"}


def test_the_state_of_the_chains_is_shown_and_a_broken_one_is_red(
    visit: Visit, log: None, engine: Engine, owner: Engine, evidence: Evidence
) -> None:
    assert "Not verified yet" in text(visit("audit"))
    seal_logs(engine)
    verify(engine, evidence, actor="aud")
    at = visit("audit")
    assert "nothing was changed" in text(at)
    seals = next(frame.value for frame in at.dataframe if "Head" in frame.value)
    assert seals[["Log", "Waiting", "Verified"]].to_numpy().tolist() == [["Audit log", 1, "Up to here"]]
    with owner.begin() as conn:
        conn.execute(sql("alter table audit_event disable trigger user"))
        conn.execute(sql("update audit_event set actor = 'x' where id = 3"))
    verify(engine, evidence, actor="aud")
    shown = text(visit("audit"))
    assert "something was changed" in shown
    assert "Rows were changed since they were sealed" in shown


def test_a_click_verifies_in_a_process_of_its_own(
    visit: Visit, log: None, monkeypatch: pytest.MonkeyPatch, database_url: str, settings: Settings
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("RECON_HOME", str(settings.home))
    on_demand.clear()
    at = visit("audit")
    at.session_state["acting_as"] = "aud"
    at.run()
    next(button for button in at.button if button.label == "Verify").click().run()
    for _ in range(300):
        if not on_demand().state().is_live:
            break
        time.sleep(0.1)
    assert on_demand().state().problem is None
    assert "Verified" in text(at.run())
    on_demand.clear()
