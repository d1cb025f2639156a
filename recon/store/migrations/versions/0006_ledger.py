"""The ledger: an append-only log of events, its projections, and entries that balance when a transaction commits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

STAMP_EVENT = """
create function stamp_ledger_event() returns trigger language plpgsql as $$
begin
    new.at := clock_timestamp();  -- nobody dates an event but the database
    return new;
end
$$
"""

CHECK_ENTRY = """
create function check_journal_entry(entry bigint) returns void language plpgsql as $$
declare
    problem text;
begin
    select case when count(*) = 0 or sum(lines) < 2 then 'has fewer than two lines'
                when sum(strangers) > 0 then 'has lines of another book or day'
                else 'does not sum to zero: ' || string_agg(currency || ' ' || total, ', ') filter (where total <> 0)
           end into problem
      from (select l.currency, sum(l.amount) as total, count(*) as lines,
                   count(*) filter (where l.book <> e.book or l.booked_on <> e.booked_on) as strangers
              from journal_entry e join journal_line l on l.entry_id = e.id
             where e.id = entry group by l.currency) as sums;
    if problem is not null and exists (select from journal_entry where id = entry) then
        raise exception 'entry % %', entry, problem using errcode = 'integrity_constraint_violation';
    end if;
end
$$
"""

CHECK_OF_ENTRY = """
create function check_of_journal_entry() returns trigger language plpgsql as $$
begin
    perform check_journal_entry(new.id);
    return null;
end
$$
"""

CHECK_OF_LINE = """
create function check_of_journal_line() returns trigger language plpgsql as $$
begin
    if tg_op <> 'INSERT' then
        perform check_journal_entry(old.entry_id);
    end if;
    if tg_op <> 'DELETE' and (tg_op = 'INSERT' or new.entry_id <> old.entry_id) then
        perform check_journal_entry(new.entry_id);
    end if;
    return null;
end
$$
"""


def upgrade() -> None:
    _events_and_accounts()
    _journal()
    for function in (STAMP_EVENT, CHECK_ENTRY, CHECK_OF_ENTRY, CHECK_OF_LINE):
        op.execute(function)
    _trigger("ledger_event", "append_only", "before update or delete or truncate", "statement", "refuse_change")
    _trigger("ledger_event", "stamp", "before insert", "row", "stamp_ledger_event")
    _at_commit("journal_entry", "insert or update", "check_of_journal_entry")
    _at_commit("journal_line", "insert or update or delete", "check_of_journal_line")


def _trigger(table: str, name: str, when: str, each: str, function: str) -> None:
    op.execute(f"create trigger {table}_{name} {when} on {table} for each {each} execute function {function}()")
    op.execute(f"alter table {table} enable always trigger {table}_{name}")


def _at_commit(table: str, when: str, function: str) -> None:
    op.execute(
        f"create constraint trigger {table}_balances after {when} on {table} "
        f"deferrable initially deferred for each row execute function {function}()"
    )
    op.execute(f"alter table {table} enable always trigger {table}_balances")


def _events_and_accounts() -> None:
    op.create_table(
        "ledger_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("command_key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("body", JSONB(), nullable=False),
        sa.CheckConstraint("book in ('uae','india')", name=op.f("ledger_event_book_check")),
        sa.CheckConstraint(
            "kind in ('AccountOpened','TransferPosted','EntryPosted','EntryReversed')",
            name=op.f("ledger_event_kind_check"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("ledger_event_pkey")),
        sa.UniqueConstraint("command_key", name=op.f("ledger_event_command_key_key")),
    )
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("allows_overdraft", sa.Boolean(), nullable=False),
        sa.Column("metadata", JSONB(), nullable=False),
        sa.CheckConstraint(
            "type in ('asset','liability','income','expense','equity','user')", name=op.f("account_type_check")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["ledger_event.id"], name=op.f("account_event_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("account_pkey")),
        sa.UniqueConstraint("event_id", name=op.f("account_event_id_key")),
        sa.UniqueConstraint("id", "book", "currency", name=op.f("account_id_book_currency_key")),
    )
    op.create_index(op.f("account_book_currency_idx"), "account", ["book", "currency"])
    op.create_table(
        "account_balance",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("balance", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("protected_side", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("balance * protected_side >= 0", name=op.f("account_balance_overdraft_check")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("account_balance_account_id_fkey")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("account_balance_pkey")),
        postgresql_with={"fillfactor": 50},
    )


def _journal() -> None:
    op.create_table(
        "journal_entry",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("source_system", sa.Text(), nullable=False),
        sa.Column("source_txn_id", sa.Text(), nullable=False),
        sa.Column("reverses_id", sa.BigInteger(), nullable=True),
        sa.Column("metadata", JSONB(), nullable=False),
        sa.CheckConstraint(
            "booked_on between '1900-01-01' and '2199-12-31'", name=op.f("journal_entry_booked_on_check")
        ),
        sa.ForeignKeyConstraint(["id"], ["ledger_event.id"], name=op.f("journal_entry_id_fkey")),
        sa.ForeignKeyConstraint(["reverses_id"], ["journal_entry.id"], name=op.f("journal_entry_reverses_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("journal_entry_pkey")),
        sa.UniqueConstraint("reverses_id", name=op.f("journal_entry_reverses_id_key")),
        sa.UniqueConstraint(
            "book", "source_system", "source_txn_id", name=op.f("journal_entry_book_source_system_source_txn_id_key")
        ),
    )
    op.create_index(op.f("journal_entry_book_booked_on_id_idx"), "journal_entry", ["book", "booked_on", "id"])
    op.create_index(op.f("journal_entry_booked_on_id_idx"), "journal_entry", ["booked_on", "id"])
    op.create_table(
        "journal_line",
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("line_no", sa.SmallInteger(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount <> 0", name=op.f("journal_line_amount_check")),
        sa.ForeignKeyConstraint(
            ["account_id", "book", "currency"],
            ["account.id", "account.book", "account.currency"],
            name=op.f("journal_line_account_id_fkey"),
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["journal_entry.id"], name=op.f("journal_line_entry_id_fkey")),
        sa.PrimaryKeyConstraint("entry_id", "line_no", name=op.f("journal_line_pkey")),
    )
    op.create_index(
        op.f("journal_line_account_id_booked_on_entry_id_idx"),
        "journal_line",
        ["account_id", "booked_on", "entry_id"],
        postgresql_include=["amount"],
    )
