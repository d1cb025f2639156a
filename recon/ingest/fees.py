"""Fees as costs: plus is what a payment cost, minus is a fee given back, whichever way the file writes it.

Exports disagree: Stripe's `net = gross - fee`, PayPal's and Square's `net = gross + fee`. Where a file holds gross and
net, they say which; without them a column of minuses is a column of costs.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from recon.ingest.aliases import Role, plain, ranks
from recon.ingest.amounts import Money
from recon.ingest.numbers import NumberFormat
from recon.ingest.row_currencies import RowCurrencies
from recon.ingest.sign_reader import Minor

_NET_WORDS: Final = frozenset(("net", "netto", "neto", "liquido"))
_PLUS_IS_COST, _MINUS_IS_COST = 1, -1


def fees_as_costs(money: Money, fmt: NumberFormat, currencies: RowCurrencies) -> pa.Array:
    """The fee of each row (int64, minor units), null where it has none."""
    position = money.columns.roles.get(Role.FEE)
    if position is None:
        return pa.nulls(len(money.grid.lines), pa.int64())
    parsed = money.parse(position, fmt, currencies.exponents)
    fee = parsed.minor
    sign = _sign_by_net(money, fmt, currencies, fee)
    if sign is None:
        sign = _MINUS_IS_COST if (fee < 0).any() and not (fee > 0).any() else _PLUS_IS_COST
    return pa.array(sign * fee, pa.int64(), mask=~parsed.verdicts.is_valid)


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
