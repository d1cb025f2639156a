"""A policy can say always; a proposal stays what was shown, is decided once and in time, also in an emergency."""

from __future__ import annotations

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

KEEP_PROPOSAL = """
create function keep_proposal() returns trigger language plpgsql as $$
begin
    if tg_op <> 'UPDATE' then
        raise exception 'proposals stay: % is refused', lower(tg_op) using errcode = 'restrict_violation';
    end if;
    if old.state <> 'open' then
        raise exception 'proposal % is % and stays so', old.id, old.state using errcode = 'restrict_violation';
    end if;
    if (old.id, old.action, old.subject, old.body, old.amounts, old.reason, old.digest, old.proposed_by,
        old.proposed_at, old.expires_at, old.action_key)
       is distinct from
       (new.id, new.action, new.subject, new.body, new.amounts, new.reason, new.digest, new.proposed_by,
        new.proposed_at, new.expires_at, new.action_key) then
        raise exception 'proposal % is what was shown, and stays so', old.id
            using errcode = 'restrict_violation', hint = 'Withdraw it and propose anew.';
    end if;
    if new.state = 'approved' and old.expires_at <= clock_timestamp() then
        raise exception 'proposal % has expired', old.id
            using errcode = 'restrict_violation', hint = 'Propose it anew.';
    end if;
    return new;
end
$$
"""

STATEMENTS = (
    "create unique index person_once on person (lower(name))",
    "alter table approval_policy alter column currency drop not null, alter column above drop not null",
    "alter table approval_policy add constraint approval_policy_amount_check"
    " check ((currency is null) = (above is null))",
    "drop index approval_policy_once",
    "create unique index approval_policy_once"
    " on approval_policy (coalesce(reconciliation_id, 0), action, coalesce(currency, ''))",
    "alter table proposal add column is_emergency boolean default false not null",
    "alter table proposal add constraint proposal_emergency_check"
    " check (not is_emergency or (state <> 'open' and decided_reason is not null))",
    KEEP_PROPOSAL,
    "create trigger proposal_kept before update or delete on proposal for each row execute function keep_proposal()",
    "create trigger proposal_not_emptied before truncate on proposal for each statement"
    " execute function keep_proposal()",
    "alter table proposal enable always trigger proposal_kept",
    "alter table proposal enable always trigger proposal_not_emptied",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
