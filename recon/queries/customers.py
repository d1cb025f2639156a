"""Customers as a page reads them: one page of many with what they have, and one in full."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Engine, Select, Text, and_, cast, func, or_, select
from sqlalchemy.dialects.postgresql import JSONB

from recon.model.books import Book, Broker, FlowKind
from recon.store.books_tables import customer, holding, lrs_remittance, pending_flow, wallet

FLOWS_SHOWN = 50
"""Of a customer, the newest: flows and remittances are read to look back a while, not for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerFilter:
    """Which customers. `search`: text anywhere in name, reference or metadata. `has_open_flow`: money on its way."""

    book: Book | None = None
    search: str = ""
    has_open_flow: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRow:
    """A customer with what they have. `cash`: currency -> minor units, of their wallets."""

    id: UUID
    book: Book
    external_ref: str
    name: str
    cash: Mapping[str, int]
    holding_count: int
    open_flow_count: int
    oldest_flow_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wallet:
    account_id: UUID
    currency: str
    balance: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    instrument: str
    broker: Broker
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """Money that is or was on its way. The entry that books its end, where one does."""

    id: int
    kind: FlowKind
    amount: int
    currency: str
    opened_at: datetime
    settled_at: datetime | None
    failed_at: datetime | None
    reason: str | None
    entry_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remittance:
    id: int
    amount: int
    currency: str
    sent_on: date
    broker: Broker
    broker_ref: str
    returned_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerDetail:
    """Flows and remittances are the newest `FLOWS_SHOWN`, newest first."""

    id: UUID
    book: Book
    external_ref: str
    name: str
    metadata: Mapping[str, Any]
    wallets: tuple[Wallet, ...]
    holdings: tuple[Holding, ...]
    flows: tuple[Flow, ...]
    remittances: tuple[Remittance, ...]


def customer_count(engine: Engine, wanted: CustomerFilter) -> int:
    """How many customers fit."""
    with engine.connect() as conn:
        return conn.execute(select(func.count()).select_from(customer).where(*_conditions(wanted))).scalar_one()


def customer_page(engine: Engine, wanted: CustomerFilter, *, limit: int, offset: int) -> tuple[CustomerRow, ...]:
    """Some of the customers that fit, by name."""
    columns = [customer.c[name] for name in ("id", "book", "external_ref", "name")]
    query = select(*columns, *_of_each()).where(*_conditions(wanted))
    query = query.order_by(func.lower(customer.c.name), customer.c.event_id).limit(limit).offset(offset)
    with engine.connect() as conn:
        rows = map(dict, conn.execute(query).mappings())
        return tuple(CustomerRow(**row | {"book": Book(row["book"])}) for row in rows)


def customer_of(engine: Engine, *, book: str, external_ref: str) -> UUID | None:
    """The customer of a book whom other systems call so; None when there is none."""
    query = select(customer.c.id).where(customer.c.book == book, customer.c.external_ref == external_ref)
    with engine.connect() as conn:
        found: UUID | None = conn.execute(query).scalar_one_or_none()
        return found


def customer_detail(engine: Engine, customer_id: UUID) -> CustomerDetail | None:
    """One customer in full; None when there is none with this id."""
    with engine.connect() as conn:
        found = conn.execute(select(customer).where(customer.c.id == customer_id)).mappings().one_or_none()
        if found is None:
            return None
        return CustomerDetail(
            id=found["id"],
            book=Book(found["book"]),
            external_ref=found["external_ref"],
            name=found["name"],
            metadata=found["metadata"],
            wallets=_wallets(conn, customer_id),
            holdings=_holdings(conn, customer_id),
            flows=_flows(conn, customer_id),
            remittances=_remittances(conn, customer_id),
        )


def _conditions(wanted: CustomerFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.book is not None:
        conditions.append(customer.c.book == wanted.book)
    if search := wanted.search.strip():
        places = (customer.c.name, customer.c.external_ref, cast(customer.c.metadata, Text))
        conditions.append(or_(*(place.icontains(search, autoescape=True) for place in places)))
    if wanted.has_open_flow:
        conditions.append(select(pending_flow.c.id).where(_is_open_flow()).exists())
    return conditions


def _is_open_flow() -> ColumnElement[bool]:
    flow = pending_flow.c
    return and_(flow.customer_id == customer.c.id, flow.settled_at.is_(None), flow.failed_at.is_(None))


def _of_each() -> tuple[ColumnElement[Any], ...]:
    """What is looked up for each customer of the page."""

    def of(query: Select[Any], label: str) -> ColumnElement[Any]:
        return query.correlate(customer).scalar_subquery().label(label)

    cash = func.coalesce(func.jsonb_object_agg(wallet.c.currency, wallet.c.balance), cast({}, JSONB), type_=JSONB)
    return (
        of(select(cash).where(wallet.c.customer_id == customer.c.id), "cash"),
        of(
            select(func.count()).where(holding.c.customer_id == customer.c.id, holding.c.quantity != 0), "holding_count"
        ),
        of(select(func.count()).where(_is_open_flow()), "open_flow_count"),
        of(select(func.min(pending_flow.c.opened_at)).where(_is_open_flow()), "oldest_flow_at"),
    )


def _wallets(conn: Connection, customer_id: UUID) -> tuple[Wallet, ...]:
    query = select(wallet).where(wallet.c.customer_id == customer_id).order_by(wallet.c.currency)
    return tuple(
        Wallet(account_id=row.account_id, currency=row.currency, balance=int(row.balance))
        for row in conn.execute(query)
    )


def _holdings(conn: Connection, customer_id: UUID) -> tuple[Holding, ...]:
    query = select(holding).where(holding.c.customer_id == customer_id, holding.c.quantity != 0)
    return tuple(
        Holding(instrument=row.instrument, broker=Broker(row.broker), quantity=row.quantity)
        for row in conn.execute(query.order_by(holding.c.instrument, holding.c.broker))
    )


def _flows(conn: Connection, customer_id: UUID) -> tuple[Flow, ...]:
    columns = [pending_flow.c[name] for name in Flow.__dataclass_fields__]
    query = select(*columns).where(pending_flow.c.customer_id == customer_id)
    query = query.order_by(pending_flow.c.opened_at.desc(), pending_flow.c.id.desc()).limit(FLOWS_SHOWN)
    return tuple(Flow(**row | {"kind": FlowKind(row["kind"])}) for row in map(dict, conn.execute(query).mappings()))


def _remittances(conn: Connection, customer_id: UUID) -> tuple[Remittance, ...]:
    columns = [lrs_remittance.c[name] for name in Remittance.__dataclass_fields__]
    query = select(*columns).where(lrs_remittance.c.customer_id == customer_id)
    query = query.order_by(lrs_remittance.c.sent_on.desc(), lrs_remittance.c.id.desc()).limit(FLOWS_SHOWN)
    return tuple(
        Remittance(**row | {"broker": Broker(row["broker"])}) for row in map(dict, conn.execute(query).mappings())
    )
