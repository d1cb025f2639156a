"""ViewTrade keeps cash and units of the India book's customers: theirs against ours, as two checks."""

from __future__ import annotations

from checks.check import Category, Check, CheckBook
from checks.external import gather_cash, gather_units, judge_cash, judge_units
from recon.connectors.brokers import Wanted
from recon.model.books import Broker
from recon.model.checks import CatalogueLine

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
