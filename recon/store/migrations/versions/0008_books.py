"""What the books keep beside the journal: customers, wallets, holdings, pending flows, remittances, snapshots."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KINDS = (
    "kind in ('AccountOpened','TransferPosted','EntryPosted','EntryReversed','CustomerAdded','WalletOpened',"
    "'HoldingMoved','FlowOpened','FlowSettled','FlowFailed','RemittanceSent','RemittanceReturned','SnapshotTaken')"
)


def upgrade() -> None:
    op.drop_constraint(op.f("ledger_event_kind_check"), "ledger_event", type_="check")
    op.create_check_constraint(op.f("ledger_event_kind_check"), "ledger_event", KINDS)
    for make in (_customers, _wallets, _holdings, _flows, _remittances, _snapshots):
        make()


def _customers() -> None:
    op.create_table(
        "customer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("external_ref", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("metadata", JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["ledger_event.id"], name=op.f("customer_event_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("customer_pkey")),
        sa.UniqueConstraint("book", "external_ref", name=op.f("customer_book_external_ref_key")),
        sa.UniqueConstraint("event_id", name=op.f("customer_event_id_key")),
        sa.UniqueConstraint("id", "book", name=op.f("customer_id_book_key")),
    )


def _wallets() -> None:
    op.create_table(
        "wallet",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("balance", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id", "book", "currency"],
            ["account.id", "account.book", "account.currency"],
            name=op.f("wallet_account_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id", "book"], ["customer.id", "customer.book"], name=op.f("wallet_customer_id_fkey")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["ledger_event.id"], name=op.f("wallet_event_id_fkey")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("wallet_pkey")),
        sa.UniqueConstraint("customer_id", "currency", name=op.f("wallet_customer_id_currency_key")),
        sa.UniqueConstraint("event_id", name=op.f("wallet_event_id_key")),
        postgresql_with={"fillfactor": 50},
    )


def _holdings() -> None:
    op.create_table(
        "holding_movement",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("broker", sa.Text(), nullable=False),
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=38, scale=10), nullable=False),
        sa.Column("moved_on", sa.Date(), nullable=False),
        sa.Column("allows_short", sa.Boolean(), nullable=False),
        sa.Column("source_system", sa.Text(), nullable=False),
        sa.Column("source_txn_id", sa.Text(), nullable=False),
        sa.Column("metadata", JSONB(), nullable=False),
        sa.CheckConstraint("broker in ('gtn','zag','viewtrade')", name=op.f("holding_movement_broker_check")),
        sa.CheckConstraint(
            "moved_on between '1900-01-01' and '2199-12-31'", name=op.f("holding_movement_moved_on_check")
        ),
        sa.CheckConstraint("quantity <> 0 and quantity <> 'NaN'", name=op.f("holding_movement_quantity_check")),
        sa.ForeignKeyConstraint(
            ["customer_id", "book"], ["customer.id", "customer.book"], name=op.f("holding_movement_customer_id_fkey")
        ),
        sa.ForeignKeyConstraint(["id"], ["ledger_event.id"], name=op.f("holding_movement_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("holding_movement_pkey")),
        sa.UniqueConstraint(
            "book", "source_system", "source_txn_id", name=op.f("holding_movement_book_source_system_source_txn_id_key")
        ),
    )
    op.create_index(
        op.f("holding_movement_customer_id_broker_instrument_moved_on_idx"),
        "holding_movement",
        ["customer_id", "broker", "instrument", "moved_on"],
    )
    op.create_table(
        "holding",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("broker", sa.Text(), nullable=False),
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=38, scale=10), nullable=False),
        sa.Column("allows_short", sa.Boolean(), nullable=False),
        sa.CheckConstraint("broker in ('gtn','zag','viewtrade')", name=op.f("holding_broker_check")),
        sa.CheckConstraint(
            "quantity <> 'NaN' and (quantity >= 0 or allows_short)", name=op.f("holding_quantity_check")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id", "book"], ["customer.id", "customer.book"], name=op.f("holding_customer_id_fkey")
        ),
        sa.PrimaryKeyConstraint("customer_id", "broker", "instrument", name=op.f("holding_pkey")),
    )
    op.create_index(op.f("holding_book_broker_idx"), "holding", ["book", "broker"])


def _flows() -> None:
    op.create_table(
        "pending_flow",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source_system", sa.Text(), nullable=False),
        sa.Column("source_txn_id", sa.Text(), nullable=False),
        sa.Column("metadata", JSONB(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("entry_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "kind in ('deposit','withdrawal','remittance','trade')", name=op.f("pending_flow_kind_check")
        ),
        sa.CheckConstraint("(failed_at is null) = (reason is null)", name=op.f("pending_flow_reason_check")),
        sa.CheckConstraint("amount > 0", name=op.f("pending_flow_amount_check")),
        sa.CheckConstraint(
            "coalesce(settled_at, failed_at) >= opened_at", name=op.f("pending_flow_ended_after_opening_check")
        ),
        sa.CheckConstraint("settled_at is null or failed_at is null", name=op.f("pending_flow_ended_once_check")),
        sa.ForeignKeyConstraint(
            ["customer_id", "book"], ["customer.id", "customer.book"], name=op.f("pending_flow_customer_id_fkey")
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["journal_entry.id"], name=op.f("pending_flow_entry_id_fkey")),
        sa.ForeignKeyConstraint(["id"], ["ledger_event.id"], name=op.f("pending_flow_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("pending_flow_pkey")),
        sa.UniqueConstraint(
            "book", "source_system", "source_txn_id", name=op.f("pending_flow_book_source_system_source_txn_id_key")
        ),
    )
    op.create_index(
        "pending_flow_open",
        "pending_flow",
        ["book", "opened_at"],
        postgresql_where=sa.text("settled_at is null and failed_at is null"),
    )


def _remittances() -> None:
    op.create_table(
        "lrs_remittance",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("broker", sa.Text(), nullable=False),
        sa.Column("broker_ref", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=True),
        sa.Column("returned_on", sa.Date(), nullable=True),
        sa.Column("metadata", JSONB(), nullable=False),
        sa.CheckConstraint("book = 'india'", name=op.f("lrs_remittance_book_check")),
        sa.CheckConstraint("broker in ('gtn','zag','viewtrade')", name=op.f("lrs_remittance_broker_check")),
        sa.CheckConstraint("sent_on between '1900-01-01' and '2199-12-31'", name=op.f("lrs_remittance_sent_on_check")),
        sa.CheckConstraint("amount > 0", name=op.f("lrs_remittance_amount_check")),
        sa.CheckConstraint("returned_on >= sent_on", name=op.f("lrs_remittance_returned_after_sending_check")),
        sa.ForeignKeyConstraint(
            ["customer_id", "book"], ["customer.id", "customer.book"], name=op.f("lrs_remittance_customer_id_fkey")
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["journal_entry.id"], name=op.f("lrs_remittance_entry_id_fkey")),
        sa.ForeignKeyConstraint(["id"], ["ledger_event.id"], name=op.f("lrs_remittance_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("lrs_remittance_pkey")),
        sa.UniqueConstraint("broker", "broker_ref", name=op.f("lrs_remittance_broker_broker_ref_key")),
    )
    op.create_index(op.f("lrs_remittance_customer_id_sent_on_idx"), "lrs_remittance", ["customer_id", "sent_on"])


def _snapshots() -> None:
    op.create_table(
        "balance_snapshot",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("balance", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.CheckConstraint("as_of between '1900-01-01' and '2199-12-31'", name=op.f("balance_snapshot_as_of_check")),
        sa.ForeignKeyConstraint(
            ["account_id", "book", "currency"],
            ["account.id", "account.book", "account.currency"],
            name=op.f("balance_snapshot_account_id_fkey"),
        ),
        sa.ForeignKeyConstraint(["event_id"], ["ledger_event.id"], name=op.f("balance_snapshot_event_id_fkey")),
        sa.PrimaryKeyConstraint("account_id", "as_of", name=op.f("balance_snapshot_pkey")),
        sa.UniqueConstraint("event_id", name=op.f("balance_snapshot_event_id_key")),
    )
    op.create_index(op.f("balance_snapshot_book_as_of_idx"), "balance_snapshot", ["book", "as_of"])
