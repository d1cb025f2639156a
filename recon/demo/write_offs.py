"""Where the sample company posts what it writes off: two accounts a currency, but for the rarer currencies."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import Engine

from recon.model.ledger import AccountOpened, AccountType, Book, OpenAccount
from recon.queries.write_offs import write_off_accounts
from recon.workflows.command_ledger import command_ledger
from recon.workflows.name_write_off_accounts import name_write_off_accounts

CURRENCIES: Final = ("EUR", "USD", "ZAR")
"""Of others nothing is posted before somebody names accounts: the Ledger page lists what waits."""

ACCOUNTS: Final = {"Write-offs": AccountType.EXPENSE, "Clearing": AccountType.ASSET}


def name_accounts(engine: Engine, run_id: int, *, actor: str, today: date) -> None:
    """For the run's reconciliation, unless somebody named others."""
    named = {one.currency for one in write_off_accounts(engine, run_id)}
    for currency in CURRENCIES:
        if currency not in named:
            losses, clearing = (_account(engine, name, currency, actor=actor, today=today) for name in ACCOUNTS)
            name_write_off_accounts(
                engine, run_id, currency=currency, book=Book.UAE, accounts=(losses, clearing), actor=actor
            )


def _account(engine: Engine, name: str, currency: str, *, actor: str, today: date) -> UUID:
    """Opened, or as it was opened before."""
    command = OpenAccount(
        key=f"sample {name} {currency}",
        book=Book.UAE,
        currency=currency,
        type=ACCOUNTS[name],
        allows_overdraft=True,
        metadata={"name": f"{name} {currency}"},
    )
    fact = command_ledger(engine, command, actor=actor, today=today).fact
    assert isinstance(fact, AccountOpened)
    return fact.account_id
