"""Settings and Approvals as people use them: somebody is listed, limits are set, and a second person decides."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, select
from streamlit.testing.v1 import AppTest

from recon.model.outcome import DiscrepancyKind
from recon.model.people import Deed, Person, PersonRole
from recon.model.triage import Command, Move, Resolution, Seen
from recon.queries.alerts import alert_lines
from recon.store.tables import discrepancy
from recon.ui.people.acting import KEY
from recon.workflows.manage_people import list_person, set_limits
from recon.workflows.propose_resolution import propose_resolution
from tests.builders import Item, published_run
from tests.pages.conftest import Visit
from tests.pages.shown import buttons, text

HOSTILE = "![x](http://evil/px.png)"


@pytest.fixture
def team(engine: Engine) -> None:
    """The administrator `operator` (who everybody is at first), ana who works and ben who approves."""
    list_person(engine, Person(name="ana", role=PersonRole.OPERATOR, limits={"EUR": 500}), actor="operator")
    list_person(engine, Person(name="ben", role=PersonRole.APPROVER), actor="operator")
    set_limits(engine, Deed.WRITE_OFF, above={"EUR": 10_000}, actor="operator")


@pytest.fixture
def asked(engine: Engine, team: None) -> int:
    """Ana's proposal to write off two discrepancies of 3.00."""
    published_run(engine, [Item(kind=DiscrepancyKind.DUPLICATE, amount=300, description=HOSTILE) for _ in range(2)])
    with engine.connect() as conn:
        rows = conn.execute(select(discrepancy.c.id, discrepancy.c.version)).all()
    command = Command(move=Move.RESOLVE, resolution=Resolution.WRITTEN_OFF, comment="Rounding.", action_key="first")
    return propose_resolution(engine, command, [Seen(id=row.id, version=row.version) for row in rows], actor="ana")


def act(at: AppTest, name: str) -> AppTest:
    at.session_state[KEY] = name
    return at.run()


def press(at: AppTest, label: str) -> None:
    next(button for button in at.button if button.label == label).click().run()


def statuses(engine: Engine) -> set[str]:
    with engine.connect() as conn:
        return set(conn.execute(select(discrepancy.c.status)).scalars())


def test_nobody_is_listed_at_first_and_that_is_said(visit: Visit) -> None:
    shown = text(visit("settings"))
    assert "everyone is an administrator here" in shown
    assert "Nobody is listed yet" in shown


def test_a_person_is_listed(visit: Visit) -> None:
    at = visit("settings")
    at.text_input[0].set_value("ana")
    at.text_input[1].set_value("500.005 EUR")
    next(button for button in at.button if button.label == "List").click().run()
    assert "is no amount we can read" in text(at)
    at.text_input[1].set_value("500.00 EUR, 40000 JPY")
    next(button for button in at.button if button.label == "List").click().run()
    assert not at.exception
    assert list(at.dataframe[0].value["Name"]) == ["ana", "operator"]
    assert list(at.dataframe[0].value["May write off alone, up to"]) == ["500.00 EUR, 40000 JPY", "–"]


def chosen_deed(at: AppTest, label: str) -> AppTest:
    """The table of what needs a second person, with this line chosen."""
    row = list(at.dataframe[0].value["What"]).index(label)
    at.session_state["deeds"] = {"selection": {"rows": [row], "columns": [], "cells": []}}
    return at.run()


def holds(at: AppTest) -> dict[str, str]:
    """What is said of each deed everywhere."""
    table = at.dataframe[0].value
    return dict(zip(table["What"], table["Every reconciliation"], strict=True))


def test_whoever_may_not_list_people_sees_the_settings_and_changes_nothing(visit: Visit, team: None) -> None:
    at = act(visit("settings"), "ana")
    (popover,) = [popover.proto.popover for popover in at.main if popover.type == "popover"]
    assert popover.disabled
    assert "may not list people" in popover.help
    limits = chosen_deed(act(visit("settings", section="Second person"), "ana"), "Write-offs")
    assert holds(limits)["Write-offs"] == "above 100.00 EUR"
    assert "may not list people" in text(limits)
    assert "Save" not in buttons(limits)


def test_what_needs_a_second_person_is_said_of_each_deed(visit: Visit, team: None) -> None:
    at = chosen_deed(visit("settings", section="Second person"), "Matches by hand")
    at.text_input[0].set_value("500.00 EUR, 40000 JPY")
    at.toggle[0].set_value(True)
    next(button for button in at.button if button.label == "Save").click().run()
    assert not at.exception
    assert holds(at)["Matches by hand"] == "above 40,000 JPY or 500.00 EUR; else always"
    at = chosen_deed(at, "Write-offs")
    at.text_input[0].set_value("")
    next(button for button in at.button if button.label == "Save").click().run()
    assert holds(at)["Write-offs"] == "–"


def test_who_acts_is_chosen(visit: Visit, team: None) -> None:
    at = visit("settings")
    at.selectbox[0].select("ben").run()
    assert "acting as ben" in text(at)


def test_an_approver_sees_what_would_be_done_and_approves_it(visit: Visit, engine: Engine, asked: int) -> None:
    at = act(visit("approvals", proposal=str(asked)), "ben")
    assert "Write off 6\\.00 EUR" in text(at)
    assert list(at.dataframe[1].value["Description"]) == [HOSTILE] * 2
    assert HOSTILE not in text(at)
    press(at, "Approve")
    assert not at.exception
    assert statuses(engine) == {"resolved"}
    assert "Nothing waits" in text(at)
    assert "Approved by **ben**" in text(visit("approvals", proposal=str(asked)))


def test_a_rejection_needs_a_reason(visit: Visit, engine: Engine, asked: int) -> None:
    at = act(visit("approvals"), "ben")
    press(at, "Reject")
    assert "Say why it is rejected" in text(at)
    at.text_input[0].set_value("Ask the bank.")
    press(at, "Reject")
    assert statuses(engine) == {"open"}
    at.segmented_control[0].set_value("Decided").run()
    assert "Ask the bank\\." in text(at)


def test_the_proposer_can_only_withdraw(visit: Visit, asked: int) -> None:
    at = act(visit("approvals", show="Mine"), "ana")
    assert {"Approve", "Reject"}.isdisjoint(buttons(at))
    press(at, "Withdraw")
    assert ":gray-badge[Withdrawn]" in text(at)


def test_a_proposal_number_that_is_none_is_harmless(visit: Visit) -> None:
    assert "Nothing waits" in text(visit("approvals", proposal="9" * 40))


def test_who_may_not_decide_may_look(visit: Visit, engine: Engine, asked: int) -> None:
    list_person(engine, Person(name="vic", role=PersonRole.VIEWER), actor="operator")
    at = act(visit("approvals"), "vic")
    assert "vic is listed as viewer and may not approve" in text(at)
    assert {"Approve", "Reject", "Withdraw"}.isdisjoint(buttons(at))


def test_an_administrator_decides_in_an_emergency_and_everybody_is_told(
    visit: Visit, engine: Engine, asked: int
) -> None:
    at = visit("approvals")
    press(at, "Approve")
    assert "Say why this cannot wait" in text(at)
    at.text_input[0].set_value("Month end, and ben is ill.")
    press(at, "Approve")
    assert statuses(engine) == {"resolved"}
    at = visit("approvals", show="Decided")
    assert [list(tags) for tags in at.dataframe[0].value["State"]] == [["Approved", "Emergency"]]
    assert "decided this as an administrator, in an emergency" in "".join(box.value for box in at.warning)
    (line,) = alert_lines(engine)
    assert (line.check_name, line.book, line.new_status) == ("emergency", f"proposal {asked}", "approved")
