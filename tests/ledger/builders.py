"""A small ledger for tests: accounts by name, commands in a line, and everything the database holds as one text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Engine, text

from recon.model.books import (
    AddCustomer,
    Broker,
    CustomerAdded,
    FailFlow,
    FlowKind,
    MoveHolding,
    OpenFlow,
    OpenWallet,
    SendRemittance,
    SettleFlow,
    TakeSnapshot,
)
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
YESTERDAY = TODAY - timedelta(days=1)
OPENED = datetime(2026, 3, 30, 9, 15, tzinfo=UTC)
SETTLED = datetime(2026, 3, 31, 11, 0, tzinfo=UTC)
TABLES = (
    *("ledger_event", "account", "account_balance", "journal_entry", "journal_line", "customer", "wallet"),
    *("holding_movement", "holding", "pending_flow", "lrs_remittance", "balance_snapshot"),
)


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

    def customer(self, ref: str = "C-1", *, book: Book = Book.UAE, **more: Any) -> UUID:
        command = AddCustomer(**{"key": uuid4().hex} | more, book=book, external_ref=ref, name=f"Customer {ref}")
        fact = self.send(command).fact
        assert isinstance(fact, CustomerAdded)
        return fact.customer_id

    def wallet(self, customer_id: UUID, *, currency: str = "USD", book: Book = Book.UAE) -> UUID:
        """The account of a new wallet."""
        account = self.open(currency=currency, book=book)
        self.send(OpenWallet(key=uuid4().hex, customer_id=customer_id, account_id=account))
        return account

    def hold(self, customer_id: UUID, instrument: str, quantity: str, **more: Any) -> LedgerEvent:
        given = {"key": uuid4().hex, "broker": Broker.GTN} | more
        return self.send(MoveHolding(customer_id=customer_id, instrument=instrument, quantity=quantity, **given))

    def flow(self, customer_id: UUID, amount: str = "10.00", **more: Any) -> LedgerEvent:
        given = {"key": uuid4().hex, "kind": FlowKind.DEPOSIT, "currency": "USD", "opened_at": OPENED} | more
        return self.send(OpenFlow(customer_id=customer_id, amount=amount, **given))

    def settle(self, flow_id: int, **more: Any) -> LedgerEvent:
        return self.send(SettleFlow(**{"key": uuid4().hex, "settled_at": SETTLED} | more, flow_id=flow_id))

    def fail(self, flow_id: int, **more: Any) -> LedgerEvent:
        given = {"key": uuid4().hex, "failed_at": SETTLED, "reason": "Refused by the bank"} | more
        return self.send(FailFlow(flow_id=flow_id, **given))

    def remit(self, customer_id: UUID, amount: str = "100.00", **more: Any) -> LedgerEvent:
        given = {"key": uuid4().hex, "currency": "USD", "sent_on": TODAY, "broker": Broker.VIEWTRADE}
        given |= {"broker_ref": uuid4().hex} | more
        return self.send(SendRemittance(customer_id=customer_id, amount=amount, **given))

    def snapshot(self, account_id: UUID, as_of: date = YESTERDAY, **more: Any) -> LedgerEvent:
        return self.send(TakeSnapshot(**{"key": uuid4().hex} | more, account_id=account_id, as_of=as_of))

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
