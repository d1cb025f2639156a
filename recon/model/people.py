"""Who works here, what each role may do, and what one person asks another to approve."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class PersonRole(StrEnum):
    VIEWER = "viewer"
    OPERATOR = "operator"
    APPROVER = "approver"
    ADMIN = "admin"
    AUDITOR = "auditor"


class Action(StrEnum):
    """What can be done. Reading needs no entry: whoever is listed may look."""

    IMPORT = "import files and say what their columns mean"
    RUN = "start and cancel runs"
    TRIAGE = "work on discrepancies"
    MATCH = "match and unmatch rows by hand"
    WRITE_OFF = "write differences off"
    APPROVE = "approve what others propose"
    RULES = "save rules"
    LEDGER = "post to the ledger"
    CHECKS = "run checks and comment on variances"
    ALERTS = "send alerts again"
    PEOPLE = "list people and say what needs a second person"
    CLOSE = "sign a period off"
    AUDIT = "read the audit log"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One person. `limits`: the largest write-off on their own, minor units by currency; where none is, no limit of
    their own.

    `version` grows with every change, so that nobody overwrites what they have not seen.
    """

    name: str
    role: PersonRole
    is_active: bool = True
    limits: Mapping[str, int] = field(default_factory=dict)
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """From which amount on an action needs a second person: `above` minor units of `currency`.

    `reconciliation_id` None: in every reconciliation that has no policy of its own for the action and currency.
    """

    action: Action
    currency: str
    above: int
    reconciliation_id: int | None = None


class ProposalState(StrEnum):
    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    VOID = "void"  # what it was about changed before anybody decided


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Something one person wants done and another is to look at. `amounts`: what it moves, minor units by currency.

    `digest` names exactly what was shown; an approval names it too.
    """

    id: int
    action: Action
    subject: str
    body: Mapping[str, Any]
    amounts: Mapping[str, int]
    reason: str
    digest: str
    proposed_by: str
    proposed_at: datetime
    expires_at: datetime
    state: ProposalState
    decided_by: str | None
    decided_at: datetime | None
    decided_reason: str | None

    def is_expired(self, now: datetime) -> bool:
        return self.state is ProposalState.OPEN and now >= self.expires_at


def proposal_digest(
    action: Action, subject: str, body: Mapping[str, Any], amounts: Mapping[str, int], reason: str
) -> str:
    """sha256 of everything an approver is shown."""
    shown = {"action": action.name, "subject": subject, "body": dict(body), "amounts": dict(amounts), "reason": reason}
    return hashlib.sha256(json.dumps(shown, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
