"""Table definitions of the ledger: one log of events, and what is projected from it.

`ledger_event` is append-only. The other tables follow from it and can be made again (`recon ledger replay --rebuild`);
triggers in the migration hold that an entry's lines sum to zero per currency when a transaction commits.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Numeric,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

from recon.store.tables import metadata

ledger_event = Table(
    "ledger_event",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),  # set by a trigger
    Column("actor", Text, nullable=False),
    Column("command_key", Text, nullable=False, unique=True),  # a command sent twice is one event
    Column("fingerprint", Text, nullable=False),  # sha256 of the command: another one with the same key is refused
    Column("kind", Text, nullable=False),  # the name of a recon.model.ledger.Fact
    Column("book", Text, nullable=False),
    Column("body", JSONB, nullable=False),  # recon.model.ledger.Fact
    CheckConstraint("book in ('uae','india')", name="book"),
    CheckConstraint(
        "kind in ('AccountOpened','TransferPosted','EntryPosted','EntryReversed','CustomerAdded','WalletOpened',"
        "'HoldingMoved','FlowOpened','FlowSettled','FlowFailed','RemittanceSent','RemittanceReturned','SnapshotTaken')",
        name="kind",
    ),
)

account = Table(
    "account",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("event_id", ForeignKey("ledger_event.id"), nullable=False, unique=True),
    Column("book", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("allows_overdraft", Boolean, nullable=False),
    Column("metadata", JSONB, nullable=False),
    CheckConstraint("type in ('asset','liability','income','expense','equity','user')", name="type"),
    UniqueConstraint("id", "book", "currency"),  # so that a line cannot name an account of another book or currency
    Index(None, "book", "currency"),
)

journal_entry = Table(
    "journal_entry",
    metadata,
    Column("id", ForeignKey("ledger_event.id"), primary_key=True, autoincrement=False),  # the event that posted it
    Column("book", Text, nullable=False),
    Column("booked_on", Date, nullable=False),
    Column("source_system", Text, nullable=False),
    Column("source_txn_id", Text, nullable=False),
    Column("reverses_id", ForeignKey("journal_entry.id"), unique=True),  # an entry is reversed once
    Column("metadata", JSONB, nullable=False),
    UniqueConstraint("book", "source_system", "source_txn_id"),
    CheckConstraint("booked_on between '1900-01-01' and '2199-12-31'", name="booked_on"),
    Index(None, "book", "booked_on", "id"),
    Index(None, "booked_on", "id"),  # the journal of all books, the latest day first
)

journal_line = Table(
    "journal_line",
    metadata,
    Column("entry_id", ForeignKey("journal_entry.id"), primary_key=True),
    Column("line_no", SmallInteger, primary_key=True),
    Column("account_id", Uuid, nullable=False),
    Column("book", Text, nullable=False),
    Column("booked_on", Date, nullable=False),  # the entry's: a balance as of a day reads this table alone
    Column("currency", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),  # minor units; debit plus, credit minus
    CheckConstraint("amount <> 0", name="amount"),
    ForeignKeyConstraint(["account_id", "book", "currency"], ["account.id", "account.book", "account.currency"]),
    Index(None, "account_id", "booked_on", "entry_id", postgresql_include=["amount"]),
)

account_balance = Table(
    "account_balance",
    metadata,
    Column("account_id", ForeignKey("account.id"), primary_key=True),
    Column("balance", Numeric(38, 0), nullable=False),
    Column(
        "protected_side", SmallInteger, nullable=False
    ),  # 1: never below zero, -1: never above, 0: overdraft allowed
    CheckConstraint("balance * protected_side >= 0", name="overdraft"),
    postgresql_with={"fillfactor": 50},  # hot rows: their next versions stay on the page
)
"""The rows commands lock, in the order of account ids: whoever changes a balance waits here for the one before."""
