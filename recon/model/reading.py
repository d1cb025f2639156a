"""What reading a file gives: transactions, what could not be read, and what only a person can decide.

`rows_read = rows_accepted + rows_rejected + rows_ignored` always holds, and every rejected row has a `Reject`.
"""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

import pyarrow as pa

RAW_VALUE_LIMIT = 200
"""Characters of a raw value kept in a reject or an example."""


class ReadingStage(StrEnum):
    """What is done to a file, in order."""

    OPEN = "open"  # bytes to text, text to rows
    COLUMNS = "columns"
    VALUES = "values"
    STORE = "store"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """A row that could not be read. `line` as in the transaction table; `value` as it stands in the file, clipped."""

    line: int
    column: str | None
    value: str | None
    code: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A row shown beside a question: its line and the raw cells it is about, by column name."""

    line: int
    cells: MappingType[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One answer: `value` is what `--answer CODE=value` and a mapping store, `label` is what a person reads."""

    value: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Something the file does not decide. The same `code` with one of `choices` as answer settles it.

    With `free_text`, any value of the kind `choices` show is an answer too (a currency code, a column name).
    """

    code: str
    text: str
    column: str | None
    choices: tuple[Choice, ...]
    examples: tuple[Example, ...] = ()
    free_text: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why the whole file was refused: nothing of it was read as rows."""

    code: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something the reader did that a person may want to know (a currency taken from the header, hidden rows)."""

    code: str
    text: str
    count: int = 1


class ControlKind(StrEnum):
    """What a file states about itself, and what its feed's other files say about it."""

    BALANCE = "balance"  # opening balance + movements = closing balance
    RUNNING_BALANCE = "running balance"  # the balance after each row follows from the one before
    TOTAL = "total"
    COUNT = "count"
    CONTINUITY = "continuity"  # opening balance = closing balance of the feed's file before


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """A figure the file states, held against what was read from it.

    `stated` and `found` are minor units of `currency`, or counts where that is None. `says` is one plain sentence;
    `is_accepted`: the figures differ, and a person said that the file may be read all the same.
    """

    kind: ControlKind
    account: str | None
    currency: str | None
    stated: int
    found: int
    says: str
    is_accepted: bool = False

    @property
    def agrees(self) -> bool:
        return self.stated == self.found


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account and currency a statement is about, with the rows read for it; balances and sums in minor units."""

    number: str | None
    currency: str
    row_count: int
    total: int
    opening: int | None = None
    opened_on: date | None = None
    closing: int | None = None
    closed_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """The saved answer to "which column means what" for a feed.

    `roles` maps a role (`date`, `amount`, `debit`, `credit`, `currency`, ...) to a column name of the file; `answers`
    maps a question's code to the chosen value; `header` is the header it was made for, so that a drifted one stops.
    Empty parts are decided from the file.
    """

    roles: MappingType[str, str] = field(default_factory=dict)
    answers: MappingType[str, str] = field(default_factory=dict)
    header: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One file, read. `table` follows TRANSACTION_SCHEMA and is empty while questions are open or it was refused.

    `raw` holds the first rows as text beside their `line` (for the preview); `columns` is the header in file order;
    `mapping` is what was used, complete: reading again with it gives the same table and asks nothing. `accounts`: what
    a statement says it is about, in file order; `controls`: every figure the file states about its own rows.
    """

    format: str
    encoding: str | None
    columns: tuple[str, ...]
    rows_read: int
    rows_accepted: int
    rows_rejected: int
    rows_ignored: int
    table: pa.Table
    rejects: tuple[Reject, ...]
    questions: tuple[Question, ...]
    refused: Refusal | None
    notes: tuple[Note, ...]
    mapping: Mapping
    raw: pa.Table
    accounts: tuple[Account, ...] = ()
    controls: tuple[Control, ...] = ()
