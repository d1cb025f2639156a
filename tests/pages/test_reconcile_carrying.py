"""Open items carried forward, as it is said on Reconcile."""

from __future__ import annotations

from sqlalchemy import Engine, insert
from streamlit.testing.v1 import AppTest

from recon.model.people import Person, PersonRole
from recon.model.transactions import Side
from recon.queries.carrying import carrying
from recon.store import tables
from recon.ui.people.acting import KEY
from recon.workflows.manage_people import list_person
from recon.workflows.save_carrying import CarryChange, save_carrying
from tests.pages.conftest import Visit
from tests.pages.shown import text

NAME = "Bank vs ledger"


def made(engine: Engine) -> None:
    with engine.begin() as conn:
        conn.execute(insert(tables.reconciliation).values(name=NAME, created_by="ana"))


def save(at: AppTest) -> AppTest:
    return at.button(key="carrying_save").click().run()


def toggle(at: AppTest) -> AppTest:
    next(one for one in at.toggle if one.label == "Carry open items forward").set_value(True)
    return at


def test_open_items_are_carried_once_it_is_saved(visit: Visit, engine: Engine) -> None:
    made(engine)
    at = toggle(visit("reconcile", name=NAME))
    next(one for one in at.text_input if one.label == "Holiday calendar").set_value("DE")
    next(one for one in at.number_input if one.label == "Source rows").set_value(2)
    at = save(at)
    assert not at.exception
    now = carrying(engine, NAME)
    assert (now.is_on, now.calendar, now.due_days) == (True, "DE", {Side.SOURCE: 2, Side.REFERENCE: None})
    assert at.toast[0].value == "Saved. The next run goes by it."


def test_a_new_name_is_made_with_what_is_saved_for_it(engine: Engine) -> None:
    """Without the page: its driver cannot type a name that is not among the choices."""
    assert carrying(engine, "Wallet").is_on
    save_carrying(engine, reconciliation="Wallet", change=CarryChange(is_on=False), actor="ana")
    assert not carrying(engine, "Wallet").is_on


def test_days_that_are_emptied_are_forgotten(visit: Visit, engine: Engine) -> None:
    save_carrying(engine, reconciliation=NAME, change=CarryChange(is_on=True, reference_due_days=3), actor="ana")
    at = visit("reconcile", name=NAME)
    days = next(one for one in at.number_input if one.label == "Reference rows")
    assert days.value == 3
    days.set_value(None)
    save(at)
    assert carrying(engine, NAME).due_days[Side.REFERENCE] is None
    assert carrying(engine, NAME).is_on


def test_a_calendar_nobody_knows_is_a_sentence_and_nothing_is_saved(visit: Visit, engine: Engine) -> None:
    made(engine)
    at = toggle(visit("reconcile", name=NAME))
    next(one for one in at.text_input if one.label == "Holiday calendar").set_value("Narnia")
    at = save(at)
    assert "is not a holiday calendar we know" in at.error[0].value
    assert not carrying(engine, NAME).is_on


def test_one_who_may_not_change_rules_cannot_save_and_is_told_why(visit: Visit, engine: Engine) -> None:
    made(engine)
    list_person(engine, Person(name="vic", role=PersonRole.VIEWER), actor="operator")
    at = visit("reconcile", name=NAME)
    at.session_state[KEY] = "vic"
    button = next(one for one in at.run().button if one.key == "carrying_save")
    assert button.disabled
    assert "vic" in button.help


def test_without_a_name_it_says_what_comes_first(visit: Visit) -> None:
    at = visit("reconcile")
    assert "Name the reconciliation first: this is kept with it." in text(at)
    assert not any(one.key == "carrying_save" for one in at.button)
