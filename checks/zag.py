"""ZAG keeps units of the UAE book's customers: theirs against ours."""

from __future__ import annotations

from checks.check import Category, Check, CheckBook
from checks.external import gather_units, judge_units
from recon.connectors.brokers import Wanted
from recon.model.books import Broker
from recon.model.checks import CatalogueLine

CHECK = Check(
    line=CatalogueLine(
        name="zag_holdings_recon",
        category=Category.EXTERNAL,
        books=(CheckBook.UAE,),
        must_hold="ZAG has the units of each instrument, customer by customer, that our books have.",
        guards_against="A purchase booked twice, a sale or a split the broker made and we never heard of.",
        warns_when="Some customers could not be read; the others agree.",
        fails_when="A difference remains that no trade of the last two days explains.",
    ),
    gather=gather_units(Broker.ZAG),
    judge=judge_units,
    asks=(Broker.ZAG, Wanted.HOLDINGS),
)
