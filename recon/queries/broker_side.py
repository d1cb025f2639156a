"""Our side of what brokers are asked about: customers with their cash, units, remittances, and what is on its way.

For the tie-outs a person asks for. The checks ask the tables themselves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from sqlalchemy import Engine, text

from recon.model.books import Book, Broker

CashKey = tuple[str, str]
"""Customer and currency."""

UnitsKey = tuple[str, str]
"""Customer and instrument."""

SETTLES_WITHIN: Final = timedelta(days=2)
"""A trade that young may not show at the broker yet."""

ARRIVES_WITHIN: Final = timedelta(days=3)
"""A remittance that young may not have reached the broker yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remittance:
    """One that was sent and has not come back by the day. `amount` in minor units."""

    customer: str
    ref: str
    currency: str
    amount: int
    sent_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class OurSide:
    """One book as of a day, as far as a broker is concerned."""

    customers: tuple[str, ...]
    names: Mapping[str, str]
    cash: Mapping[CashKey, int]  # minor units
    open_flows: Mapping[CashKey, tuple[int, ...]]  # amounts that left one side and have not come to the other
    units: Mapping[UnitsKey, Decimal]
    young_trades: Mapping[UnitsKey, tuple[Decimal, ...]]  # signed
    remittances: tuple[Remittance, ...]


def our_side(engine: Engine, *, book: Book, broker: Broker, as_of: date) -> OurSide:
    """What we say; all of it of one moment."""
    named = {"book": book.value, "broker": broker.value, "as_of": as_of, "young": as_of - SETTLES_WITHIN}
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as conn:
        customers = conn.execute(text(_CUSTOMERS), named).all()
        cash = conn.execute(text(_CASH), named).all()
        flows = conn.execute(text(_FLOWS), named).all()
        moved = conn.execute(text(_UNITS), named).all()
        sent = conn.execute(text(_REMITTANCES), named).all()
    units: dict[UnitsKey, Decimal] = defaultdict(Decimal)
    young: dict[UnitsKey, tuple[Decimal, ...]] = defaultdict(tuple)
    for row in moved:
        units[row.customer, row.instrument] += row.quantity
        if row.is_young:
            young[row.customer, row.instrument] += (row.quantity,)
    open_flows: dict[CashKey, tuple[int, ...]] = defaultdict(tuple)
    for row in flows:
        open_flows[row.customer, row.currency] += (row.amount,)
    return OurSide(
        customers=tuple(row.external_ref for row in customers),
        names={row.external_ref: row.name for row in customers},
        cash={(row.customer, row.currency): int(row.amount) for row in cash},
        open_flows=dict(open_flows),
        units=dict(units),
        young_trades=dict(young),
        remittances=tuple(Remittance(**row._mapping) for row in sent),
    )


def is_sample_book(engine: Engine, book: Book) -> bool:
    """Whether the book has customers, and every one of them is the sample company's."""
    with engine.connect() as conn:
        return bool(conn.execute(text(_IS_SAMPLE), {"book": book.value}).scalar_one())


_CUSTOMERS: Final = "select external_ref, name from customer where book = :book order by external_ref"

_CASH: Final = """
select c.external_ref as customer, w.currency, coalesce(sum(l.amount), 0) as amount
  from wallet w join customer c on c.id = w.customer_id
  left join journal_line l on l.account_id = w.account_id and l.booked_on <= :as_of
 where w.book = :book group by c.external_ref, w.currency
"""

_FLOWS: Final = """
select c.external_ref as customer, f.currency, f.amount
  from pending_flow f join customer c on c.id = f.customer_id
 where f.book = :book and (f.opened_at at time zone 'utc')::date <= :as_of
   and coalesce((coalesce(f.settled_at, f.failed_at) at time zone 'utc')::date > :as_of, true)
"""

_UNITS: Final = """
select c.external_ref as customer, m.instrument, m.quantity, m.moved_on > :young as is_young
  from holding_movement m join customer c on c.id = m.customer_id
 where m.book = :book and m.broker = :broker and m.moved_on <= :as_of
"""

_REMITTANCES: Final = """
select c.external_ref as customer, r.broker_ref as ref, r.currency, r.amount, r.sent_on
  from lrs_remittance r join customer c on c.id = r.customer_id
 where r.book = :book and r.broker = :broker and r.sent_on <= :as_of and coalesce(r.returned_on > :as_of, true)
 order by c.external_ref, r.broker_ref
"""

_IS_SAMPLE: Final = """
select count(*) > 0 and bool_and(e.command_key like 'sample customer %')
  from customer c join ledger_event e on e.id = c.event_id where c.book = :book
"""
