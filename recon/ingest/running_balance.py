"""The balance after each row, held against the balance before it: the surest sign that a row is lost or doubled.

Files run from the oldest row down or from the newest; the direction in which more balances follow is the file's. A bank
may state a balance on some rows only (the last of a day): then it must follow from the last one stated. Where most do
not follow either way, the column is about something else, or the rows stand in another order, and checks nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recon.ingest.aliases import Role
from recon.ingest.amounts import Money
from recon.ingest.findings import Finding
from recon.ingest.grid import Mask
from recon.ingest.numbers import NumberFormat
from recon.ingest.row_currencies import RowCurrencies
from recon.ingest.sign_reader import Minor
from recon.model.reading import Account, Control, ControlKind, Example
from recon.money import to_text

FEWEST_STEPS: Final = 2
MOST: Final = 2 / 3
"""Share of steps that must hold for the column to be a running balance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chain:
    """Steps between stated balances in file order: the balance each arrives at, and the one it should.

    `opening` and `closing` are the balances before the oldest row and after the newest.
    """

    stated: Minor
    expected: Minor
    rows: Minor
    opening: int
    closing: int

    @property
    def holds(self) -> Mask:
        return np.asarray(self.stated == self.expected)


@dataclass(frozen=True, slots=True, kw_only=True)
class Balances:
    """What a column of running balances says of one currency: whether they follow, and what they begin and end with."""

    finding: Finding
    account: Account


def running_balances(
    money: Money, fmt: NumberFormat, currencies: RowCurrencies, minor: Minor, good: Mask
) -> Iterator[Balances]:
    """Whether the running balances follow from the amounts, currency by currency."""
    position = money.columns.roles.get(Role.BALANCE)
    if position is None:
        return
    parsed = money.parse(position, fmt, currencies.exponents)
    for currency in pc.unique(currencies.codes.filter(pa.array(good))).to_pylist():
        rows = np.flatnonzero(good & np.asarray(pc.fill_null(pc.equal(currencies.codes, currency), False)))
        chain = _better(rows, minor[rows], parsed.minor[rows], parsed.verdicts.is_valid[rows])
        if chain is not None:
            account = Account(
                number=None,
                currency=currency,
                row_count=len(rows),
                total=int(minor[rows].sum()),
                opening=chain.opening,
                closing=chain.closing,
            )
            yield Balances(finding=_finding(money, position, currency, chain), account=account)


def _better(rows: Minor, amounts: Minor, balances: Minor, stated: Mask) -> _Chain | None:
    """The chain in the direction in which more holds; None where there is none worth the name."""
    at = np.flatnonzero(stated)
    if len(at) <= FEWEST_STEPS:
        return None
    moved = np.cumsum(amounts)
    before = moved - amounts
    found = balances[at]
    first, last, total = int(at[0]), int(at[-1]), int(moved[-1])
    down = _Chain(
        stated=found[1:],
        expected=found[:-1] + np.diff(moved[at]),
        rows=rows[at[1:]],
        opening=int(found[0] - moved[first]),
        closing=int(found[-1]) + total - int(moved[last]),
    )
    up = _Chain(
        stated=found[:-1],
        expected=found[1:] + np.diff(before[at]),
        rows=rows[at[:-1]],
        opening=int(found[-1]) - (total - int(before[last])),
        closing=int(found[0] + before[first]),
    )
    best = max(down, up, key=lambda chain: int(chain.holds.sum()))
    return best if best.holds.sum() >= max(FEWEST_STEPS, MOST * len(best.stated)) else None


def _finding(money: Money, position: int, currency: str, chain: _Chain) -> Finding:
    wrong = np.flatnonzero(~chain.holds)
    step_count, name = len(chain.stated), money.columns.names[position]
    says = f"{step_count - len(wrong)} of {step_count} balances in {name} follow from the one before."
    shown = int(chain.rows[wrong[0]]) if len(wrong) else int(chain.rows[0])
    if len(wrong):
        figures = (to_text(int(figure[wrong[0]]), currency) for figure in (chain.stated, chain.expected))
        says += " Line {} says {} where {} is expected.".format(int(money.grid.lines[shown]), *figures)
    control = Control(
        kind=ControlKind.RUNNING_BALANCE,
        account=None,
        currency=None,
        stated=step_count,
        found=step_count - len(wrong),
        says=says,
    )
    cells = {money.columns.names[i]: money.cell(i, shown) for i in (*money.positions.values(), position)}
    return Finding(control=control, example=Example(line=int(money.grid.lines[shown]), cells=cells))
