"""Open items live on across runs; decisions about rows are kept by what the rows say; runs tell what they carried."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

RECONCILIATION = """
alter table reconciliation
    add column carry_forward boolean default false not null,
    add column calendar text default '' not null,
    add column source_due_days smallint,
    add column reference_due_days smallint,
    add constraint reconciliation_source_due_days_check check (source_due_days between 0 and 366),
    add constraint reconciliation_reference_due_days_check check (reference_due_days between 0 and 366)
"""

TABLES = (
    """
    CREATE TABLE decision (
        id BIGINT GENERATED ALWAYS AS IDENTITY,
        reconciliation_id BIGINT NOT NULL,
        kind TEXT NOT NULL,
        reason_code TEXT,
        reason TEXT NOT NULL,
        actor TEXT NOT NULL,
        at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
        action_key TEXT NOT NULL,
        proposal_id BIGINT,
        revoked_at TIMESTAMP WITH TIME ZONE,
        revoked_by TEXT,
        CONSTRAINT decision_pkey PRIMARY KEY (id),
        CONSTRAINT decision_kind_check CHECK (kind in ('manual_match','never_pair','not_duplicate','ignore','write_off','net')),
        CONSTRAINT decision_revoked_check CHECK ((revoked_at is null) = (revoked_by is null)),
        CONSTRAINT decision_reconciliation_id_fkey FOREIGN KEY(reconciliation_id) REFERENCES reconciliation (id),
        CONSTRAINT decision_action_key_key UNIQUE (action_key)
    )
    """,
    """
    CREATE INDEX decision_standing ON decision (reconciliation_id, id) WHERE revoked_at is null
    """,
    """
    CREATE TABLE decision_member (
        decision_id BIGINT NOT NULL,
        side TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        amount BIGINT NOT NULL,
        currency TEXT NOT NULL,
        CONSTRAINT decision_member_pkey PRIMARY KEY (decision_id, side, fingerprint),
        CONSTRAINT decision_member_side_check CHECK (side in ('source','reference')),
        CONSTRAINT decision_member_decision_id_fkey FOREIGN KEY(decision_id) REFERENCES decision (id)
    )
    """,
    """
    CREATE INDEX decision_member_fingerprint_side_idx ON decision_member (fingerprint, side)
    """,
    """
    CREATE TABLE open_item (
        id BIGINT GENERATED ALWAYS AS IDENTITY,
        reconciliation_id BIGINT NOT NULL,
        side TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        txn_id TEXT,
        payment_ref TEXT,
        date DATE NOT NULL,
        at TIMESTAMP WITH TIME ZONE,
        amount BIGINT NOT NULL,
        currency TEXT NOT NULL,
        description TEXT,
        counterparty TEXT,
        group_id TEXT,
        fee BIGINT,
        kind TEXT,
        first_run_id BIGINT NOT NULL,
        first_line BIGINT NOT NULL,
        first_seen_on DATE NOT NULL,
        due_on DATE,
        state TEXT NOT NULL,
        cleared_by TEXT,
        cleared_run_id BIGINT,
        cleared_at TIMESTAMP WITH TIME ZONE,
        decision_id BIGINT,
        amends_id BIGINT,
        CONSTRAINT open_item_pkey PRIMARY KEY (id),
        CONSTRAINT open_item_reconciliation_id_side_fingerprint_key UNIQUE (reconciliation_id, side, fingerprint),
        CONSTRAINT open_item_side_check CHECK (side in ('source','reference')),
        CONSTRAINT open_item_state_check CHECK (state in ('open','in_transit','cleared')),
        CONSTRAINT open_item_cleared_by_check CHECK (cleared_by in ('match','decision','amended','vanished')),
        CONSTRAINT open_item_cleared_check CHECK ((state = 'cleared') = (cleared_by is not null)),
        CONSTRAINT open_item_decided_check CHECK ((cleared_by = 'decision') is not true or decision_id is not null),
        CONSTRAINT open_item_reconciliation_id_fkey FOREIGN KEY(reconciliation_id) REFERENCES reconciliation (id),
        CONSTRAINT open_item_first_run_id_fkey FOREIGN KEY(first_run_id) REFERENCES run (id),
        CONSTRAINT open_item_cleared_run_id_fkey FOREIGN KEY(cleared_run_id) REFERENCES run (id),
        CONSTRAINT open_item_decision_id_fkey FOREIGN KEY(decision_id) REFERENCES decision (id),
        CONSTRAINT open_item_amends_id_fkey FOREIGN KEY(amends_id) REFERENCES open_item (id)
    )
    """,
    """
    CREATE INDEX open_item_cleared_run_id_idx ON open_item (cleared_run_id) WHERE cleared_run_id is not null
    """,
    """
    CREATE INDEX open_item_decision_id_idx ON open_item (decision_id) WHERE decision_id is not null
    """,
    """
    CREATE INDEX open_item_first_run_id_side_first_line_idx ON open_item (first_run_id, side, first_line)
    """,
    """
    CREATE INDEX open_item_standing ON open_item (reconciliation_id, id) WHERE state <> 'cleared'
    """,
    """
    CREATE TABLE run_carry (
        run_id BIGINT NOT NULL,
        reconciliation_id BIGINT NOT NULL,
        as_of DATE NOT NULL,
        pool_hash TEXT NOT NULL,
        replaces_id BIGINT,
        looks_back BOOLEAN NOT NULL,
        number BIGINT,
        replaced_by_id BIGINT,
        carried_count BIGINT,
        cleared_count BIGINT,
        opened_count BIGINT,
        CONSTRAINT run_carry_pkey PRIMARY KEY (run_id),
        CONSTRAINT run_carry_reconciliation_id_number_key UNIQUE (reconciliation_id, number),
        CONSTRAINT run_carry_run_id_fkey FOREIGN KEY(run_id) REFERENCES run (id),
        CONSTRAINT run_carry_reconciliation_id_fkey FOREIGN KEY(reconciliation_id) REFERENCES reconciliation (id),
        CONSTRAINT run_carry_replaces_id_fkey FOREIGN KEY(replaces_id) REFERENCES run (id),
        CONSTRAINT run_carry_replaced_by_id_fkey FOREIGN KEY(replaced_by_id) REFERENCES run (id)
    )
    """,
    """
    CREATE TABLE run_side (
        run_id BIGINT NOT NULL,
        side TEXT NOT NULL,
        file_count BIGINT NOT NULL,
        earlier_count BIGINT NOT NULL,
        amended_count BIGINT NOT NULL,
        carried_count BIGINT NOT NULL,
        row_count BIGINT NOT NULL,
        first_on DATE,
        last_on DATE,
        CONSTRAINT run_side_pkey PRIMARY KEY (run_id, side),
        CONSTRAINT run_side_no_row_vanishes_check CHECK (row_count = file_count - earlier_count - amended_count + carried_count),
        CONSTRAINT run_side_run_id_fkey FOREIGN KEY(run_id) REFERENCES run_carry (run_id)
    )
    """,
    """
    CREATE TABLE run_amendment (
        run_id BIGINT NOT NULL,
        side TEXT NOT NULL,
        line BIGINT NOT NULL,
        txn_id TEXT NOT NULL,
        was_open BOOLEAN NOT NULL,
        before JSONB NOT NULL,
        after JSONB NOT NULL,
        CONSTRAINT run_amendment_pkey PRIMARY KEY (run_id, side, line),
        CONSTRAINT run_amendment_run_id_fkey FOREIGN KEY(run_id) REFERENCES run_carry (run_id)
    )
    """,
)

REFUSE_OTHER_CHANGE = """
create function refuse_decision_change() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and old.revoked_at is null
       and to_jsonb(new) - 'revoked_at' - 'revoked_by' = to_jsonb(old) - 'revoked_at' - 'revoked_by' then
        return new;
    end if;
    raise exception 'decision % stays as it was taken: % is refused', old.id, lower(tg_op)
        using errcode = 'restrict_violation', hint = 'Revoke it, then decide anew.';
end
$$
"""


def upgrade() -> None:
    op.execute(RECONCILIATION)
    for table in TABLES:
        op.execute(table)
    op.execute(
        "create trigger decision_member_append_only before update or delete or truncate on decision_member "
        "for each statement execute function refuse_change()"
    )
    op.execute("alter table decision_member enable always trigger decision_member_append_only")
    op.execute(REFUSE_OTHER_CHANGE)
    op.execute(
        "create trigger decision_stays before update or delete on decision "
        "for each row execute function refuse_decision_change()"
    )
    op.execute("alter table decision enable always trigger decision_stays")
