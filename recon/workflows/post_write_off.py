"""Post what a decision writes off in the ledger, and reverse it when the decision is taken back.

The entry and the decision name each other. In the caller's transaction: both are there, or neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import Connection

from recon.ledger import check, decide, posting_of
from recon.model.ledger import Book, PostEntry, ReverseEntry, WantedLine, fingerprint
from recon.model.settlement import WriteOffAccounts
from recon.money import to_text
from recon.store import ledger, write_offs


def post_write_off(
    conn: Connection,
    reconciliation_id: int,
    decision_id: int,
    amounts: Mapping[str, int],
    *,
    reason_code: str,
    actor: str,
    today: date,
) -> tuple[tuple[int, ...], bool]:
    """The entries posted, and whether any currency has no accounts named. Raises a `LedgerRefusal`.

    A difference above 0 (the source has more) is a debit of the write-off account; below 0 it is a credit.
    """
    accounts = write_offs.accounts_of(conn, reconciliation_id)
    entries = []
    for currency, amount in sorted(amounts.items()):
        if currency in accounts:
            entry_id = _post(
                conn, accounts[currency], decision_id, amount, reason_code=reason_code, actor=actor, today=today
            )
            write_offs.keep_entry(conn, decision_id, currency=currency, amount=amount, entry_id=entry_id)
            entries.append(entry_id)
    return tuple(entries), bool(amounts.keys() - accounts.keys())


def reverse_write_off(conn: Connection, decision_id: int, *, actor: str, today: date) -> tuple[int, ...]:
    """The entries that reverse what the decision posted. Raises a `LedgerRefusal`."""
    reversals = []
    for _, entry_id in write_offs.entries_of(conn, decision_id):
        command = ReverseEntry(
            key=f"write-off-{entry_id}-reversed", entry_id=entry_id, metadata={"decision_id": decision_id}
        )
        reversal_id = _carry_out(conn, command, actor=actor, today=today)
        write_offs.keep_reversal(conn, entry_id, reversal_id)
        reversals.append(reversal_id)
    return tuple(reversals)


def _post(
    conn: Connection,
    accounts: WriteOffAccounts,
    decision_id: int,
    amount: int,
    *,
    reason_code: str,
    actor: str,
    today: date,
) -> int:
    currency = accounts.currency
    lines = tuple(
        WantedLine(account_id=account_id, amount=to_text(part, currency), currency=currency)
        for account_id, part in ((accounts.account_id, amount), (accounts.counter_account_id, -amount))
    )
    command = PostEntry(
        key=f"write-off-{decision_id}-{currency}",
        book=Book(accounts.book),
        lines=lines,
        source_txn_id=f"decision {decision_id} {currency}",
        metadata={"decision_id": decision_id, "reason_code": reason_code},
    )
    return _carry_out(conn, command, actor=actor, today=today)


def _carry_out(conn: Connection, command: PostEntry | ReverseEntry, *, actor: str, today: date) -> int:
    check(command)
    fact = decide(command, ledger.standing(conn, command), today=today)
    said = fingerprint(command)
    return ledger.append(conn, fact, posting_of(fact), key=command.key, fingerprint=said, actor=actor).id
