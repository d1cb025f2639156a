"""What a check says: its catalogue line, its judgement, and the variances it found.

A variance is a signed difference, actual - expected, about one subject. The part that money or shares on their way
explain stands apart from the part nothing explains; only the latter counts against the books.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from recon.model.ledger import Book
from recon.money import exponents, to_text

EXAMINED: Final = "examined_count"
"""The metric every judgement has: how many rows, accounts or customers were looked at."""

NOT_APPLICABLE: Final = "not_applicable"
"""The metric of a check whose question does not arise in the book: it is ok, and shown as not applicable."""

NOT_SET_UP: Final = "not_set_up"
"""The metric of a check whose broker has no address: nothing is known, and nothing is wrong."""


class Category(StrEnum):
    """What kind of question a check asks; it decides how often it is due."""

    INTERNAL = "A"
    DERIVATION = "B"
    EXTERNAL = "C"
    LIFECYCLE = "D"

    @property
    def meaning(self) -> str:
        return {"A": "Internal integrity", "B": "Derivation", "C": "External", "D": "Lifecycle"}[self.value]


class CheckBook(StrEnum):
    """Where a check looks: one book, or `all` for what the books share (the log of events, the audit log)."""

    UAE = "uae"
    INDIA = "india"
    ALL = "all"

    @property
    def book(self) -> Book:
        """The ledger's book; a check of `all` has none, and asks for none."""
        return Book(self.value)


class CheckStatus(StrEnum):
    """How a check came out. `error`: it could not be carried out, so nothing is known."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    ERROR = "error"


class VarianceClass(StrEnum):
    """What a person says lies behind a variance."""

    DATA_ISSUE = "data_issue"
    CODE_ISSUE = "code_issue"
    TIMING = "timing"


Quantity = int | Decimal
"""Minor units of a currency, or a count, or a quantity of shares with decimals. Never a float."""


def figure_text(figure: Quantity, unit: str) -> str:
    """A figure of a variance as a plain decimal string: `-12.50` for -1250 minor units of EUR, `7` for 7 lines."""
    return to_text(int(figure), unit) if unit in exponents() else f"{figure:f}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a variance is about; what is None does not matter. `txn_id` is the number of the journal entry."""

    account_id: UUID | None = None
    customer: str | None = None
    instrument: str | None = None
    currency: str | None = None
    txn_id: int | None = None
    source_system: str | None = None
    source_txn_id: str | None = None
    on: date | None = None
    item: str | None = None  # anything else that has a name of its own: a table, a pending flow

    def as_json(self) -> dict[str, Any]:
        """The parts that are there, in their order, as JSON has them."""
        given = ((name, getattr(self, name)) for name in self.__slots__)
        return {name: str(v) if isinstance(v, UUID | date) else v for name, v in given if v is not None}

    @property
    def key(self) -> str:
        """The same for the same subject in every run: it tells a variance that is still open from a new one."""
        return json.dumps(self.as_json(), ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Variance:
    """One thing that does not tie out. `unit` is a currency (figures in its minor units) or a word such as `shares`."""

    subject: Subject
    expected: Quantity
    actual: Quantity
    unit: str
    explained: Quantity = 0  # the part of the difference that is on its way
    note: str | None = None

    @property
    def difference(self) -> Quantity:
        return self.actual - self.expected

    @property
    def unexplained(self) -> Quantity:
        return self.difference - self.explained


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a check made of its facts. `summary` is a sentence for people.

    `unread` names customers about whom nothing could be learned this time: their variances stay as they were.
    """

    status: CheckStatus
    summary: str
    metrics: Mapping[str, Any]
    variances: tuple[Variance, ...] = ()
    unread: Mapping[str, str] = field(default_factory=dict)  # customer -> why, as a sentence

    def __post_init__(self) -> None:
        assert EXAMINED in self.metrics, "a check says what it looked at"
        keys = {variance.subject.key for variance in self.variances}
        assert len(keys) == len(self.variances), "a subject has one variance"

    @property
    def told(self) -> dict[str, Any]:
        """The metrics as recorded: with whom could not be read, and why."""
        unread = {"unread_count": len(self.unread), "unread": dict(self.unread)} if self.unread else {}
        return {**self.metrics, **unread}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconCheckResult:
    """One execution of a check, as recorded under `run_id`."""

    run_id: int
    check_name: str
    category: Category
    book: CheckBook
    status: CheckStatus
    summary: str
    metrics: Mapping[str, Any]
    variances: tuple[Variance, ...]
    ran_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChange:
    """A check came out otherwise than the time before; `before` is None when this was its first time."""

    run_id: int
    check_name: str
    category: Category
    book: CheckBook
    before: CheckStatus | None
    after: CheckStatus
    summary: str
    variance_count: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueLine:
    """A check as people read about it."""

    name: str
    category: Category
    books: tuple[CheckBook, ...]
    must_hold: str
    guards_against: str
    warns_when: str
    fails_when: str
    applies_to: tuple[CheckBook, ...] | None = None  # None: every book it is registered for

    def applies(self, book: CheckBook) -> bool:
        return self.applies_to is None or book in self.applies_to
