"""GTN keeps the cash of the UAE book's customers, and what some of them hold: both against our ledger."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from checks.check import Category, Check, CheckBook, Judgement, Scope
from checks.external import (
    CashFacts,
    UnitsFacts,
    cash_variances,
    customers_of,
    gather_cash,
    gather_units,
    judge_external,
    units_variances,
)
from recon.connectors.brokers import Wanted
from recon.model.books import Broker
from recon.model.checks import CatalogueLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    cash: CashFacts
    units: UnitsFacts


def gather(conn: Connection, scope: Scope) -> Facts:
    return Facts(cash=gather_cash(conn, scope), units=gather_units(Broker.GTN)(conn, scope))


def judge(facts: Facts) -> Judgement:
    """Cash per customer and currency, units per customer and instrument, over all that either side has."""
    statement = facts.cash.statement
    return judge_external(
        statement,
        [*cash_variances(facts.cash), *units_variances(facts.units)],
        customers=customers_of(statement, (*facts.cash.cash, *facts.units.movements)),
        sound="cash and holdings agree",
        wallet_count=len(facts.cash.cash),
        open_flow_count=len(facts.cash.flows),
    )


CHECK = Check(
    line=CatalogueLine(
        name="gtn_ledger_recon",
        category=Category.EXTERNAL,
        books=(CheckBook.UAE,),
        must_hold="GTN has the cash and the units of each customer that our ledger has.",
        guards_against="A trade, fee or payment at the broker that never reached our books, or the other way round.",
        warns_when="Some customers could not be read; the others agree.",
        fails_when="A difference remains that no open flow, and no trade of the last two days, explains.",
    ),
    gather=gather,
    judge=judge,
    asks=(Broker.GTN, Wanted.CASH | Wanted.HOLDINGS),
)
