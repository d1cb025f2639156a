"""ViewTrade keeps cash and units of the India book's customers: theirs against ours, as two checks."""

from __future__ import annotations

from checks.check import Category, Check, CheckBook, Judgement
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


LEDGER_CHECK = Check(
    line=CatalogueLine(
        name="viewtrade_ledger_recon",
        category=Category.EXTERNAL,
        books=(CheckBook.INDIA,),
        must_hold="ViewTrade has the cash of each customer that our ledger has.",
        guards_against="A fee, dividend or payment at the broker that never reached our books, or the other way round.",
        warns_when="Some customers could not be read; the others agree.",
        fails_when="A difference remains that no open flow explains.",
    ),
    gather=gather_cash,
    judge=judge_cash,
    asks=(Broker.VIEWTRADE, Wanted.CASH),
)

HOLDINGS_CHECK = Check(
    line=CatalogueLine(
        name="viewtrade_holdings_recon",
        category=Category.EXTERNAL,
        books=(CheckBook.INDIA,),
        must_hold="ViewTrade has the units of each instrument, customer by customer, that our books have.",
        guards_against="A purchase booked twice, a sale or a split the broker made and we never heard of.",
        warns_when="Some customers could not be read; the others agree.",
        fails_when="A difference remains that no trade of the last two days explains.",
    ),
    gather=gather_units(Broker.VIEWTRADE),
    judge=judge_units,
    asks=(Broker.VIEWTRADE, Wanted.HOLDINGS),
)
