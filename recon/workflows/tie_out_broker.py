"""Our books against a broker's, asked for by a person: what the checks ask on schedule, with every figure shown.

Read-only and live: nothing is stored, and rows that agree are there too. A customer the broker cannot tell us about is
named with the reason and left out of the rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Engine

from recon.config import Settings
from recon.connectors.brokers import BrokerStatement, Wanted
from recon.ledger.tie_out import Tied, tie_out
from recon.model.books import Book, Broker
from recon.model.checks import Quantity
from recon.queries.broker_side import ARRIVES_WITHIN, OurSide, our_side
from recon.workflows.ask_broker import NAMES, ask_broker

UNITS: Final = "units"


class Compared(StrEnum):
    CASH = "cash"
    HOLDINGS = "holdings"
    REMITTANCES = "remittances"


@dataclass(frozen=True, slots=True, kw_only=True)
class TieOutRow:
    """One figure on both sides. `unit` is a currency (figures in its minor units) or `units` of an instrument."""

    customer: str
    name: str | None  # None: the customer is not in our books
    compared: Compared
    item: str  # currency, instrument, or the broker's reference
    unit: str
    ours: Quantity
    theirs: Quantity
    explained: Quantity  # the part of the difference that is on its way

    @property
    def difference(self) -> Quantity:
        return self.theirs - self.ours

    @property
    def unexplained(self) -> Quantity:
        return self.difference - self.explained


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerTieOut:
    """What a customer's figures of one kind come to, currency by currency; units, instrument by instrument."""

    customer: str
    name: str | None
    compared: Compared
    of: str  # currency or instrument
    unit: str
    ours: Quantity
    theirs: Quantity
    explained: Quantity
    off_count: int  # rows with something unexplained; sums alone could cancel out

    @property
    def difference(self) -> Quantity:
        return self.theirs - self.ours


@dataclass(frozen=True, slots=True, kw_only=True)
class TieOutReport:
    """What a comparison came to. `unread`: customer -> why the broker could not be read for them."""

    broker: str
    book: Book
    as_of: date
    customer_count: int  # whom either side knows and who could be compared
    rows: tuple[TieOutRow, ...]
    unread: Mapping[str, str]

    @property
    def off_count(self) -> int:
        return sum(1 for row in self.rows if row.unexplained)

    def by_customer(self) -> tuple[CustomerTieOut, ...]:
        """One line for each customer, kind, and currency or instrument, in that order."""
        groups: dict[tuple[str, Compared, str], list[TieOutRow]] = {}
        for row in self.rows:
            of = row.item if row.compared is Compared.HOLDINGS else row.unit
            groups.setdefault((row.customer, row.compared, of), []).append(row)
        return tuple(_sum(of, rows) for (_, _, of), rows in sorted(groups.items(), key=lambda group: group[0]))


def ledger_tie_out(
    engine: Engine, settings: Settings, *, as_of: date, book: Book = Book.INDIA, broker: Broker = Broker.VIEWTRADE
) -> TieOutReport:
    """Per customer, the ledger's cash and what they hold against the broker's. Raises a TieoutError when it is away."""
    wanted = Wanted.CASH | Wanted.HOLDINGS
    return _compare(engine, settings, book, broker, as_of, wanted, lambda *sides: (*_cash(*sides), *_holdings(*sides)))


def holdings_tie_out(
    engine: Engine, settings: Settings, *, as_of: date, book: Book = Book.INDIA, broker: Broker = Broker.VIEWTRADE
) -> TieOutReport:
    """Per customer and instrument, the units of both sides. Raises a TieoutError when the broker is away."""
    return _compare(engine, settings, book, broker, as_of, Wanted.HOLDINGS, _holdings)


def lrs_tie_out(engine: Engine, settings: Settings, *, as_of: date) -> TieOutReport:
    """Per customer, remittances under India's scheme against ViewTrade's deposits. Raises a TieoutError as above."""
    return _compare(engine, settings, Book.INDIA, Broker.VIEWTRADE, as_of, Wanted.DEPOSITS, _remittances)


def _compare(
    engine: Engine, settings: Settings, book: Book, broker: Broker, as_of: date, wanted: Wanted, compared: Any
) -> TieOutReport:
    statement = ask_broker(engine, settings, broker, wanted, book=book, as_of=as_of)
    ours = our_side(engine, book=book, broker=broker, as_of=as_of)
    return TieOutReport(
        broker=NAMES[broker],
        book=book,
        as_of=as_of,
        customer_count=len({*ours.customers, *statement.customers} - {*statement.unread}),
        rows=tuple(sorted(compared(ours, statement, as_of), key=lambda row: (row.customer, row.compared, row.item))),
        unread=statement.unread,
    )


def _cash(ours: OurSide, statement: BrokerStatement, as_of: date) -> Iterable[TieOutRow]:
    flows = {key: [sign * flow for flow in found for sign in (1, -1)] for key, found in ours.open_flows.items()}
    tied = tie_out(_read(statement, ours.cash), statement.cash, flows, nothing=0)
    return (_row(ours, found, Compared.CASH, item=found.key[1], unit=found.key[1]) for found in tied)


def _holdings(ours: OurSide, statement: BrokerStatement, as_of: date) -> Iterable[TieOutRow]:
    young = {key: [-trade for trade in found] for key, found in ours.young_trades.items()}
    tied = tie_out(_read(statement, ours.units), statement.holdings, young, nothing=Decimal(0))
    return (_row(ours, found, Compared.HOLDINGS, item=found.key[1], unit=UNITS) for found in tied)


def _remittances(ours: OurSide, statement: BrokerStatement, as_of: date) -> Iterable[TieOutRow]:
    sent = {(r.customer, r.ref, r.currency): r.amount for r in ours.remittances}
    received = {
        (customer, deposit.ref, deposit.currency): deposit.amount
        for customer, deposits in statement.deposits.items()
        for deposit in deposits
    }
    on_the_way = {
        (r.customer, r.ref, r.currency): [-r.amount]
        for r in ours.remittances
        if r.sent_on > as_of - ARRIVES_WITHIN or r.amount in ours.open_flows.get((r.customer, r.currency), ())
    }
    tied = tie_out(_read(statement, sent), received, on_the_way, nothing=0)
    return (_row(ours, found, Compared.REMITTANCES, item=found.key[1], unit=found.key[2]) for found in tied)


def _read(statement: BrokerStatement, ours: Mapping[Any, Any]) -> dict[Any, Any]:
    return {key: figure for key, figure in ours.items() if key[0] not in statement.unread}


def _row(ours: OurSide, found: Tied[Any, Any], compared: Compared, *, item: str, unit: str) -> TieOutRow:
    return TieOutRow(
        customer=found.key[0],
        name=ours.names.get(found.key[0]),
        compared=compared,
        item=item,
        unit=unit,
        ours=found.ours,
        theirs=found.theirs,
        explained=found.explained,
    )


def _sum(of: str, rows: Sequence[TieOutRow]) -> CustomerTieOut:
    first = rows[0]
    return CustomerTieOut(
        customer=first.customer,
        name=first.name,
        compared=first.compared,
        of=of,
        unit=first.unit,
        ours=sum(row.ours for row in rows),
        theirs=sum(row.theirs for row in rows),
        explained=sum(row.explained for row in rows),
        off_count=sum(1 for row in rows if row.unexplained),
    )
