"""The trial balance of the ledger as of a day: a book and currency whose debits are not its credits is wrong."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Engine

from recon.ledger import trial_balance
from recon.model.ledger import Book, TrialBalance
from recon.queries.ledger import account_balances


def trial_balance_as_of(
    engine: Engine, *, book: Book | None = None, as_of: date | None = None
) -> tuple[TrialBalance, ...]:
    """A line for each book and currency that has an account; at the end of `as_of`, or now."""
    return trial_balance(account_balances(engine, book=book, as_of=as_of))
