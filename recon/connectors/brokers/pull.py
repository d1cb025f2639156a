"""Everything a broker says of our customers, read at one go: many customers at a time, each on its own.

A customer who cannot be read is named with the reason, and takes no other along. A list of customers that cannot be
read is another matter: then the broker is unreadable as a whole.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Flag, auto
from typing import Final

from recon.connectors.brokers.client import BrokerClient, BrokerUnreadable, Deposit
from recon.connectors.http import CallFailed

CUSTOMERS_AT_ONCE: Final = 8
"""Whoever is begun is read to the end, so that when time runs out the first customers are known in full."""


class Wanted(Flag):
    """What is asked of each customer."""

    CASH = auto()
    HOLDINGS = auto()
    DEPOSITS = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerStatement:
    """What one broker says. A customer in `unread` (with the reason) is in none of the others."""

    broker: str
    customers: tuple[str, ...]
    cash: Mapping[tuple[str, str], int] = field(default_factory=dict)  # (customer, currency) -> minor units
    holdings: Mapping[tuple[str, str], Decimal] = field(default_factory=dict)  # (customer, instrument) -> quantity
    deposits: Mapping[str, tuple[Deposit, ...]] = field(default_factory=dict)  # customer -> what reached the broker
    unread: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Account:
    customer: str
    cash: Mapping[str, int] = field(default_factory=dict)
    holdings: Mapping[str, Decimal] = field(default_factory=dict)
    deposits: tuple[Deposit, ...] = ()
    problem: str | None = None


def pull(broker: str, client: AbstractAsyncContextManager[BrokerClient], wanted: Wanted) -> BrokerStatement:
    """Ask for every customer the broker has. Raises BrokerUnreadable when their list cannot be read."""
    return asyncio.run(_pull(broker, client, wanted))


async def _pull(broker: str, connected: AbstractAsyncContextManager[BrokerClient], wanted: Wanted) -> BrokerStatement:
    async with connected as client:
        try:
            customers = await client.customers()
        except CallFailed as error:
            raise BrokerUnreadable(broker, str(error)) from None
        turn = asyncio.Semaphore(CUSTOMERS_AT_ONCE)
        accounts = await asyncio.gather(*(_account(broker, client, customer, wanted, turn) for customer in customers))
    return BrokerStatement(
        broker=broker,
        customers=tuple(sorted(customers)),
        cash={(a.customer, currency): amount for a in accounts for currency, amount in a.cash.items()},
        holdings={(a.customer, instrument): held for a in accounts for instrument, held in a.holdings.items()},
        deposits={a.customer: a.deposits for a in accounts if a.deposits},
        unread={a.customer: a.problem for a in accounts if a.problem},
    )


async def _account(
    broker: str, client: BrokerClient, customer: str, wanted: Wanted, turn: asyncio.Semaphore
) -> _Account:
    try:
        async with turn:
            return _Account(
                customer=customer,
                cash=await client.cash(customer) if Wanted.CASH in wanted else {},
                holdings=await client.holdings(customer) if Wanted.HOLDINGS in wanted else {},
                deposits=await client.deposits(customer) if Wanted.DEPOSITS in wanted else (),
            )
    except CallFailed as error:
        return _Account(customer=customer, problem=f"{broker} {error}.")
