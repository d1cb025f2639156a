"""The company's weeks as they follow each other: what one week's files leave open, the next week's bring.

- payments of a Saturday that are billed, or banked, after the weekend: their counterparts are in the next week's files;
- the gateway's export starts with the last day of the week before, so those rows come twice;
- one payment that was never billed comes again under the customer's corrected name.

A week's files depend on its own first day alone, whichever weeks are loaded.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final

from recon.demo.company import Fault, Movement, movements
from recon.demo.exports import Export, bank_export, billing_export, gateway_export
from recon.demo.period import DEMO_SEED

LATE_BILLED: Final = 4
LATE_BANKED: Final = 6
DAYS: Final = 7
CORRECTED: Final = "{} (Pty) Ltd"


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """The three exports of a week, and what came of the one before: `billed` and `banked` late, and `amended`.

    `waiting`: what of this week is billed or banked in the next.
    """

    gateway: Export
    bank: Export
    billing: Export
    billed: tuple[Movement, ...]
    banked: tuple[Movement, ...]
    amended: tuple[Movement, ...]
    waiting: tuple[Movement, ...]


def build_week(first_on: date) -> Week:
    """The week from that Monday; pure, and the same each time."""
    before, own = _moved(first_on - timedelta(days=DAYS)), _moved(first_on)
    billed, banked = _late(before)
    to_bill, to_bank = _late(own)
    booked_at = datetime.combine(first_on, time(9), tzinfo=own[0].at.tzinfo)
    amended = tuple(replace(one, customer=CORRECTED.format(one.customer)) for one in _unbilled(before)[:1])
    last_day = [one for one in before if one.day == first_on - timedelta(days=1)]
    return Week(
        gateway=gateway_export([*amended, *last_day, *own]),
        bank=bank_export([*(replace(one, at=booked_at) for one in banked), *_without(own, to_bank)]),
        billing=billing_export([*billed, *_without(own, to_bill)]),
        billed=billed,
        banked=banked,
        amended=amended,
        waiting=(*to_bill, *to_bank),
    )


def write_week(folder: Path, made: Week, *, suffix: str) -> dict[str, Path]:
    """Write its `gateway`, `bank` and `billing` exports into `folder`; where each is."""
    paths = {}
    for name, export in (("gateway", made.gateway), ("bank", made.bank), ("billing", made.billing)):
        paths[name] = folder / f"{name}{suffix}.csv"
        paths[name].write_text(export.text, encoding="utf-8", newline="")
    return paths


def _moved(first_on: date) -> tuple[Movement, ...]:
    """Weeks differ in how much happens, and how much of it goes wrong."""
    week = random.Random(first_on.toordinal())  # noqa: S311 - sample data, not a secret
    count, share = week.randrange(340, 480), week.randrange(70, 180) / 10_000
    return movements(first_on=first_on, days=DAYS, count=count, seed=DEMO_SEED, fault_share=share)


def _late(week: Sequence[Movement]) -> tuple[tuple[Movement, ...], tuple[Movement, ...]]:
    """The last payments of Saturday that are billed late, and banked late: ordinary ones, whole in the bank's words.

    Not those of the Sunday: their rows come again in any case.
    """
    saturday = max(one.day for one in week) - timedelta(days=1)
    ordinary = [one for one in week if one.day == saturday and one.fault is Fault.NONE and one.amount > 0]
    billed = ordinary[-LATE_BILLED:]
    banked = [one for one in ordinary[:-LATE_BILLED] if one.number % 4 in (1, 3)][-LATE_BANKED:]
    return tuple(billed), tuple(banked)


def _unbilled(week: Sequence[Movement]) -> list[Movement]:
    last_on = max(one.day for one in week)
    return [one for one in week if one.fault is Fault.NOT_BILLED and one.day < last_on]


def _without(week: Sequence[Movement], late: Sequence[Movement]) -> list[Movement]:
    numbers = {one.number for one in late}
    return [one for one in week if one.number not in numbers]
