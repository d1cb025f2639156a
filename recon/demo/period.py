"""One period of the company: its three exports and the two reconciliations they are for, in memory or as files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final

from recon.demo.company import FAULT_SHARE, HOME, PRICES, movements
from recon.demo.exports import RATES, Export, bank_export, billing_export, gateway_export
from recon.demo.truth import Truth, truth_of
from recon.model.fx import FxRate
from recon.model.rules import Rules
from recon.model.terms import FeeSchedule

DEMO_RULES: Final = Rules(
    amount_tolerance_minor=50,
    days_before=2,
    days_after=2,
    description_threshold=70,
    fee_schedules=tuple(
        FeeSchedule(from_on=date(2020, 1, 1), currency=currency, percent=Decimal("2.9"), fixed=0)
        for currency in sorted(PRICES)
    ),
    fx_rates=tuple(
        FxRate(from_on=date(2020, 1, 1), base=currency, quote=HOME, rate=RATES[currency]) for currency in ("EUR", "USD")
    ),
)
"""What both reconciliations are run with; the truth holds under these."""

DEMO_MONTH: Final = date(2026, 3, 1)
DEMO_COUNT: Final = 600
DEMO_SEED: Final = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The three exports of some days, and what reconciling them ought to find."""

    gateway: Export
    bank: Export
    billing: Export
    gateway_to_billing: Truth
    bank_to_gateway: Truth


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPair:
    """One reconciliation of two files, and its truth under `DEMO_RULES`."""

    name: str
    source: Path
    reference: Path
    truth: Truth


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoFiles:
    """The files of one period where they were written."""

    gateway: Path
    bank: Path
    billing: Path
    period: Period

    def pairs(self) -> tuple[DemoPair, ...]:
        """Both reconciliations the files are for."""
        return (
            DemoPair(
                name="Gateway to billing",
                source=self.gateway,
                reference=self.billing,
                truth=self.period.gateway_to_billing,
            ),
            DemoPair(
                name="Bank to gateway", source=self.bank, reference=self.gateway, truth=self.period.bank_to_gateway
            ),
        )


def build_period(
    *, first_on: date, days: int, count: int, seed: int = DEMO_SEED, fault_share: float = FAULT_SHARE
) -> Period:
    """The exports of about `count` movements in `days` days from `first_on`; pure, and the same each time."""
    moved = movements(first_on=first_on, days=days, count=count, seed=seed, fault_share=fault_share)
    gateway, bank, billing = gateway_export(moved), bank_export(moved), billing_export(moved)
    return Period(
        gateway=gateway,
        bank=bank,
        billing=billing,
        gateway_to_billing=truth_of(gateway, billing, moved),
        bank_to_gateway=truth_of(bank, gateway, moved),
    )


def write_period(folder: Path, made: Period, *, suffix: str = "") -> DemoFiles:
    """Write a period's `gateway.csv`, `bank.csv` and `billing.csv` into `folder`, each name with `suffix`."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {}
    for name, export in (("gateway", made.gateway), ("bank", made.bank), ("billing", made.billing)):
        paths[name] = folder / f"{name}{suffix}.csv"
        paths[name].write_text(export.text, encoding="utf-8", newline="")
    return DemoFiles(**paths, period=made)


def write_demo(folder: Path) -> DemoFiles:
    """Write the sample month into `folder`: always the same bytes."""
    return write_period(folder, build_period(first_on=DEMO_MONTH, days=31, count=DEMO_COUNT))
