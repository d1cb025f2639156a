"""`ledger replay`: proves the projections, or names what differs and puts it right."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text

from recon.model.ledger import AccountType
from tests.cli.conftest import Command
from tests.ledger.builders import Ledger

pytestmark = pytest.mark.usefixtures("stored")


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    made = Ledger(engine)
    made.transfer(made.open(AccountType.LIABILITY, overdraft=True), made.open(), "500.00")
    return made


def test_a_sound_ledger_is_proved(tieout: Command, ledger: Ledger) -> None:
    told = tieout("ledger", "replay")
    assert (told.status, told.stdout) == (
        0,
        "Events: 3. Accounts: 2. Journal entries: 1.\nAccounts, journal and balances are what the events say.\n",
    )


def test_a_balance_that_was_changed_is_told_and_put_right(tieout: Command, ledger: Ledger) -> None:
    with ledger.engine.begin() as conn:
        conn.execute(text("update account_balance set balance = balance + 1 where protected_side = 1"))
    told = tieout("ledger", "replay")
    assert told.status == 1
    assert "account_balance" in told.stdout
    asked = tieout("ledger", "replay", "--json")
    assert (asked.status, asked.document["is_proved"], len(asked.document["differences"])) == (1, False, 1)
    assert tieout("ledger", "replay", "--rebuild").status == 0
    assert tieout("ledger", "replay", "--json").document["is_proved"]
