"""Fees as costs: plus is what a payment cost, minus is a fee given back, whichever way the file writes it.

Exports disagree: Stripe's `net = gross - fee`, PayPal's and Square's `net = gross + fee`. A format we know says which;
else a file that holds gross and net does, and without them a column of minuses is a column of costs.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from recon.ingest.aliases import Role, plain, ranks
from recon.ingest.amounts import Money
from recon.ingest.columns import FeeSign
from recon.ingest.findings import Finding
from recon.ingest.grid import Mask
from recon.ingest.numbers import NumberFormat
from recon.ingest.row_currencies import RowCurrencies
from recon.ingest.sign_reader import Minor
from recon.model.reading import Control, ControlKind, Example

_NET_WORDS: Final = frozenset(("net", "netto", "neto", "liquido"))
_PLUS_IS_COST, _MINUS_IS_COST = 1, -1


def fees_as_costs(money: Money, fmt: NumberFormat, currencies: RowCurrencies) -> pa.Array:
    """The fee of each row (int64, minor units), null where it has none."""
    position = money.columns.roles.get(Role.FEE)
    positions = money.columns.fee_parts or (() if position is None else (position,))
    if not positions:
        return pa.nulls(len(money.grid.lines), pa.int64())
    parts = [money.parse(position, fmt, currencies.exponents) for position in positions]
    has_fee = np.logical_or.reduce([part.verdicts.is_valid for part in parts])
    fee = np.add.reduce([np.where(part.verdicts.is_valid, part.minor, 0) for part in parts])
    return pa.array(_sign(money, fmt, currencies, fee) * fee, pa.int64(), mask=~has_fee)


def less_fees(minor: Minor, fees: pa.Array) -> Minor:
    """What moved the balance where the fee was taken on top of the amount."""
    return np.asarray(minor - np.asarray(fees.fill_null(0)), np.int64)


def gross_findings(
    money: Money, fmt: NumberFormat, currencies: RowCurrencies, minor: Minor, fees: pa.Array, good: Mask
) -> tuple[Finding, ...]:
    """Whether net = gross - fee on every good row, where a format says which column is the gross."""
    position = money.columns.roles.get(Role.GROSS)
    if position is None:
        return ()
    gross = money.parse(position, fmt, currencies.exponents)
    rows = good & gross.verdicts.is_valid
    wrong = np.flatnonzero(rows & (gross.minor - np.asarray(fees.fill_null(0)) != minor))
    first = f" Line {int(money.grid.lines[wrong[0]])} is the first that does not." if len(wrong) else ""
    row_count, name = int(rows.sum()), money.columns.names[position]
    says = f"{row_count - len(wrong)} of {row_count} rows keep to {name} less fee = net.{first}"
    control = Control(
        kind=ControlKind.COUNT,
        account=None,
        currency=None,
        stated=row_count,
        found=row_count - len(wrong),
        says=says,
    )
    shown = int(wrong[0]) if len(wrong) else 0
    if not row_count:
        return ()
    cells = {money.columns.names[i]: money.cell(i, shown) for i in (position, *money.positions.values())}
    return (Finding(control=control, example=Example(line=int(money.grid.lines[shown]), cells=cells)),)


def _sign(money: Money, fmt: NumberFormat, currencies: RowCurrencies, fee: Minor) -> int:
    if money.columns.fee_sign is not None:
        return _PLUS_IS_COST if money.columns.fee_sign is FeeSign.COST else _MINUS_IS_COST
    proven = _sign_by_net(money, fmt, currencies, fee)
    if proven is not None:
        return proven
    return _MINUS_IS_COST if (fee < 0).any() and not (fee > 0).any() else _PLUS_IS_COST


def _sign_by_net(money: Money, fmt: NumberFormat, currencies: RowCurrencies, fee: Minor) -> int | None:
    """What gross and net columns prove about the sign of a fee, if they prove anything."""
    if not fee.any():
        return None
    amounts = [i for i, name in enumerate(money.columns.names) if plain(name) in ranks(Role.AMOUNT)]
    nets = [i for i in amounts if _NET_WORDS & set(plain(money.columns.names[i]).split())]
    for net, gross in ((net, gross) for net in nets for gross in amounts if gross not in nets):
        took, gave = (money.parse(i, fmt, currencies.exponents) for i in (gross, net))
        both = took.verdicts.is_valid & gave.verdicts.is_valid
        kept = (took.minor - gave.minor)[both]
        for sign in (_PLUS_IS_COST, _MINUS_IS_COST):
            if kept.any() and np.array_equal(kept, sign * fee[both]):
                return sign
    return None
