"""The ledger's nouns: what can be asked of it (commands), what happened (facts), and how things stand (states).

Amounts asked for are decimal strings, as people and scripts write them; amounts of facts and states are minor units.
A line is signed: into the account is plus (debit), out of it minus (credit).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, get_args
from uuid import UUID

from recon.model.books import (
    Book as Book,
)
from recon.model.books import (
    BooksCommand,
    BooksFact,
    BooksStanding,
    Broker,
    FlowKind,
    MoveHolding,
    OpenFlow,
)

OWN_SYSTEM: Final = "tieout"
"""`source_system` of an entry that no other system asked for; its `source_txn_id` is the command's key."""


class AccountType(StrEnum):
    ASSET = "asset"
    LIABILITY = "liability"
    INCOME = "income"
    EXPENSE = "expense"
    EQUITY = "equity"
    USER = "user"  # what a customer holds, seen from the customer: money in is plus

    @property
    def normal_side(self) -> int:
        """+1 where a sound balance is a debit, -1 where it is a credit."""
        return -1 if self in (AccountType.LIABILITY, AccountType.INCOME, AccountType.EQUITY) else 1


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAccount:
    key: str
    book: Book
    currency: str
    type: AccountType
    allows_overdraft: bool = False
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Move a positive amount out of one account into another of the same book and currency."""

    key: str
    source_account_id: UUID
    destination_account_id: UUID
    amount: str
    currency: str
    booked_on: date | None = None  # the day of the command, unless said
    source_system: str | None = None
    source_txn_id: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedLine:
    """A line as asked for: `12.50` is a debit, `-12.50` a credit."""

    account_id: UUID
    amount: str
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PostEntry:
    key: str
    book: Book
    lines: tuple[WantedLine, ...]
    booked_on: date | None = None
    source_system: str | None = None
    source_txn_id: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReverseEntry:
    """Post the opposite of an entry, once; the entry itself stays."""

    key: str
    entry_id: int
    booked_on: date | None = None
    source_system: str | None = None
    source_txn_id: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


PostingCommand = Transfer | PostEntry | ReverseEntry
Command = OpenAccount | PostingCommand | BooksCommand
"""Each carries a `key`: the same command sent twice with it is carried out once."""


def fingerprint(command: Command) -> str:
    """sha256 of everything the command says but its key: tells a repetition from another command."""
    said = _said(command) | {"key": type(command).__name__}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def origin_of(command: PostingCommand | MoveHolding | OpenFlow) -> tuple[str, str]:
    """The system and its transaction the entry, movement or flow comes from: unique in a book."""
    return command.source_system or OWN_SYSTEM, command.source_txn_id or command.key


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    account_id: UUID
    amount: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountOpened:
    account_id: UUID
    book: Book
    currency: str
    type: AccountType
    allows_overdraft: bool
    metadata: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferPosted:
    book: Book
    booked_on: date
    source_system: str
    source_txn_id: str
    source_account_id: UUID
    destination_account_id: UUID
    amount: int
    currency: str
    metadata: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPosted:
    book: Book
    booked_on: date
    source_system: str
    source_txn_id: str
    lines: tuple[Line, ...]
    metadata: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryReversed:
    book: Book
    booked_on: date
    source_system: str
    source_txn_id: str
    reverses_id: int
    lines: tuple[Line, ...]
    metadata: Mapping[str, Any]


Fact = AccountOpened | TransferPosted | EntryPosted | EntryReversed | BooksFact
"""What happened: the one thing that is stored for good, and that everything else is projected from."""

_FACTS: Final[Mapping[str, type[Fact]]] = {kind.__name__: kind for kind in get_args(Fact)}


def body_of(fact: Fact) -> dict[str, Any]:
    """The fact as JSON holds it; `fact_from` is its inverse."""
    return _said(fact)


def fact_from(kind: str, body: Mapping[str, Any]) -> Fact:
    """The fact a stored event tells; a kind that is none of ours is a KeyError, never taken for another."""
    made: Any = _FACTS[kind]
    return made(**{name: _typed(name, value) for name, value in body.items()})  # type: ignore[no-any-return]


def _said(value: Command | Fact | Line | WantedLine) -> dict[str, Any]:
    """Field -> what JSON has for it. By hand: `asdict` copies deeply, which costs more than the rest of a command."""
    return {name: _plain(getattr(value, name)) for name in value.__slots__}


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return value.isoformat()
        case Decimal():
            return f"{value:f}"
        case UUID() | date():
            return str(value)
        case tuple():
            return [_said(line) for line in value]
        case _:
            return value


def _typed(name: str, value: Any) -> Any:
    match name:
        case "book":
            return Book(value)
        case "type":
            return AccountType(value)
        case "broker":
            return Broker(value)
        case "kind":
            return FlowKind(value)
        case "booked_on" | "moved_on" | "sent_on" | "returned_on" | "as_of":
            return date.fromisoformat(value)
        case "opened_at" | "settled_at" | "failed_at":
            return datetime.fromisoformat(value)
        case "quantity":
            return Decimal(value)
        case "account_id" | "source_account_id" | "destination_account_id" | "customer_id":
            return UUID(value)
        case "lines":
            return tuple(Line(**{part: _typed(part, said) for part, said in line.items()}) for line in value)
        case _:
            return value


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEvent:
    """A fact as recorded. The entry a fact posts has the event's id."""

    id: int
    at: datetime
    actor: str
    command_key: str
    fingerprint: str
    fact: Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """What a fact adds to the journal: lines that sum to zero in each currency."""

    book: Book
    booked_on: date
    source_system: str
    source_txn_id: str
    reverses_id: int | None
    lines: tuple[Line, ...]
    metadata: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountState:
    """An account as it stands, locked."""

    id: UUID
    book: Book
    currency: str
    type: AccountType
    allows_overdraft: bool
    balance: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryState:
    """A posted entry; `reversed_by` is the entry that reverses it, if there is one."""

    id: int
    book: Book
    lines: tuple[Line, ...]
    reversed_by: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Everything a command is decided on."""

    accounts: Mapping[UUID, AccountState] = field(default_factory=dict)
    earlier: LedgerEvent | None = None  # what came of the first command with this key
    taken_by: int | None = None  # the entry that has this source transaction already
    entry: EntryState | None = None  # the one to reverse
    books: BooksStanding = field(default_factory=BooksStanding)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountBalance:
    """An account with its balance on some day, or now."""

    id: UUID
    book: Book
    currency: str
    type: AccountType
    allows_overdraft: bool
    metadata: Mapping[str, Any]
    balance: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialBalance:
    """One book and currency: what stands on the debit side, and on the credit side. Equal, or the books are wrong."""

    book: Book
    currency: str
    account_count: int
    debit: int
    credit: int

    @property
    def difference(self) -> int:
        return self.debit - self.credit


@dataclass(frozen=True, slots=True, kw_only=True)
class TableDifference:
    """Where a projection is not what the events say: rows it lacks, rows too many (a changed row is both)."""

    table: str
    missing_count: int
    extra_count: int
    examples: tuple[str, ...]  # keys of some of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What projecting every event again came to."""

    event_count: int
    account_count: int
    entry_count: int
    differences: tuple[TableDifference, ...]  # none: the projections are what the events say
    is_rebuilt: bool  # the differences were put right
