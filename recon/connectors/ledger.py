"""Transactions of the ledger's own accounts, so that one can be a side of a reconciliation.

One row an entry and account: what the entry moved the account by. Plus is into the account, as everywhere. An address
names the book, the accounts and the days:

    ledger:uae/Alice?from=2026-03-01&to=2026-03-31
    ledger:uae?account=Alice&account=Bob
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final
from urllib.parse import parse_qs, unquote

import pyarrow as pa
from sqlalchemy import Connection, Engine

from recon.connectors.fetched import Fetched
from recon.errors import TieoutError
from recon.model.account_period import LEDGER, AccountPeriod
from recon.model.books import Book
from recon.model.transactions import TRANSACTION_SCHEMA
from recon.store import account_periods
from recon.store.account_periods import Movement, NamedAccount

NAME: Final = LEDGER

KINDS: Final = {"TransferPosted": "transfer", "EntryPosted": "entry", "EntryReversed": "reversal"}
"""What a row's kind is where the entry's metadata does not say."""


class LedgerAddress(TieoutError):
    code = "LEDGER_ADDRESS"

    def __init__(self, address: str, problem: str) -> None:
        super().__init__(
            f"{NAME}:{address} cannot be followed: {problem} "
            f"Write it as {NAME}:uae/Account?from=2026-03-01&to=2026-03-31; the days may be left out."
        )


def period_of(address: str) -> AccountPeriod:
    """What an address says. Raises `LedgerAddress`."""
    place, _, query = address.partition("?")
    book, _, account = place.partition("/")
    said = parse_qs(query, keep_blank_values=True)
    if book not in tuple(Book):
        raise LedgerAddress(address, f"there is no book {book!r}.")
    if unknown := sorted(said.keys() - {"account", "from", "to"}):
        raise LedgerAddress(address, f"it says {unknown[0]}.")
    accounts = tuple(name for name in (unquote(account), *said.get("account", ())) if name)
    if not accounts:
        raise LedgerAddress(address, "it names no account.")
    first_on, last_on = _day(address, said.get("from")), _day(address, said.get("to"))
    if first_on and last_on and first_on > last_on:
        raise LedgerAddress(address, f"{first_on} is after {last_on}.")
    return AccountPeriod(book=Book(book), accounts=accounts, first_on=first_on, last_on=last_on)


def fetch(engine: Engine, address: str) -> Fetched:
    """The transactions of the address as of now, by day and entry. Raises `LedgerAddress`."""
    period = period_of(address)
    with engine.connect() as conn:
        accounts = {_account(conn, address, period.book, name) for name in period.accounts}
        ids = sorted(account.id for account in accounts)
        found = account_periods.movements(conn, ids, first_on=period.first_on, last_on=period.last_on)
    return Fetched(table=_table(found), name=_name(period, sorted(account.name for account in accounts)))


def _day(address: str, said: list[str] | None) -> date | None:
    if said is None:
        return None
    try:
        return date.fromisoformat(said[-1])
    except ValueError:
        raise LedgerAddress(address, f"{said[-1]!r} is no day.") from None


def _account(conn: Connection, address: str, book: Book, name: str) -> NamedAccount:
    match found := account_periods.named(conn, book, name):
        case [only]:
            return only
        case []:
            raise LedgerAddress(address, f"book {book} has no account {name!r}.")
        case _:
            raise LedgerAddress(address, f"{len(found)} accounts go by {name!r}; name the one you mean by its id.")


def _name(period: AccountPeriod, names: Sequence[str]) -> str:
    """What the rows go by where files have names."""
    accounts = names[0] if len(names) == 1 else f"{len(names)} accounts"
    accounts = accounts.replace("/", "-").replace("\\", "-")  # what follows them would be taken for the name
    first = f" from {period.first_on}" if period.first_on else ""
    last = f" to {period.last_on}" if period.last_on else ""
    return f"Ledger {period.book} {accounts}{first}{last}"


def _table(rows: Sequence[Movement]) -> pa.Table:
    columns: dict[str, list[Any]] = {
        "line": list(range(1, len(rows) + 1)),
        "txn_id": [row.source_txn_id for row in rows],
        "payment_ref": [_text(row.metadata, "payment_ref") for row in rows],
        "date": [row.booked_on for row in rows],
        "amount": [row.amount for row in rows],
        "currency": [row.currency for row in rows],
        "description": [_text(row.metadata, "description") for row in rows],
        "counterparty": [_text(row.metadata, "counterparty") or row.other for row in rows],
        "group_id": [_text(row.metadata, "group_id") for row in rows],
        "kind": [_text(row.metadata, "kind") or KINDS[row.kind] for row in rows],
    }
    nothing = [None] * len(rows)
    return pa.table({name: columns.get(name, nothing) for name in TRANSACTION_SCHEMA.names}, schema=TRANSACTION_SCHEMA)


def _text(metadata: Mapping[str, Any], name: str) -> str | None:
    """Metadata may hold anything; only a text is one."""
    said = metadata.get(name)
    return said if isinstance(said, str) and said else None
