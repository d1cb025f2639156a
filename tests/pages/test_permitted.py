"""What may be done on a page is drawn for everyone, and pressed by whoever may: each role, page and action.

A button is disabled with the reason for who may not; the workflow behind it would refuse them all the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import pytest
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

from recon.config import Settings
from recon.model.ledger import AccountType, Book, OpenAccount
from recon.model.people import Action, Person, PersonRole
from recon.store.evidence import Evidence
from recon.triage.permissions import MAY
from recon.ui.people.acting import KEY
from recon.workflows.command_ledger import command_ledger
from recon.workflows.manage_people import list_person
from tests.pages.conftest import Visit
from tests.workflows.bench import opened as opened_run


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What a page offers: the start of the element's key or its label, and what its workflow asks for."""

    name: str
    action: Action
    kind: str = "button"


PAGES: Final[dict[str, tuple[dict[str, str], tuple[Offer, ...]]]] = {
    "runs": ({"run": "1"}, (Offer(name="Run again", action=Action.RUN),)),
    "reconcile": (
        {},
        (
            Offer(name="Run", action=Action.RUN),
            Offer(name="Source file", action=Action.IMPORT, kind="file_uploader"),
        ),
    ),
    "triage": (
        {"run": "1", "d": "1"},
        (
            Offer(name="Resolve", action=Action.TRIAGE),
            Offer(name="Comment", action=Action.TRIAGE),
            Offer(name="Take it", action=Action.TRIAGE),
            Offer(name="Bring the edited sheet back", action=Action.TRIAGE, kind="file_uploader"),
        ),
    ),
    "ledger": (
        {},
        (
            Offer(name="Open account", action=Action.LEDGER),
            Offer(name="Transfer", action=Action.LEDGER),
            Offer(name="Post entry", action=Action.LEDGER),
        ),
    ),
    "workbench": ({"view": "Suggestions"}, (Offer(name="Reject", action=Action.MATCH),)),
    "rules": (
        {"for": "Bank vs ledger"},
        (Offer(name="Save as version 1", action=Action.RULES, kind="popover"),),
    ),
    "integrity": ({}, (Offer(name="Run all", action=Action.CHECKS),)),
    "settings": ({}, (Offer(name="List a person", action=Action.PEOPLE, kind="popover"),)),
}
"""Page -> how it is opened, and what it offers there."""

WAITS: Final = {"Run", "Reject", "Save as version 1", "Run all"}
"""Disabled for everyone until something else was done."""


@pytest.fixture
def staff(engine: Engine, settings: Settings) -> None:
    """A run, an account, and one person of each role, named like it."""
    opened_run(engine, Evidence(settings.evidence_location()))
    opened = OpenAccount(key="k", book=Book.UAE, currency="EUR", type=AccountType.USER)
    command_ledger(engine, opened, actor="admin", today=date(2026, 3, 2))
    for role in sorted(PersonRole):
        list_person(engine, Person(name=role.value, role=role), actor="admin")


def drawn(at: AppTest, offer: Offer) -> Any:
    """The element as the browser is told of it."""
    found = [getattr(element.proto, offer.kind, element.proto) for element in at.main if element.type == offer.kind]
    return next(proto for proto in found if proto.label == offer.name)


@pytest.mark.parametrize("page", PAGES)
def test_every_role_is_offered_what_it_may_do_and_told_why_not_the_rest(visit: Visit, staff: None, page: str) -> None:
    query, offers = PAGES[page]
    at = visit(page, **query)
    for role in PersonRole:
        at.session_state[KEY] = role.value
        at.run()
        assert not at.exception
        for offer in offers:
            proto = drawn(at, offer)
            if offer.action not in MAY[role]:
                assert proto.disabled, f"{role} is offered {offer.name}"
                told = proto.help or "".join(caption.value for caption in at.caption)
                assert f"{role.value} is listed as {role.value} and may not" in told.replace("\\", "")
            elif offer.name not in WAITS:
                assert not proto.disabled, f"{role} is not offered {offer.name}"
