"""Where write-offs are posted, and which entries a decision posted."""

from __future__ import annotations

from sqlalchemy import (
    Connection,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from recon.model.settlement import WriteOffAccounts
from recon.store.settlement_tables import write_off_account, write_off_entry


def accounts_of(conn: Connection, reconciliation_id: int) -> dict[str, WriteOffAccounts]:
    """Currency -> where its write-offs are posted."""
    rows = conn.execute(select(write_off_account).where(write_off_account.c.reconciliation_id == reconciliation_id))
    return {row.currency: WriteOffAccounts(**row._mapping) for row in rows}


def set_accounts(conn: Connection, wanted: WriteOffAccounts) -> None:
    """Name the accounts of a reconciliation and currency, in the place of those named before."""
    values = {name: getattr(wanted, name) for name in WriteOffAccounts.__slots__}
    statement = upsert(write_off_account).values(values)
    changed = {name: statement.excluded[name] for name in ("book", "account_id", "counter_account_id")}
    conn.execute(statement.on_conflict_do_update(index_elements=["reconciliation_id", "currency"], set_=changed))


def keep_entry(conn: Connection, decision_id: int, *, currency: str, amount: int, entry_id: int) -> None:
    conn.execute(
        insert(write_off_entry).values(decision_id=decision_id, currency=currency, amount=amount, entry_id=entry_id)
    )


def entries_of(conn: Connection, decision_id: int) -> tuple[tuple[str, int], ...]:
    """(currency, entry) of the entries a decision posted and nothing has reversed."""
    e = write_off_entry.c
    query = select(e.currency, e.entry_id).where(e.decision_id == decision_id, e.reversal_id.is_(None))
    return tuple((row.currency, row.entry_id) for row in conn.execute(query.order_by(e.currency)))


def keep_reversal(conn: Connection, entry_id: int, reversal_id: int) -> None:
    this = write_off_entry.c.entry_id == entry_id
    conn.execute(update(write_off_entry).where(this).values(reversal_id=reversal_id))
