"""The movements of an invented hosting company, and what goes wrong with some of them; pure and seeded.

Every customer pays once, so texts differ; the ordinary amounts are plan prices, so amounts collide. A movement with a
fault has an amount of its own, far from any other of its currency: what ought to be found is then beyond dispute, and
the truth can be written down.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

AMOUNT_OFF_MAX: Final = 40
"""Minor units by which the bank's amounts may be off: inside the tolerance of `DEMO_RULES`."""

AMBIGUOUS_OFF: Final = 20

PLANS: Final = ("Hosting Starter", "Hosting Pro", "Domain Renewal", "Mail Plus", "Cloud Server", "Backup Vault")
PRICES: Final = {
    "ZAR": (9900, 14900, 24900, 49900, 99900, 149900),
    "USD": (999, 1499, 2900, 4900, 12900, 109900),
    "EUR": (999, 1399, 2700, 4500, 11900, 99900),
    "JPY": (1200, 1980, 3600, 6800, 14800, 128000),
    "KWD": (2950, 4500, 8750, 15250, 38900, 335500),
}
"""Plan prices in minor units: two decimals, but none for JPY and three for KWD."""

HOME: Final = "ZAR"
"""What the bank exchanges payouts into."""

CURRENCY_SHARES: Final = {"ZAR": 60, "USD": 15, "EUR": 12, "JPY": 7, "KWD": 6}

FIRST_NAMES: Final = (
    "Thabo|Nomvula|Sipho|Lerato|Pieter|Anneke|Fatima|Yusuf|Kwame|Amara|Chinedu|Zanele|Johan|Mieke|Priya|Arjun|Haruto|"
    "Yui|Layla|Omar|Ingrid|Lukas|Chloé|Mateo|Sofía|Giulia|Marek|Agnieszka|Tariq|Noor|Bongani|Ayanda|Riaan|Elsabe"
)
LAST_NAMES: Final = (
    "Dlamini|Nkosi|Mokoena|van Wyk|Botha|Khumalo|Naidoo|Patel|Okafor|Mensah|Abiola|Zulu|Venter|de Klerk|Sharma|Iyer|"
    "Tanaka|Sato|Al-Sabah|Haddad|Lindqvist|Brandt|Lefèvre|Fernández|Rossi|Nowak|Wiśniewska|Rahman|Mthembu|Pretorius"
)


class Fault(StrEnum):
    """What goes wrong with a movement, in the words of the office that will have to clear it."""

    NONE = "none"
    BILLED_WRONG = "billed_wrong"  # the invoice says another amount than the gateway took
    NOT_BILLED = "not_billed"  # paid and banked, never invoiced
    NOT_PAID = "not_paid"  # invoiced, nothing ever came
    CHARGED_TWICE = "charged_twice"  # the gateway's export repeats the row
    BILLED_TWICE = "billed_twice"  # the billing export repeats the invoice
    BANKED_TWICE = "banked_twice"  # the bank's export repeats the line
    BANK_SHORT = "bank_short"  # some cents more or less on the bank's side
    SETTLED_LATE = "settled_late"  # banked a day or two later, under another wording
    NOT_SETTLED = "not_settled"  # the gateway took it, the bank never got it
    BANK_ONLY = "bank_only"  # on the statement, unknown to gateway and billing
    PLATFORM_FEE = "platform_fee"  # the gateway's own fee: banked, not on any invoice
    AMBIGUOUS = "ambiguous"  # two payments of one customer, and one bank line as near to either
    PAID_OUT = "paid_out"  # three payments the gateway pays out as one, less its fees
    PAID_OUT_SHORT = "paid_out_short"  # the same, but the gateway's export leaves one of them out
    FEE_WRONG = "fee_wrong"  # the gateway kept a fee it had not agreed to
    EXCHANGED = "exchanged"  # paid out in the currency of the bank account, by the rate of the day or nearly
    EXCHANGED_DEAR = "exchanged_dear"  # the same, at a rate nobody agreed to
    EXCHANGED_BLIND = "exchanged_blind"  # the same, from a currency the rules have no rate of
    REVERSED = "reversed"  # charged in error and taken back the next minute: neither billed nor banked
    GATEWAY_UNREADABLE = "gateway_unreadable"
    BANK_UNREADABLE = "bank_unreadable"
    BILLING_UNREADABLE = "billing_unreadable"


FAULT_SHARE: Final = 0.006
"""Of each fault, at least one and about this share of all movements, or a multiple of it; of a bad week, more."""

FREQUENT: Final = {
    Fault.BILLED_WRONG: 2,
    Fault.NOT_PAID: 2,
    Fault.NOT_SETTLED: 2,
    Fault.BANK_SHORT: 3,
    Fault.SETTLED_LATE: 3,
}
"""Faults that happen more often than the others, and how many times as often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One movement of money as it truly happened. `amount` in minor units: refunds and fees are minus."""

    number: int
    at: datetime
    amount: int
    currency: str
    customer: str
    plan: str
    fault: Fault

    @property
    def day(self) -> date:
        return self.at.date()

    @property
    def invoice(self) -> str:
        return f"{'INV' if self.amount >= 0 else 'CN'}-{100_000 + self.number}"

    @property
    def charge_id(self) -> str:
        """The gateway's own id; a second payment of the same customer has the next one."""
        return f"ch_{(self.number * 7_368_787 + 1_000_003) % 10**8:08d}"


def movements(
    *, first_on: date, days: int, count: int, seed: int, fault_share: float = FAULT_SHARE
) -> tuple[Movement, ...]:
    """About `count` movements over `days` days, oldest first; the same arguments give the same movements."""
    rng = random.Random(f"{seed} {first_on} {days} {count}")  # noqa: S311 - sample data, not a secret
    faults = _faults(rng, count, fault_share)
    customers = rng.sample(list(_customers()), count)
    moments = sorted(_moment(rng, first_on, days) for _ in range(count))
    base = (first_on.toordinal() % 10_000) * 1_000
    return tuple(
        _movement(rng, base + index, at=at, customer=customer, fault=fault)
        for index, (at, customer, fault) in enumerate(zip(moments, customers, faults, strict=True))
    )


def _customers() -> Iterator[str]:
    return (f"{first} {last}" for first in FIRST_NAMES.split("|") for last in LAST_NAMES.split("|"))


def _faults(rng: random.Random, count: int, share: float) -> list[Fault]:
    counts = {fault: max(1, round(count * share * FREQUENT.get(fault, 1))) for fault in Fault}
    faulty = [fault for fault in Fault if fault is not Fault.NONE for _ in range(counts[fault])]
    faults = faulty + [Fault.NONE] * (count - len(faulty))
    rng.shuffle(faults)
    return faults[:count]


def _moment(rng: random.Random, first_on: date, days: int) -> datetime:
    """Office hours in UTC, so that no clock shifts the day."""
    on = first_on + timedelta(days=rng.randrange(days))
    return datetime.combine(on, time(rng.randrange(7, 18), rng.randrange(60), rng.randrange(60)))


def _movement(rng: random.Random, number: int, *, at: datetime, customer: str, fault: Fault) -> Movement:
    currency = rng.choices(list(CURRENCY_SHARES), list(CURRENCY_SHARES.values()))[0]
    currency = _abroad(fault, number) or currency
    plan = rng.randrange(len(PLANS))
    amount = PRICES[currency][plan]
    if fault is not Fault.NONE:
        amount = 200_000 + 1_000 * (number % 1_000) + 10 * rng.randrange(10)
    if fault is Fault.PLATFORM_FEE:
        return Movement(
            number=number,
            at=at,
            amount=-amount,
            currency=currency,
            customer="Paylane",
            plan="Platform fee",
            fault=fault,
        )
    is_refund = rng.random() < 0.06 and fault in (Fault.NONE, Fault.BILLED_WRONG, Fault.SETTLED_LATE)
    return Movement(
        number=number,
        at=at,
        amount=-amount if is_refund else amount,
        currency=currency,
        customer=customer,
        plan=PLANS[plan],
        fault=fault,
    )


def _abroad(fault: Fault, number: int) -> str | None:
    """The currency of what is exchanged; of all else none in particular."""
    if fault is Fault.EXCHANGED_BLIND:
        return "KWD"
    return ("USD", "EUR")[number % 2] if fault in (Fault.EXCHANGED, Fault.EXCHANGED_DEAR) else None
