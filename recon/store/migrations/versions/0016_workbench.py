"""The workbench: rows of a run that do not tie out, what settles them, and the journal entries of write-offs."""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE workbench_run (
        run_id BIGINT NOT NULL,
        prepared_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
        CONSTRAINT workbench_run_pkey PRIMARY KEY (run_id),
        CONSTRAINT workbench_run_run_id_fkey FOREIGN KEY(run_id) REFERENCES run (id)
    )
    """,
    """
    CREATE TABLE workbench_row (
        run_id BIGINT NOT NULL,
        side TEXT NOT NULL,
        line BIGINT NOT NULL,
        fingerprint TEXT NOT NULL,
        kind TEXT NOT NULL,
        discrepancy_id BIGINT,
        date DATE NOT NULL,
        amount BIGINT NOT NULL,
        open_amount BIGINT NOT NULL,
        currency TEXT NOT NULL,
        txn_id TEXT,
        payment_ref TEXT,
        description TEXT,
        counterparty TEXT,
        is_open BOOLEAN DEFAULT true NOT NULL,
        decision_id BIGINT,
        opened_by BIGINT,
        CONSTRAINT workbench_row_pkey PRIMARY KEY (run_id, side, line),
        CONSTRAINT workbench_row_side_check CHECK (side in ('source','reference')),
        CONSTRAINT workbench_row_settled_check CHECK (is_open or (open_amount = 0 and decision_id is not null)),
        CONSTRAINT workbench_row_part_check CHECK (abs(open_amount) <= abs(amount) and open_amount * sign(amount) >= 0),
        CONSTRAINT workbench_row_run_id_fkey FOREIGN KEY(run_id) REFERENCES run (id),
        CONSTRAINT workbench_row_decision_id_fkey FOREIGN KEY(decision_id) REFERENCES decision (id),
        CONSTRAINT workbench_row_opened_by_fkey FOREIGN KEY(opened_by) REFERENCES decision (id)
    )
    """,
    "CREATE INDEX workbench_row_by_amount ON workbench_row (run_id, side, currency, open_amount) WHERE is_open",
    "CREATE INDEX workbench_row_decision_id_idx ON workbench_row (decision_id) WHERE decision_id is not null",
    "CREATE INDEX workbench_row_discrepancy_id_idx ON workbench_row (discrepancy_id)",
    "CREATE INDEX workbench_row_fingerprint_idx ON workbench_row (fingerprint)",
    "CREATE INDEX workbench_row_open ON workbench_row (run_id, side, date, line) WHERE is_open",
    "CREATE INDEX workbench_row_opened_by_idx ON workbench_row (opened_by) WHERE opened_by is not null",
    """
    CREATE TABLE settlement (
        decision_id BIGINT NOT NULL,
        run_id BIGINT NOT NULL,
        action_key TEXT NOT NULL,
        move TEXT NOT NULL,
        resolution TEXT NOT NULL,
        row_count BIGINT NOT NULL,
        residual_side TEXT,
        residual_fingerprint TEXT,
        residual_amount BIGINT,
        replaces BIGINT[] DEFAULT '{}' NOT NULL,
        CONSTRAINT settlement_pkey PRIMARY KEY (decision_id),
        CONSTRAINT settlement_residual_check CHECK (
            num_nonnulls(residual_side, residual_fingerprint, residual_amount) in (0, 3)),
        CONSTRAINT settlement_decision_id_fkey FOREIGN KEY(decision_id) REFERENCES decision (id),
        CONSTRAINT settlement_run_id_fkey FOREIGN KEY(run_id) REFERENCES run (id)
    )
    """,
    "CREATE INDEX settlement_action_key_idx ON settlement (action_key)",
    "CREATE INDEX settlement_run_id_idx ON settlement (run_id, decision_id desc)",
    """
    CREATE TABLE write_off_entry (
        decision_id BIGINT NOT NULL,
        currency TEXT NOT NULL,
        amount BIGINT NOT NULL,
        entry_id BIGINT NOT NULL,
        reversal_id BIGINT,
        CONSTRAINT write_off_entry_pkey PRIMARY KEY (decision_id, currency),
        CONSTRAINT write_off_entry_decision_id_fkey FOREIGN KEY(decision_id) REFERENCES decision (id),
        CONSTRAINT write_off_entry_entry_id_key UNIQUE (entry_id),
        CONSTRAINT write_off_entry_entry_id_fkey FOREIGN KEY(entry_id) REFERENCES journal_entry (id),
        CONSTRAINT write_off_entry_reversal_id_key UNIQUE (reversal_id),
        CONSTRAINT write_off_entry_reversal_id_fkey FOREIGN KEY(reversal_id) REFERENCES journal_entry (id)
    )
    """,
    """
    CREATE TABLE write_off_account (
        reconciliation_id BIGINT NOT NULL,
        currency TEXT NOT NULL,
        book TEXT NOT NULL,
        account_id UUID NOT NULL,
        counter_account_id UUID NOT NULL,
        CONSTRAINT write_off_account_pkey PRIMARY KEY (reconciliation_id, currency),
        CONSTRAINT write_off_account_two_accounts_check CHECK (account_id <> counter_account_id),
        CONSTRAINT write_off_account_reconciliation_id_fkey
            FOREIGN KEY(reconciliation_id) REFERENCES reconciliation (id),
        CONSTRAINT write_off_account_account_id_fkey FOREIGN KEY(account_id) REFERENCES account (id),
        CONSTRAINT write_off_account_counter_account_id_fkey FOREIGN KEY(counter_account_id) REFERENCES account (id)
    )
    """,
    "create trigger settlement_append_only before update or delete or truncate on settlement "
    "for each statement execute function refuse_change()",
    "alter table settlement enable always trigger settlement_append_only",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
