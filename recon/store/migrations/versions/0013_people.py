"""People have roles and limits; what is above them is proposed, and somebody else decides."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE person (
        name TEXT NOT NULL,
        role TEXT NOT NULL,
        is_active BOOLEAN DEFAULT true NOT NULL,
        limits JSONB DEFAULT '{}'::jsonb NOT NULL,
        version INTEGER DEFAULT '1' NOT NULL,
        CONSTRAINT person_pkey PRIMARY KEY (name),
        CONSTRAINT person_role_check CHECK (role in ('viewer','operator','approver','admin','auditor')),
        CONSTRAINT person_name_check CHECK (length(name) between 1 and 80)
    )
    """,
    """
    CREATE TABLE approval_policy (
        id BIGINT GENERATED ALWAYS AS IDENTITY,
        reconciliation_id BIGINT,
        action TEXT NOT NULL,
        currency TEXT NOT NULL,
        above BIGINT NOT NULL,
        CONSTRAINT approval_policy_pkey PRIMARY KEY (id),
        CONSTRAINT approval_policy_above_check CHECK (above >= 0),
        CONSTRAINT approval_policy_reconciliation_id_fkey FOREIGN KEY(reconciliation_id) REFERENCES reconciliation (id)
    )
    """,
    """
    CREATE UNIQUE INDEX approval_policy_once ON approval_policy (coalesce(reconciliation_id, 0), action, currency)
    """,
    """
    CREATE TABLE proposal (
        id BIGINT GENERATED ALWAYS AS IDENTITY,
        action TEXT NOT NULL,
        subject TEXT NOT NULL,
        body JSONB NOT NULL,
        amounts JSONB NOT NULL,
        reason TEXT NOT NULL,
        digest TEXT NOT NULL,
        proposed_by TEXT NOT NULL,
        proposed_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
        expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
        action_key TEXT NOT NULL,
        state TEXT DEFAULT 'open' NOT NULL,
        decided_by TEXT,
        decided_at TIMESTAMP WITH TIME ZONE,
        decided_reason TEXT,
        CONSTRAINT proposal_pkey PRIMARY KEY (id),
        CONSTRAINT proposal_state_check CHECK (state in ('open','approved','rejected','withdrawn','void')),
        CONSTRAINT proposal_decided_check CHECK ((state = 'open') = (decided_by is null)),
        CONSTRAINT proposal_second_person_check CHECK (state not in ('approved','rejected') or decided_by <> proposed_by),
        CONSTRAINT proposal_digest_check CHECK (length(digest) = 64),
        CONSTRAINT proposal_action_key_key UNIQUE (action_key)
    )
    """,
    """
    CREATE INDEX proposal_open ON proposal (expires_at) WHERE state = 'open'
    """,
)


def upgrade() -> None:
    for statement in TABLES:
        op.execute(statement)
