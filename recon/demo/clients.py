"""The sample company's investing clients, in both books, and what they do in a week; pure and seeded by the week.

Amounts are chosen so that nothing needs rounding: whole prices, quantities of two decimals.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from recon.model.books import Book, Broker
from recon.money import to_text

CURRENCY: Final = "USD"
FEE: Final = 1_50
"""Of a trade, in minor units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    external_ref: str
    name: str
    book: Book
    broker: Broker


ALICE: Final = Client(external_ref="UAE-1001", name="Alice", book=Book.UAE, broker=Broker.GTN)
BOB: Final = Client(external_ref="UAE-1002", name="Bob", book=Book.UAE, broker=Broker.GTN)

INVESTORS: Final = tuple(
    Client(external_ref=ref, name=name, book=book, broker=broker)
    for ref, name, book, broker in (
        ("UAE-1003", "Fatima Rahman", Book.UAE, Broker.GTN),
        ("UAE-1004", "Omar Haddad", Book.UAE, Broker.GTN),
        ("UAE-1005", "Layla Al-Sabah", Book.UAE, Broker.ZAG),
        ("UAE-1006", "Tariq Noor", Book.UAE, Broker.ZAG),
        ("IND-2001", "Priya Sharma", Book.INDIA, Broker.VIEWTRADE),
        ("IND-2002", "Arjun Iyer", Book.INDIA, Broker.VIEWTRADE),
        ("IND-2003", "Meera Nair", Book.INDIA, Broker.VIEWTRADE),
        ("IND-2004", "Rohan Patel", Book.INDIA, Broker.VIEWTRADE),
    )
)

PRICES: Final = {
    Broker.GTN: {"AAPL": 190, "MSFT": 415, "NVDA": 120},
    Broker.ZAG: {"GOLD": 76, "SILVER": 1},
    Broker.VIEWTRADE: {"VOO": 470, "AAPL": 190, "TSLA": 240},
}
"""What one unit of each instrument costs with each broker, in dollars; metals by the gram."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """What one client did in the week from `monday`: money came, some of it was invested, some went out again."""

    client: Client
    monday: date
    deposit: int  # minor units, like all amounts here
    instrument: str
    bought: Decimal
    sold: Decimal
    withdrawal: int  # 0: none

    @property
    def name(self) -> str:
        """Of this client's week: part of every key and reference made of it."""
        return f"{self.client.external_ref}-{self.monday:%G-W%V}"

    def cost(self, quantity: Decimal) -> str:
        """Of so many units, as commands write amounts."""
        return to_text(int(quantity * PRICES[self.client.broker][self.instrument] * 100), CURRENCY)


def week_of(client: Client, monday: date) -> Week:
    """The same each time it is asked."""
    drawn = random.Random(f"{client.external_ref} {monday}")  # noqa: S311 - sample data, not a secret
    deposit = drawn.randrange(8, 40) * 100_00
    instrument = drawn.choice(sorted(PRICES[client.broker]))
    most = deposit * 6 // 10 // PRICES[client.broker][instrument]  # in hundredths of a unit
    bought = Decimal(drawn.randrange(most // 2, most)).scaleb(-2)
    return Week(
        client=client,
        monday=monday,
        deposit=deposit,
        instrument=instrument,
        bought=bought,
        sold=Decimal(int(bought * 100) // 4).scaleb(-2) if drawn.random() < 0.5 else Decimal(0),
        withdrawal=drawn.randrange(1, 3) * 50_00 if drawn.random() < 0.5 else 0,
    )
