"""Name the two accounts that write-offs of a reconciliation and currency are posted to."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Engine, select

from recon.errors import SettlementRefused
from recon.model.ledger import Book
from recon.model.people import Action
from recon.model.settlement import WriteOffAccounts
from recon.store import audit, settlements, write_offs
from recon.store.ledger_tables import account
from recon.workflows.permit import permit


def name_write_off_accounts(
    engine: Engine, run_id: int, *, currency: str, book: Book, accounts: tuple[UUID, UUID], actor: str
) -> None:
    """The write-off account and its counter account, for what is written off from now on.

    Raises SettlementRefused unless they are two accounts of that book and currency.
    """
    with engine.begin() as conn:
        permit(conn, actor, Action.LEDGER)
        scope = settlements.lock_scope(conn, run_id)
        fits = (account.c.id.in_(accounts), account.c.book == book.value, account.c.currency == currency)
        if len(conn.execute(select(account.c.id).where(*fits)).all()) != 2:
            raise SettlementRefused(f"Choose two accounts of the book {book.value} in {currency}.")
        before = write_offs.accounts_of(conn, scope.reconciliation_id).get(currency)
        named = WriteOffAccounts(
            reconciliation_id=scope.reconciliation_id,
            currency=currency,
            book=book.value,
            account_id=accounts[0],
            counter_account_id=accounts[1],
        )
        write_offs.set_accounts(conn, named)
        detail = {"before": _told(before), "after": _told(named)}
        subject = f"reconciliation {scope.reconciliation_id}"
        audit.record(conn, actor=actor, action="write_off_accounts_named", subject=subject, detail=detail)


def _told(named: WriteOffAccounts | None) -> dict[str, str] | None:
    if named is None:
        return None
    return {
        "currency": named.currency,
        "book": named.book,
        "account": str(named.account_id),
        "counter_account": str(named.counter_account_id),
    }
