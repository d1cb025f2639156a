"""Reports as approvers use them: what would be signed is shown, signed, downloaded, and opened again."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine, select
from streamlit.testing.v1 import AppTest

from recon.config import Settings
from recon.model.people import Person, PersonRole
from recon.model.triage import Command, Move, Resolution, Seen
from recon.queries.closes import closes_of
from recon.store.evidence import Evidence
from recon.store.tables import discrepancy
from recon.ui.people.acting import KEY
from recon.workflows.manage_people import list_person
from recon.workflows.resolve_discrepancies import resolve_discrepancies
from tests.pages.conftest import Visit
from tests.pages.shown import buttons, metrics, text
from tests.workflows.sides import submit_both
from tests.workflows.test_execute_run import execute


@pytest.fixture
def march(engine: Engine, settings: Settings) -> None:
    """A published run of March, and three people."""
    evidence = Evidence(settings.evidence_location())
    execute(engine, evidence, submit_both(engine, evidence))
    for name, role in (("operator", PersonRole.ADMIN), ("olga", PersonRole.OPERATOR), ("ben", PersonRole.APPROVER)):
        list_person(engine, Person(name=name, role=role), actor="operator")


def click(at: AppTest, label: str) -> AppTest:
    return next(button for button in at.button if button.label == label).click().run()


def preview(visit: Visit, name: str) -> AppTest:
    at = visit("reports", view="Sign off")
    at.session_state[KEY] = name
    at.run()
    at.date_input[0].set_value(date(2026, 3, 1))
    at.date_input[1].set_value(date(2026, 3, 31)).run()
    return click(at, "Preview")


def test_without_runs_there_is_nothing_to_report(visit: Visit) -> None:
    assert "Nothing to report yet" in text(visit("reports"))


def test_an_approver_sees_what_would_be_signed_signs_it_and_opens_it_again(
    visit: Visit, engine: Engine, march: None
) -> None:
    at = preview(visit, "ben")
    assert metrics(at) == {"Runs": "1", "Open items": "3", "Written off or adjusted": "0", "Unexplained": "0"}
    assert next(button for button in at.button if button.label == "Sign off").disabled
    at.text_input[0].set_value("Month end").run()
    at = click(at, "Sign off")
    assert not at.exception
    (one,) = closes_of(engine)
    assert (one.signed_by, one.reason) == ("ben", "Month end")
    at = visit("reports")
    assert "1 period closed" in text(at)
    at.session_state[KEY] = "ben"
    at.run()
    at.text_input[0].set_value("A late file").run()
    at = click(at, "Open the period again")
    assert not at.exception
    assert "No period is closed" in text(at)


def test_what_is_signed_already_is_said_before_it_is_signed_again(visit: Visit, march: None) -> None:
    at = preview(visit, "ben")
    at.text_input[0].set_value("Month end").run()
    click(at, "Sign off")
    at = preview(visit, "ben")
    assert "ben signed 2026-03-01 to 2026-03-31 off. Open it again" in text(at)
    assert "Sign off" not in buttons(at)


def test_who_may_not_sign_looks(visit: Visit, march: None) -> None:
    at = preview(visit, "olga")
    assert "may look" in text(at)
    assert "Sign off" not in buttons(at)


def test_a_period_without_rows_is_told(visit: Visit, march: None) -> None:
    at = preview(visit, "ben")
    at.date_input[0].set_value(date(2025, 1, 1))
    at.date_input[1].set_value(date(2025, 1, 31)).run()
    assert "No published run has rows dated" in text(click(at, "Preview"))


def test_reports_of_runs_are_here_too(visit: Visit, march: None) -> None:
    at = visit("reports", view="Runs")
    assert "Run 1" in text(at)
    assert not at.exception


def test_what_is_decided_after_a_close_says_so_where_it_is_looked_at(
    visit: Visit, engine: Engine, settings: Settings, march: None
) -> None:
    at = preview(visit, "ben")
    at.text_input[0].set_value("Month end").run()
    click(at, "Sign off")
    with engine.connect() as conn:
        row = conn.execute(select(discrepancy.c.id, discrepancy.c.version).order_by(discrepancy.c.id)).first()
    assert row is not None
    command = Command(move=Move.RESOLVE, resolution=Resolution.TIMING, comment="Late.", action_key="late")
    resolve_discrepancies(engine, command, [Seen(id=row.id, version=row.version)], actor="olga")
    assert "After close] 1 discrepancy decided since" in text(visit("runs", run="1"))
    assert "ben signed 2026-03-01 to 2026-03-31 off" in text(visit("triage", run="1", d=str(row.id), status="Resolved"))
