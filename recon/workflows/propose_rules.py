"""Ask a second person to make rules the next version of a reconciliation's: who wrote them is not who approves them."""

from __future__ import annotations

from sqlalchemy import Connection, Engine

from recon.errors import ReconciliationNotFound, RulesChanged
from recon.model.people import Action, Deed, Proposal
from recon.model.rules import Rules
from recon.store import people, rules
from recon.store.evidence import Evidence
from recon.store.runs import rules_from
from recon.workflows.permit import permit
from recon.workflows.save_rules import note_for

DOES = "save_rules"


def propose_rules(
    engine: Engine, *, reconciliation: str, wanted: Rules, after: int, note: str, actor: str, action_key: str
) -> int:
    """Ask that they are saved as the version after `after`; the proposal's number. Raises as `save_rules`."""
    why = note_for(note)
    with engine.begin() as conn:
        permit(conn, actor, Action.RULES)
        before = rules.newest(conn, reconciliation)
        if (before.version if before else 0) != after:
            assert before is not None, "a version that was shown does not go away"
            raise RulesChanged(version=before.version, actor=before.created_by)
        return people.propose(
            conn,
            Deed.RULES,
            subject=f"version {after + 1} of {reconciliation}",
            body={
                "does": DOES,
                "reconciliation": reconciliation,
                "after": after,
                "before": before.rules.as_dict() if before else None,
                "rules": wanted.as_dict(),
                "note": why,
            },
            amounts={},
            reason=why,
            actor=actor,
            action_key=action_key,
        )


def rules_of(asked: Proposal) -> tuple[Rules | None, Rules]:
    """The rules that hold before, if any, and those proposed."""
    before = asked.body["before"]
    return (rules_from(before) if before else None), rules_from(asked.body["rules"])


def save_proposed(conn: Connection, _evidence: Evidence, asked: Proposal) -> bool:
    """Save them in the proposer's name; False when somebody saved a version meanwhile."""
    body = asked.body
    try:
        rules.save(
            conn,
            body["reconciliation"],
            rules_of(asked)[1],
            after=body["after"],
            note=body["note"],
            actor=asked.proposed_by,
        )
    except (RulesChanged, ReconciliationNotFound):
        return False
    return True
