"""Accounts for write-offs, and what the ledger says of them, for tests of what is written off."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Engine, delete, func, select

from recon.model.ledger import AccountType, Book, OpenAccount
from recon.store.ledger_tables import account_balance, journal_line
from recon.store.write_off_tables import write_off, write_off_account
from recon.workflows.command_ledger import command_ledger
from recon.workflows.name_write_off_accounts import name_write_off_accounts

TODAY = datetime.now(UTC).date()


def account(engine: Engine, key: str, kind: AccountType, *, currency: str = "EUR") -> UUID:
    """Opened, or as it was opened before."""
    command = OpenAccount(key=key, book=Book.UAE, currency=currency, type=kind, allows_overdraft=True)
    found: UUID = command_ledger(engine, command, actor="ana", today=TODAY).fact.account_id  # type: ignore[union-attr]
    return found


def accounts(engine: Engine, *, currency: str = "EUR") -> tuple[UUID, UUID]:
    """Losses, and what they are taken from."""
    return (
        account(engine, f"losses {currency}", AccountType.EXPENSE, currency=currency),
        account(engine, f"receivable {currency}", AccountType.ASSET, currency=currency),
    )


def named_accounts(engine: Engine, run_id: int, *, currency: str = "EUR") -> tuple[UUID, UUID]:
    """The same, named for write-offs of the run's reconciliation."""
    both = accounts(engine, currency=currency)
    name_write_off_accounts(engine, run_id, currency=currency, book=Book.UAE, accounts=both, actor="ana")
    return both


def balance(engine: Engine, account_id: UUID) -> int:
    with engine.connect() as conn:
        query = select(account_balance.c.balance).where(account_balance.c.account_id == account_id)
        return int(conn.execute(query).scalar_one())


def ledger_sum(engine: Engine) -> int:
    """Of all lines; 0, or the books are wrong."""
    with engine.connect() as conn:
        return int(conn.execute(select(func.coalesce(func.sum(journal_line.c.amount), 0))).scalar_one())


def standing_sum(engine: Engine, *, currency: str = "EUR", is_posted: bool = True) -> int:
    """What stands written off or adjusted, with an entry posted for it or without one."""
    w = write_off.c
    has_entry = w.entry_id.is_not(None) if is_posted else w.entry_id.is_(None)
    with engine.connect() as conn:
        query = select(func.coalesce(func.sum(w.amount), 0)).where(
            w.taken_back_at.is_(None), w.currency == currency, w.booking == "posted", has_entry
        )
        return int(conn.execute(query).scalar_one())


def account_total(engine: Engine, both: tuple[UUID, UUID]) -> int:
    """The balance of the first; that of the second is its opposite."""
    losses, receivable = (balance(engine, one) for one in both)
    assert losses == -receivable
    return losses


def no_accounts(engine: Engine) -> None:
    """As if nobody had named any."""
    with engine.begin() as conn:
        conn.execute(delete(write_off_account))
