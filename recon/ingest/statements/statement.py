"""What a statement reader gives: its movements as a grid, and what each part of the file says about itself.

A reader turns its format into plain cells (ISO dates, decimal amounts with a point, signed as the account's holder sees
them) and judges nothing more: precision, ranges, currencies and texts are checked where every file's are. An entry it
cannot read is an odd row, never a guess.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pyarrow as pa

from recon.ingest.aliases import Role
from recon.ingest.answers import Answers
from recon.ingest.columns import Columns
from recon.ingest.findings import Finding
from recon.ingest.grid import Grid, OddRow, empty_cells
from recon.model.reading import Note

ACCOUNT: Final = "account"
"""The column beside the roles: the account an entry belongs to, as the file writes it."""

COLUMNS: Final = (
    ACCOUNT,
    *(
        role.value
        for role in (
            Role.DATE,
            Role.VALUE_DATE,
            Role.AMOUNT,
            Role.CURRENCY,
            Role.TXN_ID,
            Role.PAYMENT_REF,
            Role.DESCRIPTION,
            Role.COUNTERPARTY,
            Role.GROUP_ID,
            Role.FEE,
            Role.KIND,
        )
    ),
)
"""The columns of every statement, in this order."""

_PLAIN: Final = (Role.DATE, Role.VALUE_DATE, Role.AMOUNT, Role.FEE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One movement, as text. `date`, `value_date` are ISO dates, `amount` and `fee` plain decimals (`-1234.50`).

    `line` is the physical line the entry starts on, or its number in the file where lines mean nothing (XML, OFX).
    """

    line: int
    date: str
    amount: str
    value_date: str = ""
    currency: str = ""
    account: str = ""
    txn_id: str = ""
    payment_ref: str = ""
    description: str = ""
    counterparty: str = ""
    group_id: str = ""
    fee: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """A balance as stated: a plain signed decimal and its ISO date (empty where there is none)."""

    amount: str
    on: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One statement of one account in the file: the lines (or numbers) of its entries, and what it states.

    `name` is how a person finds it in the file. `debits` and `credits`: sums of the entries, both zero or more.
    """

    name: str
    account: str
    currency: str
    first_line: int
    last_line: int
    opening: Balance | None = None
    closing: Balance | None = None
    count: int | None = None
    debits: str | None = None
    credits: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A file of statements. `findings`: figures of the whole file the reader itself held against its records.

    `ignored`: reason -> entries that moved nothing yet (pending, expected), left out of the grid.
    """

    encoding: str | None
    grid: Grid
    sections: tuple[Section, ...]
    ignored: dict[str, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementFormat:
    """`claims(head)` says by the first bytes whether a file is this format's; `read` never fails for what is in it.

    `read` may raise Refused for a file that is damaged as a whole, and Asked where only a person can decide.
    """

    name: str
    title: str
    claims: Callable[[bytes], bool]
    read: Callable[[bytes, Answers], Statement]


def statement_columns() -> Columns:
    """The roles of a statement's columns."""
    roles = {role: COLUMNS.index(role.value) for role in Role if role.value in COLUMNS}
    return Columns(names=COLUMNS, roles=roles, is_signed=True)


def grid_of(entries: Sequence[Entry], odd: Iterable[OddRow] = (), *, is_plain: bool = True) -> Grid:
    """The grid of these entries, in the order given. With `is_plain` its dates and amounts are no matter of style."""
    if not entries:
        return Grid(lines=np.zeros(0, np.int64), cells=empty_cells(len(COLUMNS)), odd=tuple(odd))
    cells = {str(i): pa.array([getattr(entry, name) for entry in entries]) for i, name in enumerate(COLUMNS)}
    plain = np.ones(len(entries), bool)
    return Grid(
        lines=np.array([entry.line for entry in entries], np.int64),
        cells=pa.table(cells),
        odd=tuple(odd),
        typed={COLUMNS.index(role.value): plain for role in _PLAIN} if is_plain else {},
    )
