"""A small ledger for tests: accounts by name, commands in a line, and everything the database holds as one text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Engine, text

from recon.model.ledger import (
    AccountOpened,
    AccountType,
    Book,
    LedgerEvent,
    OpenAccount,
    PostEntry,
    ReverseEntry,
    Transfer,
    WantedLine,
)
from recon.workflows.command_ledger import command_ledger

TODAY = date(2026, 3, 31)
TABLES = ("ledger_event", "account", "account_balance", "journal_entry", "journal_line")


@dataclass
class Ledger:
    """Commands to a real database; each gets a key of its own unless told one."""

    engine: Engine
    today: date = TODAY

    def open(
        self,
        type: AccountType = AccountType.USER,
        *,
        currency: str = "USD",
        book: Book = Book.UAE,
        overdraft: bool = False,
        **more: Any,
    ) -> UUID:
        command = OpenAccount(
            **{"key": uuid4().hex} | more, book=book, currency=currency, type=type, allows_overdraft=overdraft
        )
        fact = self.send(command).fact
        assert isinstance(fact, AccountOpened)
        return fact.account_id

    def transfer(self, source: UUID, destination: UUID, amount: str, currency: str = "USD", **more: Any) -> LedgerEvent:
        given = {"key": uuid4().hex, "amount": amount, "currency": currency} | more
        return self.send(Transfer(source_account_id=source, destination_account_id=destination, **given))

    def post(self, *lines: tuple[UUID, str, str], book: Book = Book.UAE, **more: Any) -> LedgerEvent:
        wanted = tuple(WantedLine(account_id=id_, amount=amount, currency=currency) for id_, amount, currency in lines)
        return self.send(PostEntry(**{"key": uuid4().hex} | more, book=book, lines=wanted))

    def reverse(self, entry_id: int, **more: Any) -> LedgerEvent:
        return self.send(ReverseEntry(**{"key": uuid4().hex} | more, entry_id=entry_id))

    def send(self, command: Any) -> LedgerEvent:
        return command_ledger(self.engine, command, actor="ana", today=self.today)

    def balance(self, account_id: UUID) -> int:
        with self.engine.connect() as conn:
            query = text("select balance from account_balance where account_id = :id")
            return int(conn.execute(query, {"id": account_id}).scalar_one())


def contents(engine: Engine) -> str:
    """Every row of the ledger's tables, byte for byte, as one fingerprint."""
    parts = ", ".join(f"(select md5(string_agg({t}::text, '|' order by {t}::text)) from {t})" for t in TABLES)  # noqa: S608
    with engine.connect() as conn:
        return str(conn.execute(text(f"select concat_ws('/', {parts})")).scalar_one())
