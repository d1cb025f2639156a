"""An account's row beside its balance's, as what commands are decided on."""

from __future__ import annotations

from typing import Any

from recon.model.ledger import AccountState, AccountType, Book


def account_state(row: Any) -> AccountState:
    """Of a row with the columns of `account` and the `balance`."""
    return AccountState(
        id=row.id,
        book=Book(row.book),
        currency=row.currency,
        type=AccountType(row.type),
        allows_overdraft=row.allows_overdraft,
        balance=int(row.balance),
    )
