"""Decide commands about customers, wallets, holdings, flows, remittances and snapshots. Pure, as `decide`.

Rules it keeps: all of a customer is in one book; a wallet per currency; a holding goes below zero only where that is
allowed; a flow ends once, after it began; a snapshot is of a day that is over; nothing happens in the future.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Final, assert_never
from uuid import UUID, uuid5

from recon.ledger.amounts import parse_amount
from recon.ledger.books_refusals import (
    CustomerTaken,
    CustomerUnknown,
    DayNotOver,
    FlowEnded,
    FlowTaken,
    FlowUnknown,
    HoldingShort,
    InTheFuture,
    MovementTaken,
    NotAUserAccount,
    NotPositive,
    OtherBook,
    QuantityZero,
    RemittanceBack,
    RemittanceElsewhere,
    RemittanceTaken,
    RemittanceUnknown,
    SnapshotExists,
    TooEarly,
    WalletExists,
    WalletTaken,
)
from recon.ledger.quantities import parse_quantity, plain
from recon.ledger.refusals import AccountUnknown, EntryUnknown
from recon.model.books import (
    AddCustomer,
    Book,
    BooksCommand,
    BooksFact,
    CustomerAdded,
    CustomerState,
    FailFlow,
    FlowFailed,
    FlowOpened,
    FlowSettled,
    FlowState,
    HoldingMoved,
    MoveHolding,
    OpenFlow,
    OpenWallet,
    RemittanceReturned,
    RemittanceSent,
    ReturnRemittance,
    SendRemittance,
    SettleFlow,
    SnapshotTaken,
    TakeSnapshot,
    WalletOpened,
)
from recon.model.ledger import AccountState, AccountType, Standing, origin_of

CUSTOMERS: Final = UUID("0b7d5a1e-95a3-4d0b-8d5e-2f1f5c7e9a44")
"""Namespace of customer ids: a customer's id follows from the key of the command that added it."""


def decide_books(command: BooksCommand, standing: Standing, *, today: date) -> BooksFact:
    """The fact that carries the command out; raises a refusal."""
    match command:
        case AddCustomer():
            return _add(command, standing)
        case OpenWallet():
            return _open_wallet(command, standing)
        case MoveHolding():
            return _move(command, standing, today)
        case OpenFlow():
            return _open_flow(command, standing, today)
        case SettleFlow():
            return _settle(command, standing, today)
        case FailFlow():
            return _fail(command, standing, today)
        case SendRemittance():
            return _send(command, standing, today)
        case ReturnRemittance():
            return _return(command, standing, today)
        case TakeSnapshot():
            return _snapshot(command, standing, today)
        case _:
            assert_never(command)


def _add(command: AddCustomer, standing: Standing) -> CustomerAdded:
    if standing.taken_by is not None:
        raise CustomerTaken(command.external_ref, book=command.book)
    return CustomerAdded(
        customer_id=uuid5(CUSTOMERS, command.key),
        book=command.book,
        external_ref=command.external_ref,
        name=command.name,
        metadata=dict(command.metadata),
    )


def _open_wallet(command: OpenWallet, standing: Standing) -> WalletOpened:
    customer = _customer(command.customer_id, standing)
    account = _account(command.account_id, standing)
    if account.book != customer.book:
        raise OtherBook(f"Account {account.id}", belongs=account.book, given=customer.book)
    if account.type is not AccountType.USER:
        raise NotAUserAccount(account.id, type=account.type)
    if standing.books.is_wallet:
        raise WalletTaken(account.id)
    if customer.has_wallet:
        raise WalletExists(customer.id, currency=account.currency)
    return WalletOpened(
        account_id=account.id,
        customer_id=customer.id,
        book=customer.book,
        currency=account.currency,
        metadata=dict(command.metadata),
    )


def _move(command: MoveHolding, standing: Standing, today: date) -> HoldingMoved:
    quantity = parse_quantity(command.quantity)
    if not quantity:
        raise QuantityZero
    customer = _customer(command.customer_id, standing)
    moved_on = _happened(command.moved_on or today, today)
    system, txn_id = origin_of(command)
    if standing.taken_by is not None:
        raise MovementTaken(system, txn_id, standing.taken_by)
    held = standing.books.quantity
    taken = quantity.copy_negate()
    if quantity < 0 and held < taken and not command.allows_short:
        raise HoldingShort(command.instrument, held=plain(held), moved=plain(taken))
    return HoldingMoved(
        customer_id=customer.id,
        book=customer.book,
        broker=command.broker,
        instrument=command.instrument,
        quantity=quantity,
        moved_on=moved_on,
        allows_short=command.allows_short,
        source_system=system,
        source_txn_id=txn_id,
        metadata=dict(command.metadata),
    )


def _open_flow(command: OpenFlow, standing: Standing, today: date) -> FlowOpened:
    amount = _positive(command.amount, command.currency)
    customer = _customer(command.customer_id, standing)
    _happened(_day(command.opened_at), today)
    system, txn_id = origin_of(command)
    if standing.taken_by is not None:
        raise FlowTaken(system, txn_id, standing.taken_by)
    return FlowOpened(
        customer_id=customer.id,
        book=customer.book,
        kind=command.kind,
        amount=amount,
        currency=command.currency,
        opened_at=command.opened_at,
        source_system=system,
        source_txn_id=txn_id,
        metadata=dict(command.metadata),
    )


def _settle(command: SettleFlow, standing: Standing, today: date) -> FlowSettled:
    flow = _flow_that_ends(command.flow_id, command.settled_at, standing, today)
    return FlowSettled(
        flow_id=flow.id,
        book=flow.book,
        settled_at=command.settled_at,
        entry_id=_entry(command.entry_id, flow.book, standing),
        metadata=dict(command.metadata),
    )


def _fail(command: FailFlow, standing: Standing, today: date) -> FlowFailed:
    flow = _flow_that_ends(command.flow_id, command.failed_at, standing, today)
    return FlowFailed(
        flow_id=flow.id,
        book=flow.book,
        failed_at=command.failed_at,
        reason=command.reason,
        entry_id=_entry(command.entry_id, flow.book, standing),
        metadata=dict(command.metadata),
    )


def _flow_that_ends(flow_id: int, at: datetime, standing: Standing, today: date) -> FlowState:
    flow = standing.books.flow
    if flow is None:
        raise FlowUnknown(flow_id)
    if flow.closed_at is not None:
        raise FlowEnded(flow.id, at=flow.closed_at)
    if at < flow.opened_at:
        raise TooEarly(at, began=flow.opened_at)
    _happened(_day(at), today)
    return flow


def _send(command: SendRemittance, standing: Standing, today: date) -> RemittanceSent:
    amount = _positive(command.amount, command.currency)
    customer = _customer(command.customer_id, standing)
    if customer.book is not Book.INDIA:
        raise RemittanceElsewhere(customer.book)
    if standing.taken_by is not None:
        raise RemittanceTaken(command.broker, command.broker_ref, standing.taken_by)
    return RemittanceSent(
        customer_id=customer.id,
        book=customer.book,
        amount=amount,
        currency=command.currency,
        sent_on=_happened(command.sent_on, today),
        broker=command.broker,
        broker_ref=command.broker_ref,
        entry_id=_entry(command.entry_id, customer.book, standing),
        metadata=dict(command.metadata),
    )


def _return(command: ReturnRemittance, standing: Standing, today: date) -> RemittanceReturned:
    remittance = standing.books.remittance
    if remittance is None:
        raise RemittanceUnknown(command.remittance_id)
    if remittance.returned_on is not None:
        raise RemittanceBack(remittance.id, returned_on=remittance.returned_on)
    if command.returned_on < remittance.sent_on:
        raise TooEarly(command.returned_on, began=remittance.sent_on)
    return RemittanceReturned(
        remittance_id=remittance.id,
        book=remittance.book,
        returned_on=_happened(command.returned_on, today),
        metadata=dict(command.metadata),
    )


def _snapshot(command: TakeSnapshot, standing: Standing, today: date) -> SnapshotTaken:
    if command.as_of >= today:
        raise DayNotOver(command.as_of)
    account = _account(command.account_id, standing)
    if standing.books.has_snapshot and not command.replaces:
        raise SnapshotExists(account.id, as_of=command.as_of)
    return SnapshotTaken(
        account_id=account.id,
        book=account.book,
        currency=account.currency,
        as_of=command.as_of,
        balance=standing.books.balance_then,
        metadata=dict(command.metadata),
    )


def _customer(customer_id: UUID, standing: Standing) -> CustomerState:
    if standing.books.customer is None:
        raise CustomerUnknown(customer_id)
    return standing.books.customer


def _account(account_id: UUID, standing: Standing) -> AccountState:
    try:
        return standing.accounts[account_id]
    except KeyError:
        raise AccountUnknown(account_id) from None


def _entry(entry_id: int | None, book: Book, standing: Standing) -> int | None:
    """The journal entry the command links to, which must be there, in the same book."""
    if entry_id is None:
        return None
    if standing.books.entry_book is None:
        raise EntryUnknown(entry_id)
    if standing.books.entry_book is not book:
        raise OtherBook(f"Entry {entry_id}", belongs=standing.books.entry_book, given=book)
    return entry_id


def _positive(amount: str, currency: str) -> int:
    minor = parse_amount(amount, currency)
    if minor <= 0:
        raise NotPositive(amount)
    return minor


def _happened(day: date, today: date) -> date:
    if day > today:
        raise InTheFuture(day)
    return day


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()
