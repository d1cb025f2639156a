"""The trial balance: every account on the side its balance is on; both sides must come to the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from recon.model.ledger import AccountBalance, Book, TrialBalance


def trial_balance(accounts: Iterable[AccountBalance]) -> tuple[TrialBalance, ...]:
    """One line for each book and currency that has an account, in their order."""
    balances: dict[tuple[Book, str], list[int]] = defaultdict(list)
    for account in accounts:
        balances[account.book, account.currency].append(account.balance)
    return tuple(
        TrialBalance(
            book=book,
            currency=currency,
            account_count=len(amounts),
            debit=sum(amount for amount in amounts if amount > 0),
            credit=-sum(amount for amount in amounts if amount < 0),
        )
        for (book, currency), amounts in sorted(balances.items())
    )
