"""What the checks against brokers share: our figures beside the broker's, customer by customer.

A customer the broker could not tell us about is left out and named; the others are compared. What is on its way
explains a difference and is told apart, so that a deposit in transit does not turn the board red.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection

from checks.check import CheckStatus, Judgement, Scope, Subject, Variance, plural, rows
from recon.connectors.brokers import BrokerStatement
from recon.ledger.tie_out import Tied, tie_out
from recon.model.books import Broker
from recon.model.checks import EXAMINED

SETTLE_DAYS: Final = 2
"""A trade that young may not show at the broker yet."""

UNITS: Final = "units"

Key = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cash:
    """What the ledger has in a customer's wallet by the end of the day. Minor units."""

    customer: str
    account_id: UUID
    currency: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenFlow:
    """Money that left one side and has not come to the other. Minor units."""

    customer: str
    currency: str
    kind: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """Units into (plus) or out of what a customer holds with the broker; `is_young`: of the last two days."""

    customer: str
    instrument: str
    quantity: Decimal
    is_young: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CashFacts:
    statement: BrokerStatement
    cash: tuple[Cash, ...]
    flows: tuple[OpenFlow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitsFacts:
    statement: BrokerStatement
    movements: tuple[Movement, ...]


def gather_cash(conn: Connection, scope: Scope) -> CashFacts:
    """Wallets and open flows of the book, beside the statement."""
    return CashFacts(
        statement=stated(scope), cash=rows(conn, _CASH, scope, Cash), flows=rows(conn, OPEN_FLOWS, scope, OpenFlow)
    )


def gather_units(broker: Broker) -> Callable[[Connection, Scope], UnitsFacts]:
    """Movements of the book's holdings with that broker, beside the statement."""

    def gather(conn: Connection, scope: Scope) -> UnitsFacts:
        found = rows(conn, _MOVEMENTS, scope, Movement, broker=broker.value, days=SETTLE_DAYS)
        return UnitsFacts(statement=stated(scope), movements=found)

    return gather


def stated(scope: Scope) -> BrokerStatement:
    assert scope.statement is not None, "the runner asks the broker first"
    return scope.statement


def cash_variances(facts: CashFacts) -> list[Variance]:
    """The ledger's cash against the broker's. Either side may have booked an open flow first: it explains both ways."""
    on_the_way: dict[Key, list[int]] = defaultdict(list)
    for flow in facts.flows:
        on_the_way[flow.customer, flow.currency] += [flow.amount, -flow.amount]
    ours = {(cash.customer, cash.currency): cash.amount for cash in facts.cash}
    accounts = {(cash.customer, cash.currency): cash.account_id for cash in facts.cash}
    found = []
    for tied in tie_out(_read(facts.statement, ours), facts.statement.cash, on_the_way, nothing=0):
        if tied.difference:
            customer, currency = tied.key
            subject = Subject(account_id=accounts.get(tied.key), customer=customer, currency=currency)
            found.append(_variance(tied, facts.statement, subject, unit=currency))
    return found


def units_variances(facts: UnitsFacts) -> list[Variance]:
    """What customers hold by our books against what the broker says. A young trade may not show there yet."""
    ours: dict[Key, Decimal] = defaultdict(Decimal)
    on_the_way: dict[Key, list[Decimal]] = defaultdict(list)
    for movement in facts.movements:
        key = (movement.customer, movement.instrument)
        ours[key] += movement.quantity
        if movement.is_young:
            on_the_way[key].append(-movement.quantity)
    found = []
    for tied in tie_out(_read(facts.statement, ours), facts.statement.holdings, on_the_way, nothing=Decimal(0)):
        if tied.difference:
            subject = Subject(customer=tied.key[0], instrument=tied.key[1])
            found.append(_variance(tied, facts.statement, subject, unit=UNITS))
    return found


def customers_of(statement: BrokerStatement, ours: Iterable[Any]) -> set[str]:
    """Whom either side knows and who could be compared."""
    return ({row.customer for row in ours} | {*statement.customers}) - {*statement.unread}


def judge_external(
    statement: BrokerStatement, variances: Sequence[Variance], *, customers: set[str], sound: str, **metrics: Any
) -> Judgement:
    """Anything unexplained fails; customers who could not be read warn, and are an error when there was nobody else."""
    failing = sum(1 for variance in variances if variance.unexplained)
    if failing:
        status = CheckStatus.FAIL
    elif statement.unread:
        status = CheckStatus.WARN if customers else CheckStatus.ERROR
    else:
        status = CheckStatus.OK
    return Judgement(
        status=status,
        summary=_summary(statement, len(customers), failing, len(variances) - failing, sound),
        metrics={
            EXAMINED: len(customers),
            "broker": statement.broker,
            "broker_customer_count": len(statement.customers),
            "in_flight_count": len(variances) - failing,
            **metrics,
        },
        variances=tuple(variances),
        unread=statement.unread,
    )


def judge_cash(facts: CashFacts) -> Judgement:
    """Cash per customer and currency, over all that either side has."""
    return judge_external(
        facts.statement,
        cash_variances(facts),
        customers=customers_of(facts.statement, facts.cash),
        sound="cash agrees",
        wallet_count=len(facts.cash),
        open_flow_count=len(facts.flows),
    )


def judge_units(facts: UnitsFacts) -> Judgement:
    """Units per customer and instrument, over all that either side has."""
    return judge_external(
        facts.statement,
        units_variances(facts),
        customers=customers_of(facts.statement, facts.movements),
        sound="holdings agree",
        movement_count=len(facts.movements),
    )


def _summary(statement: BrokerStatement, examined: int, failing: int, in_flight: int, sound: str) -> str:
    unread = plural(len(statement.unread), "customer", "customers") + f" could not be read from {statement.broker}."
    if not examined:
        return (
            unread if statement.unread else f"Nothing was examined: neither we nor {statement.broker} have customers."
        )
    said = [plural(failing, "variance", "variances")] if failing else [] if in_flight else [sound]
    if in_flight:
        said.append(plural(in_flight, "difference is", "differences are") + " on the way")
    summary = f"{plural(examined, 'customer', 'customers')} compared with {statement.broker}: {', '.join(said)}."
    return f"{summary} {unread}" if statement.unread else summary


def _read(statement: BrokerStatement, ours: Mapping[Key, Any]) -> dict[Key, Any]:
    return {key: figure for key, figure in ours.items() if key[0] not in statement.unread}


def _variance(found: Tied[Key, Any], statement: BrokerStatement, subject: Subject, *, unit: str) -> Variance:
    note = None
    if found.key[0] not in statement.customers:
        note = f"{statement.broker} does not list this customer."
    elif not found.is_theirs:
        note = f"{statement.broker} has nothing of this for the customer."
    elif not found.is_ours:
        note = f"Only {statement.broker} has this; our books do not."
    return Variance(
        subject=subject, expected=found.ours, actual=found.theirs, explained=found.explained, unit=unit, note=note
    )


_CASH: Final = """
select c.external_ref as customer, w.account_id, w.currency, coalesce(sum(l.amount), 0) as amount
  from wallet w join customer c on c.id = w.customer_id
  left join journal_line l on l.account_id = w.account_id and l.booked_on <= :as_of
 where w.book = :book group by c.external_ref, w.account_id
"""

OPEN_FLOWS: Final = """
select c.external_ref as customer, f.currency, f.kind, f.amount
  from pending_flow f join customer c on c.id = f.customer_id
 where f.book = :book and (f.opened_at at time zone 'utc')::date <= :as_of
   and coalesce((coalesce(f.settled_at, f.failed_at) at time zone 'utc')::date > :as_of, true)
"""

_MOVEMENTS: Final = """
select c.external_ref as customer, m.instrument, m.quantity, m.moved_on > cast(:as_of as date) - :days as is_young
  from holding_movement m join customer c on c.id = m.customer_id
 where m.book = :book and m.broker = :broker and m.moved_on <= :as_of
"""
