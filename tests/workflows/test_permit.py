"""Every workflow that changes something asks first: whoever may only look is refused by all of them, and nothing is
changed."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, text

from recon.config import Settings
from recon.errors import NotAllowed
from recon.model.checks import Category, CheckBook
from recon.model.feed import NOTHING_DECIDED
from recon.model.ledger import AccountType, Book, OpenAccount
from recon.model.people import Person, PersonRole
from recon.model.rules import Rules
from recon.model.triage import Command, Move, Resolution, Seen
from recon.store.evidence import Evidence
from recon.workflows.cancel_run import cancel_run
from recon.workflows.checks_on_demand import AskedCheck, ChecksOnDemand, ask_for_checks
from recon.workflows.command_ledger import command_ledger
from recon.workflows.fetch_transactions import fetch_transactions
from recon.workflows.live_tie_outs import Comparison, LiveTieOuts, TieOutKind
from recon.workflows.manage_people import list_person
from recon.workflows.propose_resolution import propose_resolution
from recon.workflows.read_upload import StoredReading
from recon.workflows.receive_upload import receive_upload
from recon.workflows.resolve_discrepancies import resolve_discrepancies
from recon.workflows.save_mapping import accept_remap, forget_mapping, map_columns
from recon.workflows.save_rules import save_rules
from recon.workflows.send_alerts_again import send_alerts_again
from recon.workflows.submit_run import rerun, submit_run
from recon.workflows.take_in_file import take_in_file

Attempt = Callable[[Engine, Evidence], Any]

DISMISS = Command(move=Move.RESOLVE, resolution=Resolution.DISMISSED, action_key="k")
OPEN = OpenAccount(key="k", book=Book.UAE, currency="EUR", type=AccountType.USER)
NOTHING: Any = None
CHECK = AskedCheck(check_name="x", book=next(iter(CheckBook)), category=Category.INTERNAL)
STORED = StoredReading(upload=NOTHING, key="x", reading_id=1, preview=NOTHING)
SIDES = {"source_reading_id": 1, "reference_reading_id": 2}

ATTEMPTS: dict[str, Attempt] = {
    "upload": lambda engine, evidence: receive_upload(engine, evidence, io.BytesIO(b"x"), filename="x", actor="vic"),
    "run": lambda engine, evidence: submit_run(
        engine, evidence, reconciliation="x", rules=Rules(), actor="vic", **SIDES
    ),
    "rerun": lambda engine, evidence: rerun(engine, evidence, 1, actor="vic"),
    "cancel": lambda engine, _: cancel_run(engine, 1, actor="vic"),
    "rules": lambda engine, _: save_rules(engine, reconciliation="x", rules=Rules(), after=0, note="x", actor="vic"),
    "resolve": lambda engine, _: resolve_discrepancies(engine, DISMISS, [Seen(id=1, version=1)], actor="vic"),
    "propose": lambda engine, _: propose_resolution(engine, DISMISS, [Seen(id=1, version=1)], actor="vic"),
    "ledger": lambda engine, _: command_ledger(engine, OPEN, actor="vic", today=date(2026, 3, 2)),
    "alerts": lambda engine, _: send_alerts_again(engine, actor="vic"),
    "tie out": lambda engine, _: LiveTieOuts(engine, Settings(_env_file=None)).start(
        Comparison(kind=TieOutKind.LEDGER), actor="vic"
    ),
    "checks": lambda engine, _: ask_for_checks(engine, ChecksOnDemand(("/nowhere",)), [CHECK], actor="vic"),
    "fetch": lambda engine, evidence: fetch_transactions(engine, evidence, "ledger:x", actor="vic"),
    "take in": lambda engine, evidence: take_in_file(engine, evidence, STORED, feed="x", actor="vic"),
    "map": lambda engine, _: map_columns(engine, feed="x", columns=["a"], roles={}, actor="vic"),
    "remap": lambda engine, _: accept_remap(engine, feed="x", mapping=NOTHING_DECIDED, actor="vic"),
    "forget": lambda engine, _: forget_mapping(engine, feed="x", actor="vic"),
    "people": lambda engine, _: list_person(engine, Person(name="eve", role=PersonRole.ADMIN), actor="vic"),
}


@pytest.mark.parametrize("name", ATTEMPTS)
def test_who_may_only_look_is_refused(name: str, engine: Engine, evidence_url: str) -> None:
    list_person(engine, Person(name="vic", role=PersonRole.VIEWER), actor="ada")
    with engine.connect() as conn:
        before = conn.execute(text("select count(*) from audit_event")).scalar_one()
    with pytest.raises(NotAllowed, match="vic is listed as viewer and may not"):
        ATTEMPTS[name](engine, Evidence(evidence_url))
    with engine.connect() as conn:
        assert conn.execute(text("select count(*) from audit_event")).scalar_one() == before
