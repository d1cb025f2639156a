"""Writes of what the books keep beside the journal: how things stand, locked; and what a fact changes.

Rules it keeps: a command locks rows of one table before it reads, so that commands never wait for each other in a
circle; what two commands would both add is left to the unique indexes. Every function runs in its caller's transaction.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, assert_never
from uuid import UUID

from sqlalchemy import Connection, Table, and_, func, insert, literal, or_, select, update

from recon.model.books import (
    AddCustomer,
    Book,
    BooksCommand,
    BooksFact,
    BooksStanding,
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
    RemittanceState,
    ReturnRemittance,
    SendRemittance,
    SettleFlow,
    SnapshotTaken,
    TakeSnapshot,
    WalletOpened,
)
from recon.model.ledger import AccountState, LedgerEvent, Standing, origin_of
from recon.store.account_states import account_state
from recon.store.books_tables import (
    balance_snapshot,
    customer,
    holding,
    holding_movement,
    lrs_remittance,
    pending_flow,
    wallet,
)
from recon.store.ledger_tables import account, account_balance, journal_entry, journal_line


def standing(conn: Connection, command: BooksCommand, *, earlier: LedgerEvent | None) -> Standing:
    """Everything the command is decided on; what it changes is locked until the transaction ends."""
    match command:
        case AddCustomer():
            taken = _event_that_made(conn, customer, book=command.book, external_ref=command.external_ref)
            return Standing(earlier=earlier, taken_by=taken)
        case OpenWallet():
            return _for_wallet(conn, command, earlier)
        case MoveHolding() | OpenFlow():
            return _for_origin(conn, command, earlier)
        case SettleFlow() | FailFlow():
            flow = _flow(conn, command.flow_id)
            return Standing(earlier=earlier, books=BooksStanding(flow=flow, entry_book=_book(conn, command.entry_id)))
        case SendRemittance():
            taken = _id_of(conn, lrs_remittance, broker=command.broker, broker_ref=command.broker_ref)
            found = BooksStanding(
                customer=_customer(conn, command.customer_id), entry_book=_book(conn, command.entry_id)
            )
            return Standing(earlier=earlier, taken_by=taken, books=found)
        case ReturnRemittance():
            return Standing(earlier=earlier, books=BooksStanding(remittance=_remittance(conn, command.remittance_id)))
        case TakeSnapshot():
            return _for_snapshot(conn, command, earlier)
        case _:
            assert_never(command)


def project(conn: Connection, event_id: int, fact: BooksFact) -> None:
    """Write what the fact, which is event `event_id`, changes."""
    match fact:
        case HoldingMoved():
            conn.execute(insert(holding_movement).values(movement_row(event_id, fact)))
            _move_holding(conn, fact)
        case FlowSettled():
            _end_flow(conn, fact.flow_id, settled_at=fact.settled_at, entry_id=fact.entry_id)
        case FlowFailed():
            _end_flow(conn, fact.flow_id, failed_at=fact.failed_at, reason=fact.reason, entry_id=fact.entry_id)
        case RemittanceReturned():
            back = update(lrs_remittance).where(lrs_remittance.c.id == fact.remittance_id)
            _one(conn.execute(back.values(returned_on=fact.returned_on)).rowcount)
        case SnapshotTaken():
            _keep_snapshot(conn, event_id, fact)
        case CustomerAdded():
            conn.execute(insert(customer).values(customer_row(event_id, fact)))
        case WalletOpened():
            balance = select(account_balance.c.balance).where(account_balance.c.account_id == fact.account_id)
            row = wallet_row(event_id, fact, balance=0) | {"balance": balance.scalar_subquery()}
            conn.execute(insert(wallet).values(row))
        case FlowOpened():
            conn.execute(insert(pending_flow).values(flow_row(event_id, fact)))
        case RemittanceSent():
            conn.execute(insert(lrs_remittance).values(remittance_row(event_id, fact)))
        case _:
            assert_never(fact)


def customer_row(event_id: int, fact: CustomerAdded) -> dict[str, Any]:
    return {"id": fact.customer_id, "event_id": event_id} | _same(fact, "book", "external_ref", "name", "metadata")


def wallet_row(event_id: int, fact: WalletOpened, *, balance: int) -> dict[str, Any]:
    return {"event_id": event_id, "balance": balance} | _same(fact, "account_id", "customer_id", "book", "currency")


def movement_row(event_id: int, fact: HoldingMoved) -> dict[str, Any]:
    return {"id": event_id} | _same(fact, *fact.__slots__)


def flow_row(event_id: int, fact: FlowOpened) -> dict[str, Any]:
    ended = dict.fromkeys(("settled_at", "failed_at", "reason", "entry_id"))
    return {"id": event_id} | _same(fact, *fact.__slots__) | ended


def remittance_row(event_id: int, fact: RemittanceSent) -> dict[str, Any]:
    return {"id": event_id, "returned_on": None} | _same(fact, *fact.__slots__)


def snapshot_row(event_id: int, fact: SnapshotTaken) -> dict[str, Any]:
    return {"event_id": event_id} | _same(fact, "account_id", "book", "currency", "as_of", "balance")


def _same(fact: BooksFact, *names: str) -> dict[str, Any]:
    """Columns that are called what the fact calls them; its enums are texts already."""
    return {name: getattr(fact, name) for name in names}


def _for_wallet(conn: Connection, command: OpenWallet, earlier: LedgerEvent | None) -> Standing:
    accounts = _locked_account(conn, command.account_id)
    has_wallet = or_(wallet.c.account_id == command.account_id, *(_wallets_like(command, a) for a in accounts.values()))
    rows = conn.execute(select(wallet.c.account_id, wallet.c.customer_id).where(has_wallet)).all()
    found = _customer(conn, command.customer_id, has_wallet=any(r.customer_id == command.customer_id for r in rows))
    is_wallet = any(row.account_id == command.account_id for row in rows)
    return Standing(earlier=earlier, accounts=accounts, books=BooksStanding(customer=found, is_wallet=is_wallet))


def _wallets_like(command: OpenWallet, opened: AccountState) -> Any:
    return and_(wallet.c.customer_id == command.customer_id, wallet.c.currency == opened.currency)


def _for_origin(conn: Connection, command: MoveHolding | OpenFlow, earlier: LedgerEvent | None) -> Standing:
    quantity = _quantity(conn, command) if isinstance(command, MoveHolding) else Decimal(0)
    found = _customer(conn, command.customer_id)
    taken = None
    if found is not None:
        system, txn_id = origin_of(command)
        table = holding_movement if isinstance(command, MoveHolding) else pending_flow
        taken = _id_of(conn, table, book=found.book, source_system=system, source_txn_id=txn_id)
    return Standing(earlier=earlier, taken_by=taken, books=BooksStanding(customer=found, quantity=quantity))


def _for_snapshot(conn: Connection, command: TakeSnapshot, earlier: LedgerEvent | None) -> Standing:
    accounts = _locked_account(conn, command.account_id)
    of_account = journal_line.c.account_id == command.account_id
    total = select(func.coalesce(func.sum(journal_line.c.amount), 0))
    balance = conn.execute(total.where(of_account, journal_line.c.booked_on <= command.as_of)).scalar_one()
    taken = _event_that_made(conn, balance_snapshot, account_id=command.account_id, as_of=command.as_of)
    found = BooksStanding(balance_then=int(balance), has_snapshot=taken is not None)
    return Standing(earlier=earlier, accounts=accounts, books=found)


def _locked_account(conn: Connection, account_id: UUID) -> dict[UUID, AccountState]:
    row = conn.execute(
        select(account, account_balance.c.balance)
        .join_from(account, account_balance, account_balance.c.account_id == account.c.id)
        .where(account.c.id == account_id)
        .with_for_update(of=account_balance, key_share=True)
    ).one_or_none()
    return {} if row is None else {row.id: account_state(row)}


def _customer(conn: Connection, customer_id: UUID, *, has_wallet: bool = False) -> CustomerState | None:
    book = conn.execute(select(customer.c.book).where(customer.c.id == customer_id)).scalar_one_or_none()
    return None if book is None else CustomerState(id=customer_id, book=Book(book), has_wallet=has_wallet)


def _quantity(conn: Connection, command: MoveHolding) -> Decimal:
    held: Decimal | None = conn.execute(
        select(holding.c.quantity).where(_holding_of(command)).with_for_update(key_share=True)
    ).scalar_one_or_none()
    return held or Decimal(0)


def _holding_of(moved: MoveHolding | HoldingMoved) -> Any:
    columns = holding.c
    return and_(
        columns.customer_id == moved.customer_id,
        columns.broker == moved.broker,
        columns.instrument == moved.instrument,
    )


def _flow(conn: Connection, flow_id: int) -> FlowState | None:
    columns = pending_flow.c
    closed_at = func.coalesce(columns.settled_at, columns.failed_at).label("closed_at")
    query = select(columns.id, columns.book, columns.opened_at, closed_at).where(columns.id == flow_id)
    row = conn.execute(query.with_for_update(key_share=True)).one_or_none()
    if row is None:
        return None
    return FlowState(id=row.id, book=Book(row.book), opened_at=row.opened_at, closed_at=row.closed_at)


def _remittance(conn: Connection, remittance_id: int) -> RemittanceState | None:
    columns = lrs_remittance.c
    query = select(columns.id, columns.book, columns.sent_on, columns.returned_on).where(columns.id == remittance_id)
    row = conn.execute(query.with_for_update(key_share=True)).one_or_none()
    if row is None:
        return None
    return RemittanceState(id=row.id, book=Book(row.book), sent_on=row.sent_on, returned_on=row.returned_on)


def _book(conn: Connection, entry_id: int | None) -> Book | None:
    if entry_id is None:
        return None
    book = conn.execute(select(journal_entry.c.book).where(journal_entry.c.id == entry_id)).scalar_one_or_none()
    return None if book is None else Book(book)


def _id_of(conn: Connection, table: Table, **named: object) -> int | None:
    found: int | None = conn.execute(select(table.c.id).filter_by(**named)).scalar_one_or_none()
    return found


def _event_that_made(conn: Connection, table: Table, **named: object) -> int | None:
    found: int | None = conn.execute(select(table.c.event_id).filter_by(**named)).scalar_one_or_none()
    return found


def _move_holding(conn: Connection, fact: HoldingMoved) -> None:
    """The first movement adds the row: of two at once the second meets the key, and is decided again."""
    moved = update(holding).where(_holding_of(fact))
    moved = moved.values(
        quantity=holding.c.quantity + fact.quantity,
        allows_short=or_(holding.c.allows_short, literal(fact.allows_short)),
    )
    if conn.execute(moved).rowcount == 0:
        columns = ("customer_id", "broker", "instrument", "book", "quantity", "allows_short")
        conn.execute(insert(holding).values(_same(fact, *columns)))


def _end_flow(conn: Connection, flow_id: int, **ended: datetime | str | int | None) -> None:
    _one(conn.execute(update(pending_flow).where(pending_flow.c.id == flow_id).values(**ended)).rowcount)


def _keep_snapshot(conn: Connection, event_id: int, fact: SnapshotTaken) -> None:
    row = snapshot_row(event_id, fact)
    same_day = and_(balance_snapshot.c.account_id == fact.account_id, balance_snapshot.c.as_of == fact.as_of)
    if conn.execute(update(balance_snapshot).where(same_day).values(row)).rowcount == 0:
        conn.execute(insert(balance_snapshot).values(row))


def _one(count: int) -> None:
    assert count == 1, "the row was locked when the fact was decided"
