"""Table definitions of what the books keep beside the journal, all projected from `ledger_event`.

Everything has its event: a row's `id` or `event_id` is the event that made it. A wallet keeps a balance of its own,
changed in the statement that adds the lines, so that it can be held against them.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from recon.store.ledger_tables import ledger_event
from recon.store.tables import metadata

BROKERS = "broker in ('gtn','zag','viewtrade')"
QUANTITY = Numeric(38, 10)


def _event_id() -> Column[Any]:
    return Column("id", ForeignKey(ledger_event.c.id), primary_key=True, autoincrement=False)


def _of_customer() -> ForeignKeyConstraint:
    """The customer is one of the row's own book."""
    return ForeignKeyConstraint(["customer_id", "book"], ["customer.id", "customer.book"])


customer = Table(
    "customer",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("event_id", ForeignKey("ledger_event.id"), nullable=False, unique=True),
    Column("book", Text, nullable=False),
    Column("external_ref", Text, nullable=False),  # what other systems call the customer
    Column("name", Text, nullable=False),
    Column("metadata", JSONB, nullable=False),
    UniqueConstraint("book", "external_ref"),
    UniqueConstraint("id", "book"),
)

wallet = Table(
    "wallet",
    metadata,
    Column("account_id", Uuid, primary_key=True),
    Column("event_id", ForeignKey("ledger_event.id"), nullable=False, unique=True),
    Column("customer_id", Uuid, nullable=False),
    Column("book", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("balance", Numeric(38, 0), nullable=False),  # minor units
    ForeignKeyConstraint(["account_id", "book", "currency"], ["account.id", "account.book", "account.currency"]),
    _of_customer(),
    UniqueConstraint("customer_id", "currency"),
    postgresql_with={"fillfactor": 50},  # as hot as account_balance
)

holding_movement = Table(
    "holding_movement",
    metadata,
    _event_id(),
    Column("customer_id", Uuid, nullable=False),
    Column("book", Text, nullable=False),
    Column("broker", Text, nullable=False),
    Column("instrument", Text, nullable=False),
    Column("quantity", QUANTITY, nullable=False),  # into the holding plus, out of it minus
    Column("moved_on", Date, nullable=False),
    Column("allows_short", Boolean, nullable=False),
    Column("source_system", Text, nullable=False),
    Column("source_txn_id", Text, nullable=False),
    Column("metadata", JSONB, nullable=False),
    _of_customer(),
    UniqueConstraint("book", "source_system", "source_txn_id"),
    CheckConstraint(BROKERS, name="broker"),
    CheckConstraint("quantity <> 0 and quantity <> 'NaN'", name="quantity"),
    CheckConstraint("moved_on between '1900-01-01' and '2199-12-31'", name="moved_on"),
    Index(None, "customer_id", "broker", "instrument", "moved_on"),
)

holding = Table(
    "holding",
    metadata,
    Column("customer_id", Uuid, primary_key=True),
    Column("broker", Text, primary_key=True),
    Column("instrument", Text, primary_key=True),
    Column("book", Text, nullable=False),
    Column("quantity", QUANTITY, nullable=False),
    Column("allows_short", Boolean, nullable=False),  # a movement said so
    _of_customer(),
    CheckConstraint(BROKERS, name="broker"),
    CheckConstraint("quantity <> 'NaN' and (quantity >= 0 or allows_short)", name="quantity"),
    Index(None, "book", "broker"),
)

pending_flow = Table(
    "pending_flow",
    metadata,
    _event_id(),
    Column("customer_id", Uuid, nullable=False),
    Column("book", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),  # minor units
    Column("currency", Text, nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("source_system", Text, nullable=False),
    Column("source_txn_id", Text, nullable=False),
    Column("metadata", JSONB, nullable=False),
    Column("settled_at", DateTime(timezone=True)),
    Column("failed_at", DateTime(timezone=True)),
    Column("reason", Text),  # why it failed
    Column("entry_id", ForeignKey("journal_entry.id")),  # that books the end of it
    _of_customer(),
    UniqueConstraint("book", "source_system", "source_txn_id"),
    CheckConstraint("kind in ('deposit','withdrawal','remittance','trade')", name="kind"),
    CheckConstraint("amount > 0", name="amount"),
    CheckConstraint("settled_at is null or failed_at is null", name="ended_once"),
    CheckConstraint("coalesce(settled_at, failed_at) >= opened_at", name="ended_after_opening"),
    CheckConstraint("(failed_at is null) = (reason is null)", name="reason"),
    Index("pending_flow_open", "book", "opened_at", postgresql_where=text("settled_at is null and failed_at is null")),
    Index(None, "customer_id", "opened_at"),
    Index(None, "entry_id", postgresql_where=text("entry_id is not null")),
)

lrs_remittance = Table(
    "lrs_remittance",
    metadata,
    _event_id(),
    Column("customer_id", Uuid, nullable=False),
    Column("book", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),  # minor units
    Column("currency", Text, nullable=False),
    Column("sent_on", Date, nullable=False),
    Column("broker", Text, nullable=False),
    Column("broker_ref", Text, nullable=False),
    Column("entry_id", ForeignKey("journal_entry.id")),
    Column("returned_on", Date),
    Column("metadata", JSONB, nullable=False),
    _of_customer(),
    UniqueConstraint("broker", "broker_ref"),
    CheckConstraint("book = 'india'", name="book"),  # the scheme is India's
    CheckConstraint(BROKERS, name="broker"),
    CheckConstraint("amount > 0", name="amount"),
    CheckConstraint("sent_on between '1900-01-01' and '2199-12-31'", name="sent_on"),
    CheckConstraint("returned_on >= sent_on", name="returned_after_sending"),
    Index(None, "customer_id", "sent_on"),
    Index(None, "entry_id", postgresql_where=text("entry_id is not null")),
)

balance_snapshot = Table(
    "balance_snapshot",
    metadata,
    Column("account_id", Uuid, primary_key=True),
    Column("as_of", Date, primary_key=True),
    Column("event_id", ForeignKey("ledger_event.id"), nullable=False, unique=True),
    Column("book", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("balance", Numeric(38, 0), nullable=False),  # minor units, at the end of the day
    ForeignKeyConstraint(["account_id", "book", "currency"], ["account.id", "account.book", "account.currency"]),
    CheckConstraint("as_of between '1900-01-01' and '2199-12-31'", name="as_of"),
    Index(None, "book", "as_of"),
)
