"""Accounts as a page reads them: one page of many with their balances, what they come to, and one account over time.

A balance of a day is summed from journal lines; a balance of now is the one that is kept. Figures are signed as lines
are: debit plus, credit minus.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    Engine,
    Select,
    String,
    Subquery,
    Text,
    case,
    cast,
    func,
    or_,
    select,
    tuple_,
    union_all,
)

from recon.model.ledger import AccountType, Book
from recon.store.books_tables import customer, wallet
from recon.store.ledger_tables import account, account_balance, journal_line, ledger_event


class AccountSort(StrEnum):
    """What the accounts can be ordered by; ties in the order they were opened."""

    OPENED = "opened"
    NAME = "name"
    BOOK = "book"
    TYPE = "type"
    CURRENCY = "currency"
    BALANCE = "balance"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFilter:
    """Which accounts, and the end of which day (now, when None). `search`: text anywhere in id, name or metadata."""

    book: Book | None = None
    types: tuple[AccountType, ...] = ()
    currency: str | None = None
    search: str = ""
    as_of: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """An account with what people call it. `customer_id` when it is a customer's wallet."""

    id: UUID
    name: str
    book: Book
    currency: str
    type: AccountType
    allows_overdraft: bool
    balance: int
    customer_id: UUID | None
    opened_on: date
    metadata: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSum:
    """Accounts of one book, currency and type (None: of all types): how many, and what stands on either side."""

    book: Book
    currency: str
    type: AccountType | None
    account_count: int
    debit: int
    credit: int

    @property
    def net(self) -> int:
        return self.debit - self.credit


def account_page(
    engine: Engine,
    wanted: AccountFilter,
    *,
    sort: AccountSort = AccountSort.OPENED,
    is_descending: bool = False,
    limit: int,
    offset: int = 0,
) -> tuple[AccountRow, ...]:
    """Some of the accounts that fit."""
    by_balance = sort is AccountSort.BALANCE
    balances = _balances(wanted.as_of) if by_balance else None
    query = _accounts(wanted, None if balances is None else balances.c.balance)
    if balances is not None:
        query = query.outerjoin(balances, balances.c.account_id == account.c.id)
    order = func.coalesce(balances.c.balance, 0) if balances is not None else _ORDERS[sort]
    ties = account.c.event_id.desc() if is_descending else account.c.event_id
    query = query.order_by(order.desc() if is_descending else order, ties).limit(limit).offset(offset)
    with engine.connect() as conn:
        return tuple(_row(dict(row)) for row in conn.execute(query).mappings())


def account_row(engine: Engine, account_id: UUID, *, as_of: date | None = None) -> AccountRow | None:
    """One account; None when there is none with this id."""
    query = _accounts(AccountFilter(as_of=as_of), None).where(account.c.id == account_id)
    with engine.connect() as conn:
        found = conn.execute(query).mappings().one_or_none()
    return None if found is None else _row(dict(found))


def account_sums(engine: Engine, wanted: AccountFilter) -> tuple[AccountSum, ...]:
    """What the accounts that fit come to: for each book and currency a line a type, and one (type None) for all."""
    balances = _balances(wanted.as_of)
    balance = func.coalesce(balances.c.balance, 0)
    keys = account.c.book, account.c.currency
    query = (
        select(
            *keys,
            account.c.type,
            func.count().label("account_count"),
            func.sum(case((balance > 0, balance), else_=0)).label("debit"),
            func.sum(case((balance < 0, -balance), else_=0)).label("credit"),
        )
        .join_from(account, balances, balances.c.account_id == account.c.id, isouter=True)
        .where(*_conditions(wanted))
        .group_by(func.grouping_sets(tuple_(*keys, account.c.type), tuple_(*keys)))
        .order_by(*keys, account.c.type.nulls_last())
    )
    with engine.connect() as conn:
        return tuple(
            AccountSum(
                book=Book(row.book),
                currency=row.currency,
                type=row.type and AccountType(row.type),
                account_count=row.account_count,
                debit=int(row.debit),
                credit=int(row.credit),
            )
            for row in conn.execute(query)
        )


def names_of(engine: Engine, ids: Iterable[UUID]) -> Mapping[UUID, str]:
    """What people call these accounts and customers."""
    wanted = list(set(ids))
    accounts = select(account.c.id, _name().label("name")).where(account.c.id.in_(wanted))
    customers = select(customer.c.id, customer.c.name).where(customer.c.id.in_(wanted))
    with engine.connect() as conn:
        return {row.id: row.name for row in conn.execute(union_all(accounts, customers))}


def currencies(engine: Engine) -> tuple[str, ...]:
    """Every currency that an account holds."""
    with engine.connect() as conn:
        return tuple(conn.execute(select(account.c.currency).distinct().order_by(account.c.currency)).scalars())


def balance_history(engine: Engine, account_id: UUID, *, since: date, until: date) -> tuple[tuple[date, int], ...]:
    """The balance at the end of `since`, and of every later day to `until` on which a line changed it."""
    line = journal_line.c
    is_its = line.account_id == account_id
    before = select(func.coalesce(func.sum(line.amount), 0)).where(is_its, line.booked_on <= since)
    changes = (
        select(line.booked_on, func.sum(line.amount))
        .where(is_its, line.booked_on > since, line.booked_on <= until)
        .group_by(line.booked_on)
        .order_by(line.booked_on)
    )
    with engine.connect() as conn:
        balance = int(conn.execute(before).scalar_one())
        points = [(since, balance)]
        for day, change in conn.execute(changes):
            balance += int(change)
            points.append((day, balance))
    return tuple(points)


def _accounts(wanted: AccountFilter, balance: ColumnElement[Any] | None) -> Select[Any]:
    """The accounts that fit, with their balances: the given column, or looked up for each."""
    if balance is None:
        balance = _balance_of_each(wanted.as_of)
    return (
        select(
            *(account.c[name] for name in ("id", "book", "currency", "type", "allows_overdraft", "metadata")),
            _name().label("name"),
            select(wallet.c.customer_id)
            .where(wallet.c.account_id == account.c.id)
            .scalar_subquery()
            .label("customer_id"),
            func.coalesce(balance, 0).label("balance"),
            cast(func.timezone("UTC", ledger_event.c.at), Date).label("opened_on"),
        )
        .join_from(account, ledger_event, ledger_event.c.id == account.c.event_id)
        .where(*_conditions(wanted))
    )


def _row(row: dict[str, Any]) -> AccountRow:
    typed = {"book": Book(row["book"]), "type": AccountType(row["type"]), "balance": int(row["balance"])}
    return AccountRow(**row | typed)


def _conditions(wanted: AccountFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.book is not None:
        conditions.append(account.c.book == wanted.book)
    if wanted.types:
        conditions.append(account.c.type.in_(wanted.types))
    if wanted.currency is not None:
        conditions.append(account.c.currency == wanted.currency)
    if search := wanted.search.strip():
        places = (cast(account.c.id, String), cast(account.c.metadata, Text), _name())
        conditions.append(or_(*(place.icontains(search, autoescape=True) for place in places)))
    return conditions


def _balances(as_of: date | None) -> Subquery:
    """Of every account that has lines."""
    if as_of is None:
        return select(account_balance.c.account_id, account_balance.c.balance).subquery("balances")
    line = journal_line.c
    query = select(line.account_id, func.sum(line.amount).label("balance")).where(line.booked_on <= as_of)
    return query.group_by(line.account_id).subquery("balances")


def _balance_of_each(as_of: date | None) -> ColumnElement[Any]:
    if as_of is None:
        query = select(account_balance.c.balance).where(account_balance.c.account_id == account.c.id)
    else:
        line = journal_line.c
        query = select(func.sum(line.amount)).where(line.account_id == account.c.id, line.booked_on <= as_of)
    return query.correlate(account).scalar_subquery()


def _name() -> ColumnElement[str]:
    """Its own name, else that of the customer whose wallet it is, else the beginning of its id."""
    owner = (
        select(customer.c.name)
        .join_from(wallet, customer, customer.c.id == wallet.c.customer_id)
        .where(wallet.c.account_id == account.c.id)
        .correlate(account)
        .scalar_subquery()
    )
    return func.coalesce(account.c.metadata["name"].astext, owner, func.left(cast(account.c.id, String), 8))


_ORDERS: Final[Mapping[AccountSort, ColumnElement[Any]]] = {
    AccountSort.OPENED: account.c.event_id,
    AccountSort.NAME: func.lower(_name()),
    AccountSort.BOOK: account.c.book,
    AccountSort.TYPE: account.c.type,
    AccountSort.CURRENCY: account.c.currency,
}
