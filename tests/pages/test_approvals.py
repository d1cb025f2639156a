"""Whatever can be proposed is shown as what it would do: its rows, its entry, its rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Engine, select

from recon.config import Settings
from recon.model.ledger import AccountOpened, AccountType, Book, OpenAccount, PostEntry, WantedLine
from recon.model.rules import Rules
from recon.model.settlement import SettleMove
from recon.model.triage import Resolution
from recon.store.evidence import Evidence
from recon.store.tables import discrepancy, reconciliation
from recon.workflows.command_ledger import command_ledger
from recon.workflows.propose_confirmation import propose_confirmation
from recon.workflows.propose_posting import propose_posting
from recon.workflows.propose_rules import propose_rules
from recon.workflows.propose_settlement import propose_settlement
from recon.workflows.propose_unmatch import propose_unmatch
from tests.pages.conftest import Visit
from tests.pages.shown import text
from tests.workflows.bench import ask, opened

DAY = date(2026, 3, 2)


@pytest.fixture
def evidence(settings: Settings) -> Evidence:
    return Evidence(settings.evidence_location())


def entry(engine: Engine) -> PostEntry:
    """Rent of 9.00, from one account to another."""
    ids = []
    for key in ("Rent", "Bank"):
        wanted = OpenAccount(
            key=key,
            book=Book.UAE,
            currency="EUR",
            type=AccountType.EQUITY,
            allows_overdraft=True,
            metadata={"name": key},
        )
        fact = command_ledger(engine, wanted, actor="operator", today=DAY).fact
        assert isinstance(fact, AccountOpened)
        ids.append(fact.account_id)
    sides = zip(ids, ("9.00", "-9.00"), strict=True)
    lines = tuple(WantedLine(account_id=id_, amount=amount, currency="EUR") for id_, amount in sides)
    return PostEntry(key="e", book=Book.UAE, lines=lines, booked_on=DAY, metadata={"description": "Rent of March"})


def test_whatever_is_proposed_is_shown_as_what_it_would_do(visit: Visit, engine: Engine, evidence: Evidence) -> None:
    run_id = opened(engine, evidence)
    with engine.connect() as conn:
        name = conn.execute(select(reconciliation.c.name)).scalar_one()
        suggested = conn.execute(select(discrepancy.c.id).where(discrepancy.c.kind == "suggestion")).scalars().all()
    settled = ask(engine, run_id, SettleMove.MATCH, source=[3], reference=[3], reason_code=Resolution.FEE)
    wanted = replace(Rules(), days_after=5)
    numbers = {
        propose_settlement(engine, settled, actor="ana"): (
            "Write off 2\\.00 EUR",
            "2 rows of run 1 are matched; **2\\.00 EUR** is written off as **Fee somebody kept**",
            "no accounts are named",
        ),
        propose_confirmation(engine, run_id, suggested, actor="ana", action_key="c"): (
            "Confirm 100\\.00 EUR",
            "1 suggestion confirmed: the rows of each are matched",
        ),
        propose_unmatch(
            engine, evidence, run_id, source_line=2, reference_line=2, reason="Two orders.", actor="ana", action_key="u"
        ): ("Take apart 10\\.00 EUR", "Two orders\\.", "2 rows of run 1 open again, and never paired with each other"),
        propose_posting(engine, entry(engine), actor="ana", today=DAY): (
            "Post 9\\.00 EUR",
            "Rent of March",
            "An entry in UAE, booked 2 Mar 2026",
        ),
        propose_rules(
            engine, reconciliation=name, wanted=wanted, after=0, note="Later.", actor="ana", action_key="r"
        ): ("Save rules\\: version 1 of", "They are its first rules"),
    }
    at = visit("approvals")
    for number, sentences in numbers.items():
        at.query_params["proposal"] = str(number)
        at.run()
        assert not at.exception
        for sentence in sentences:
            assert sentence in text(at)
    assert list(at.dataframe[0].value["By"]) == ["ana"] * len(numbers)
