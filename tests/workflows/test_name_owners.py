"""Owners of a reconciliation: who may name them, who can be one, and whose its discrepancies are then."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine, select

from recon.errors import AssigneeUnknown, NameMissing, ReconciliationNotFound
from recon.model.people import Person, PersonRole
from recon.model.people_refusals import NotAllowed
from recon.queries.discrepancies import DiscrepancyFilter, Order, page, totals
from recon.queries.owners import owners_by_reconciliation, owners_of_run
from recon.queries.triage_desk import is_owner, open_counts
from recon.store.tables import audit_event
from recon.workflows.manage_people import list_person
from recon.workflows.name_owners import name_owners
from tests.builders import published_run
from tests.queries.test_triage_desk import assign, seen

NAME = "Bank vs ledger"


def events(engine: Engine) -> list[dict[str, object]]:
    with engine.connect() as conn:
        named = select(audit_event.c.detail).where(audit_event.c.action == "owners_named").order_by(audit_event.c.id)
        return list(conn.execute(named).scalars())


def test_owners_are_kept_in_order_and_every_change_is_on_record(engine: Engine) -> None:
    run_id = published_run(engine, name=NAME)
    assert name_owners(engine, reconciliation=NAME, owners=["zoe", " ivo ", "ivo"], actor="ada")
    assert not name_owners(engine, reconciliation=NAME, owners=["ivo", "zoe"], actor="ada")
    assert owners_of_run(engine, run_id) == ("ivo", "zoe")
    assert owners_by_reconciliation(engine) == {NAME: ("ivo", "zoe")}
    assert name_owners(engine, reconciliation=NAME, owners=[], actor="ada")
    assert owners_of_run(engine, run_id) == ()
    assert events(engine) == [
        {"before": [], "after": ["ivo", "zoe"]},
        {"before": ["ivo", "zoe"], "after": []},
    ]


def test_only_who_may_work_on_discrepancies_can_own_them(engine: Engine) -> None:
    published_run(engine, name=NAME)
    list_person(engine, Person(name="vic", role=PersonRole.VIEWER), actor="ada")
    list_person(engine, Person(name="ana", role=PersonRole.OPERATOR), actor="ada")
    for stranger in ("vic", "nobody listed"):
        with pytest.raises(AssigneeUnknown):
            name_owners(engine, reconciliation=NAME, owners=["ana", stranger], actor="ada")
    with pytest.raises(NotAllowed):
        name_owners(engine, reconciliation=NAME, owners=["ana"], actor="ana")
    assert owners_by_reconciliation(engine) == {}


def test_a_name_too_long_and_a_reconciliation_that_is_not_there_are_refused(engine: Engine) -> None:
    published_run(engine, name=NAME)
    with pytest.raises(NameMissing):
        name_owners(engine, reconciliation=NAME, owners=["x" * 81], actor="ada")
    with pytest.raises(ReconciliationNotFound):
        name_owners(engine, reconciliation="Another", owners=["ana"], actor="ada")


def test_what_nobody_is_assigned_to_is_its_owners(engine: Engine) -> None:
    run_id = published_run(engine, name=NAME)
    name_owners(engine, reconciliation=NAME, owners=["ivo"], actor="ada")
    rows = seen(engine, run_id)
    assign(engine, rows[:1], "ivo")
    assign(engine, rows[1:2], "mara")
    today = date(2026, 3, 31)
    total = len(rows)
    mine = {name: open_counts(engine, run_id, actor=name, today=today).mine for name in ("ivo", "mara", "ada")}
    assert mine == {"ivo": total - 1, "mara": 1, "ada": 0}
    assert [is_owner(engine, run_id, actor=name) for name in ("ivo", "mara")] == [True, False]
    wanted = DiscrepancyFilter(run_id=run_id, assignee="ivo", or_unassigned=True)
    assert len(page(engine, wanted, Order())) == sum(part.count for part in totals(engine, wanted)) == total - 1
