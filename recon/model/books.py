"""What the books keep beside the journal: customers, their wallets and holdings, money on its way, stored balances.

Commands and facts as in `recon.model.ledger`, which puts both together. Quantities asked for are decimal strings,
those of facts exact Decimals; a movement of a holding is signed: into the holding is plus.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID


class Book(StrEnum):
    """One legal set of accounts; no entry crosses from one to another."""

    UAE = "uae"
    INDIA = "india"


class Broker(StrEnum):
    """Who keeps customers' holdings, and cash beside them."""

    GTN = "gtn"
    ZAG = "zag"
    VIEWTRADE = "viewtrade"


class FlowKind(StrEnum):
    """Why money is on its way."""

    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    REMITTANCE = "remittance"
    TRADE = "trade"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddCustomer:
    """`external_ref` is what other systems call the customer; unique in the book."""

    key: str
    book: Book
    external_ref: str
    name: str
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenWallet:
    """Make an account of type user the customer's cash in its currency."""

    key: str
    customer_id: UUID
    account_id: UUID
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveHolding:
    """Units of an instrument into (plus) or out of (minus) what the customer holds with a broker."""

    key: str
    customer_id: UUID
    broker: Broker
    instrument: str
    quantity: str
    moved_on: date | None = None  # the day of the command, unless said
    allows_short: bool = False  # may leave less than nothing
    source_system: str | None = None
    source_txn_id: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenFlow:
    """Money of a customer left one side and has not come to the other."""

    key: str
    customer_id: UUID
    kind: FlowKind
    amount: str
    currency: str
    opened_at: datetime
    source_system: str | None = None
    source_txn_id: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleFlow:
    """The money arrived; `entry_id` is the journal entry that books it."""

    key: str
    flow_id: int
    settled_at: datetime
    entry_id: int | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FailFlow:
    """The money will not arrive, and why."""

    key: str
    flow_id: int
    failed_at: datetime
    reason: str
    entry_id: int | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SendRemittance:
    """Money sent abroad under India's Liberalised Remittance Scheme, to the customer's account with a broker."""

    key: str
    customer_id: UUID
    amount: str
    currency: str
    sent_on: date
    broker: Broker
    broker_ref: str  # what the broker calls it; unique with that broker
    entry_id: int | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnRemittance:
    """The remittance came back, whole."""

    key: str
    remittance_id: int
    returned_on: date
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeSnapshot:
    """Store the account's balance at the end of a day that is over."""

    key: str
    account_id: UUID
    as_of: date
    replaces: bool = False  # an earlier one of that day; its event stays
    metadata: Mapping[str, Any] = field(default_factory=dict)


BooksCommand = (
    AddCustomer
    | OpenWallet
    | MoveHolding
    | OpenFlow
    | SettleFlow
    | FailFlow
    | SendRemittance
    | ReturnRemittance
    | TakeSnapshot
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerAdded:
    customer_id: UUID
    book: Book
    external_ref: str
    name: str
    metadata: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletOpened:
    account_id: UUID
    customer_id: UUID
    book: Book
    currency: str
    metadata: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldingMoved:
    customer_id: UUID
    book: Book
    broker: Broker
    instrument: str
    quantity: Decimal
    moved_on: date
    allows_short: bool
    source_system: str
    source_txn_id: str
    metadata: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowOpened:
    customer_id: UUID
    book: Book
    kind: FlowKind
    amount: int
    currency: str
    opened_at: datetime
    source_system: str
    source_txn_id: str
    metadata: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowSettled:
    flow_id: int
    book: Book
    settled_at: datetime
    entry_id: int | None
    metadata: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowFailed:
    flow_id: int
    book: Book
    failed_at: datetime
    reason: str
    entry_id: int | None
    metadata: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RemittanceSent:
    customer_id: UUID
    book: Book
    amount: int
    currency: str
    sent_on: date
    broker: Broker
    broker_ref: str
    entry_id: int | None
    metadata: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RemittanceReturned:
    remittance_id: int
    book: Book
    returned_on: date
    metadata: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotTaken:
    account_id: UUID
    book: Book
    currency: str
    as_of: date
    balance: int
    metadata: Mapping[str, Any]


BooksFact = (
    CustomerAdded
    | WalletOpened
    | HoldingMoved
    | FlowOpened
    | FlowSettled
    | FlowFailed
    | RemittanceSent
    | RemittanceReturned
    | SnapshotTaken
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerState:
    """`has_wallet`: in the currency of the account a command names, if it names one."""

    id: UUID
    book: Book
    has_wallet: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowState:
    """A flow as it stands, locked; `closed_at` is when it settled or failed."""

    id: int
    book: Book
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemittanceState:
    """A remittance as it stands, locked."""

    id: int
    book: Book
    sent_on: date
    returned_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BooksStanding:
    """What a command about these is decided on; what it does not name is None."""

    customer: CustomerState | None = None
    quantity: Decimal = Decimal(0)  # held before the movement
    flow: FlowState | None = None
    remittance: RemittanceState | None = None
    balance_then: int = 0  # of the account, at the end of the snapshot's day
    has_snapshot: bool = False
    is_wallet: bool = False  # the account is one already
    entry_book: Book | None = None  # of the journal entry the command links to
