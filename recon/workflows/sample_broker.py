"""What the sample company's brokers have: what our books say, but for some differences of the kind brokers bring.

A deposit on its way has reached GTN already, and a fee there is not in our books; nor are a bank's charge and a few
units at ViewTrade. ZAG agrees.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Final

from recon.connectors.brokers.client import Deposit
from recon.connectors.brokers.sample import SampleBooks
from recon.model.books import Broker
from recon.queries.broker_side import ARRIVES_WITHIN, CashKey, OurSide, UnitsKey

FEE: Final = 1_50
BANK_CHARGE: Final = 12_00
STRAY_UNITS: Final = Decimal("0.10")


def sample_books(ours: OurSide, broker: Broker) -> SampleBooks:
    """The broker's side. The same whenever it is asked, for the same books."""
    cash, units = dict(ours.cash), dict(ours.units)
    deposits: dict[str, tuple[Deposit, ...]] = {}
    match broker:
        case Broker.GTN:
            _receive_first(cash, ours)
            _take(cash, FEE)
        case Broker.ZAG:
            pass  # agrees to the gram
        case Broker.VIEWTRADE:
            deposits = _deposits(ours)
            _take(cash, BANK_CHARGE)
            _stray(units)
    return SampleBooks(customers=ours.customers, cash=cash, holdings=units, deposits=deposits)


def _receive_first(cash: dict[CashKey, int], ours: OurSide) -> None:
    """The first customer with money on its way has it."""
    for key in sorted(ours.open_flows)[:1]:
        cash[key] = cash.get(key, 0) + ours.open_flows[key][0]


def _take(cash: dict[CashKey, int], amount: int) -> None:
    """The last customer paid something we do not know of."""
    for key in sorted(cash)[-1:]:
        cash[key] -= amount


def _stray(units: dict[UnitsKey, Decimal]) -> None:
    for key in sorted(units)[-1:]:
        units[key] -= STRAY_UNITS


def _deposits(ours: OurSide) -> dict[str, tuple[Deposit, ...]]:
    """Remittances arrive the day after; the newest are still on their way, and the last one before came in short."""
    newest_on = max((sent.sent_on for sent in ours.remittances), default=None)
    arrived = [sent for sent in ours.remittances if newest_on is not None and sent.sent_on < newest_on - ARRIVES_WITHIN]
    found: dict[str, tuple[Deposit, ...]] = {}
    for sent in arrived:
        charge = BANK_CHARGE if sent is arrived[-1] else 0
        deposit = Deposit(
            ref=sent.ref,
            amount=sent.amount - charge,
            currency=sent.currency,
            received_on=sent.sent_on + timedelta(days=1),
        )
        found[sent.customer] = (*found.get(sent.customer, ()), deposit)
    return found
