"""A broker that answers from memory, by the API of `client`: the sample company's, and the tests'."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final
from urllib.parse import unquote

import httpx

from recon.connectors.brokers.client import Deposit
from recon.money import to_text

PAGE_SIZE: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleBooks:
    """What the broker has. Keys as in `BrokerStatement`."""

    customers: tuple[str, ...]
    cash: Mapping[tuple[str, str], int] = field(default_factory=dict)
    holdings: Mapping[tuple[str, str], Decimal] = field(default_factory=dict)
    deposits: Mapping[str, tuple[Deposit, ...]] = field(default_factory=dict)


def answer(books: SampleBooks, path: str, cursor: str | None, *, page_size: int = PAGE_SIZE) -> dict[str, Any] | None:
    """The document at a path; None when there is nothing. A cursor is the number of items before the page."""
    match path.strip("/").split("/"):
        case ["v1", "customers"]:
            return _page("customers", list(books.customers), cursor, page_size)
        case ["v1", "customers", quoted, what] if unquote(quoted) in books.customers:
            items = _items(books, unquote(quoted), what)
            return None if items is None else _page(_NAMES[what], items, cursor, page_size)
        case _:
            return None


def transport(books: SampleBooks) -> httpx.AsyncBaseTransport:
    """In the place of a network: the client is the real one, and what it asks is answered here."""

    def handle(request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.decode().partition("?")[0]
        document = answer(books, path, request.url.params.get("cursor"))
        if document is None:
            return httpx.Response(404)
        body = httpx.ByteStream(json.dumps(document).encode())
        return httpx.Response(200, headers={"content-type": "application/json"}, stream=body)

    return httpx.MockTransport(handle)


_NAMES: Final = {"cash": "balances", "holdings": "holdings", "deposits": "deposits"}


def _items(books: SampleBooks, customer: str, what: str) -> list[dict[str, str]] | None:
    match what:
        case "cash":
            found = sorted((currency, amount) for (of, currency), amount in books.cash.items() if of == customer)
            return [{"currency": currency, "amount": to_text(amount, currency)} for currency, amount in found]
        case "holdings":
            held = sorted((instrument, units) for (of, instrument), units in books.holdings.items() if of == customer)
            return [{"instrument": instrument, "quantity": f"{units:f}"} for instrument, units in held]
        case "deposits":
            return [_deposit(deposit) for deposit in books.deposits.get(customer, ())]
        case _:
            return None


def _deposit(deposit: Deposit) -> dict[str, str]:
    return {
        "ref": deposit.ref,
        "amount": to_text(deposit.amount, deposit.currency),
        "currency": deposit.currency,
        "received_on": deposit.received_on.isoformat(),
    }


def _page(named: str, items: list[Any], cursor: str | None, page_size: int) -> dict[str, Any]:
    start = int(cursor or 0)
    after = start + page_size
    return {
        named: items[start:after],
        "total_count": len(items),
        "next_cursor": str(after) if after < len(items) else None,
    }
