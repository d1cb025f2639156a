"""A running balance that falls where the amounts carry no minus: the file writes sizes, and the balance has the signs.

The balance speaks only when it follows the amounts on every row, from top to bottom or from bottom to top.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from recon.ingest.aliases import Role
from recon.ingest.grid import Mask
from recon.ingest.sign_reader import EXAMPLES, Minor, SignReader
from recon.model.reading import Choice

FEWEST: Final = 3
"""Rows from which on a balance that follows them is no chance."""


def by_balance(reader: SignReader, minor: Minor, good: Mask) -> Minor:
    """The amounts, with the signs of the balance where a person wants them; raises Asked(SIGN_MODEL)."""
    rows = np.flatnonzero(good)
    moves = _moves(reader, minor, rows)
    if moves is None or not (moves < 0).any():
        return minor
    fallen = rows[moves < 0][:EXAMPLES].tolist()
    columns = reader.money.columns.roles
    answer = reader.ask(
        "The balance falls on some rows although their amounts carry no minus. Which one says where the money went?",
        reader.name(columns[Role.AMOUNT]),
        [
            Choice(value="balance", label="The balance: an amount that lowers it is money out"),
            Choice(value="signed", label="The sign of the amount: all of it is money in"),
        ],
        fallen,
        (columns[Role.AMOUNT], columns[Role.BALANCE]),
    )
    if answer == "signed":
        return minor
    signed = minor.copy()
    signed[rows] *= np.sign(moves)
    unknown = np.zeros(len(minor), bool)
    unknown[rows[(moves == 0) & (minor[rows] != 0)]] = True
    problem = "No balance stands before this row, so nothing says which way its money went."
    reader.faults.mark(unknown, columns[Role.AMOUNT], "SIGN_UNKNOWN", problem)
    return signed


def _moves(reader: SignReader, minor: Minor, rows: Minor) -> Minor | None:
    """By how much the balance moved on each of these rows, 0 on the first of the chain; None where it is no chain."""
    position = reader.money.columns.roles.get(Role.BALANCE)
    if position is None or len(rows) < FEWEST or not isinstance(reader.currencies.exponents, int):
        return None
    balance = reader.money.parse(position, reader.fmt, reader.currencies.exponents)
    if not balance.verdicts.is_valid[rows].all():
        return None
    steps, sizes = np.diff(balance.minor[rows]), np.abs(minor[rows])
    if np.array_equal(np.abs(steps), sizes[1:]):
        return np.append(0, steps)
    return np.append(-steps, 0) if np.array_equal(np.abs(steps), sizes[:-1]) else None
