"""Who works here, what each role may do, and what one person asks another to approve."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final


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
    EMERGENCY = "decide in an emergency"


class Deed(StrEnum):
    """What a policy can put into the hands of two people: the table is `DEEDS`."""

    WRITE_OFF = "write off"
    ADJUST = "adjust"
    SET_ASIDE = "set aside"
    MATCH = "match"
    CONFIRM = "confirm"
    NET = "net"
    UNMATCH = "unmatch"
    POST = "post"
    REVERSE = "reverse"
    REOPEN = "open again"
    RULES = "save rules"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeedTerms:
    """How a deed is told, and held against its limits.

    `amount`: what its amount is, always by currency and without sign; None where it has none, so that it needs a
    second person always or never. `is_anywhere`: it belongs to no single reconciliation.
    """

    label: str
    does: str  # after "may not ... alone" and before what it is done to
    amount: str | None
    is_anywhere: bool = False


DEEDS: Final[Mapping[Deed, DeedTerms]] = {
    Deed.WRITE_OFF: DeedTerms(label="Write-offs", does="write off", amount="what is written off"),
    Deed.ADJUST: DeedTerms(label="Adjustments", does="adjust", amount="what is corrected"),
    Deed.SET_ASIDE: DeedTerms(
        label="Setting aside", does="set aside", amount="what is ignored, or resolved without an entry"
    ),
    Deed.MATCH: DeedTerms(label="Matches by hand", does="match", amount="the larger side"),
    Deed.CONFIRM: DeedTerms(
        label="Confirmed suggestions", does="confirm", amount="the larger sides, all at once together"
    ),
    Deed.NET: DeedTerms(label="Netting", does="net", amount="what cancels out"),
    Deed.UNMATCH: DeedTerms(label="Taking matches apart", does="take apart", amount="the larger side"),
    Deed.POST: DeedTerms(label="Ledger entries", does="post", amount="the debits", is_anywhere=True),
    Deed.REVERSE: DeedTerms(
        label="Ledger reversals", does="reverse", amount="the debits of the entry", is_anywhere=True
    ),
    Deed.REOPEN: DeedTerms(label="Opening a closed period", does="open a closed period again", amount=None),
    Deed.RULES: DeedTerms(label="Saving rules", does="save rules", amount=None),
}
"""In the order they are shown."""


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
    """From which amount on a deed needs a second person: above `above` minor units of `currency`.

    Without a currency it always does, in every currency that has no policy of its own, and where there is no amount.
    `reconciliation_id` None: in every reconciliation whose own policies do not say otherwise.
    """

    action: Deed
    currency: str | None = None
    above: int | None = None
    reconciliation_id: int | None = None

    def __post_init__(self) -> None:
        assert (self.currency is None) == (self.above is None), "an amount is of a currency"


class ProposalState(StrEnum):
    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    VOID = "void"  # what it was about changed before anybody decided


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Something one person wants done and another is to look at. `amounts`: what it moves, minor units by currency.

    `digest` names exactly what was shown; an approval names it too. `body["does"]` says how it is carried out.
    `is_emergency`: an administrator decided it, because no approver could.
    """

    id: int
    action: Deed
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
    is_emergency: bool = False

    def is_expired(self, now: datetime) -> bool:
        return self.state is ProposalState.OPEN and now >= self.expires_at


def proposal_digest(
    action: Deed, subject: str, body: Mapping[str, Any], amounts: Mapping[str, int], reason: str
) -> str:
    """sha256 of everything an approver is shown."""
    shown = {"action": action.name, "subject": subject, "body": dict(body), "amounts": dict(amounts), "reason": reason}
    return hashlib.sha256(json.dumps(shown, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
