"""One broker's API, asked over HTTPS.

All brokers are asked through the same plain API; what differs is address and token. Every answer is a JSON object:

    GET /v1/customers                   {"customers": ["C-1", "C-2"], "total_count": 2, "next_cursor": null}
    GET /v1/customers/C-1/cash          {"balances": [{"currency": "USD", "amount": "12.50"}],
                                         "total_count": 1, "next_cursor": null}
    GET /v1/customers/C-1/holdings      {"holdings": [{"instrument": "AAPL", "quantity": "1.25"}], ...}
    GET /v1/customers/C-1/deposits      {"deposits": [{"ref": "LRS-7", "amount": "100.00", "currency": "USD",
                                                       "received_on": "2026-03-31"}], ...}

A list comes in pages: `next_cursor` of one is given back as `?cursor=` to get the next, and is null on the last.
`total_count` is the length of the whole list; it is how a missing page, a repeated one and a list that changed while we
read it are noticed. Amounts are decimals in major units, as strings or numbers; what we call a customer is the
`external_ref` of ours. A list that is not whole is an error, never a short list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import TracebackType
from typing import Any, Final, Protocol, Self, TypeVar
from urllib.parse import quote

from recon.connectors.brokers import read
from recon.connectors.http import CallFailed, JsonApi
from recon.errors import TieoutError

PAGES_LIMIT: Final = 10_000

Item = TypeVar("Item")


class BrokerUnreadable(TieoutError):
    """The broker as a whole could not be read."""

    code = "BROKER_UNREADABLE"

    def __init__(self, broker: str, why: str) -> None:
        super().__init__(f"{broker} {why}. Nothing was compared. Try again later, or ask {broker}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposit:
    """Money of a customer that reached the broker. `amount` in minor units; `ref` is what the broker calls it."""

    ref: str
    amount: int
    currency: str
    received_on: date


class BrokerClient(Protocol):
    """What we want to know of a broker. A method that cannot tell all of it raises CallFailed with the reason."""

    async def customers(self) -> tuple[str, ...]:
        """Every customer of ours the broker has."""
        ...

    async def cash(self, customer: str) -> Mapping[str, int]:
        """Currency -> minor units."""
        ...

    async def holdings(self, customer: str) -> Mapping[str, Decimal]:
        """Instrument -> quantity."""
        ...

    async def deposits(self, customer: str) -> tuple[Deposit, ...]:
        """What reached the broker for the customer, ever."""
        ...


class HttpBroker:
    """The API above. What it sends is read strictly: a field that is missing or odd fails the call it came in."""

    def __init__(self, api: JsonApi) -> None:
        self._api = api

    async def __aenter__(self) -> Self:
        await self._api.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._api.__aexit__(kind, error, trace)

    async def customers(self) -> tuple[str, ...]:
        return tuple(await self._list("/v1/customers", "customers", read.path_name, lambda customer: customer))

    async def cash(self, customer: str) -> Mapping[str, int]:
        found = await self._list(_of(customer, "cash"), "balances", _balance, lambda balance: balance[0])
        return dict(found)

    async def holdings(self, customer: str) -> Mapping[str, Decimal]:
        found = await self._list(_of(customer, "holdings"), "holdings", _holding, lambda holding: holding[0])
        return dict(found)

    async def deposits(self, customer: str) -> tuple[Deposit, ...]:
        return tuple(await self._list(_of(customer, "deposits"), "deposits", _deposit, lambda deposit: deposit.ref))

    async def _list(
        self, path: str, named: str, reading: Callable[[Any], Item], key: Callable[[Item], str]
    ) -> list[Item]:
        """Every page of a list; each item once, and as many as the broker says there are."""
        items: dict[str, Item] = {}
        seen: set[str] = set()
        cursor: str | None = None
        total: int | None = None
        for _ in range(PAGES_LIMIT):
            page = await self._api.get(path, {} if cursor is None else {"cursor": cursor})
            given, count, cursor = read.page(page, named)
            if total not in (None, count):
                raise CallFailed("changed its list while we read it")
            total = count
            for item in map(reading, given):
                if key(item) in items:
                    raise CallFailed("repeated part of its list")
                items[key(item)] = item
            if cursor is None:
                break
            if cursor in seen or len(items) > total:
                raise CallFailed("leads its list round in a circle")
            seen.add(cursor)
        if len(items) != total:
            raise CallFailed(f"says its list has {total:,} entries and sent {len(items):,}")
        return list(items.values())


def _of(customer: str, what: str) -> str:
    return f"/v1/customers/{quote(customer, safe='')}/{what}"


def _balance(given: Any) -> tuple[str, int]:
    currency = read.currency(read.field(given, "currency"))
    return currency, read.minor_units(read.field(given, "amount"), currency)


def _holding(given: Any) -> tuple[str, Decimal]:
    return read.name(read.field(given, "instrument")), read.quantity(read.field(given, "quantity"))


def _deposit(given: Any) -> Deposit:
    currency = read.currency(read.field(given, "currency"))
    return Deposit(
        ref=read.name(read.field(given, "ref")),
        amount=read.minor_units(read.field(given, "amount"), currency),
        currency=currency,
        received_on=read.day(read.field(given, "received_on")),
    )
