"""What stands in the way of what somebody wants to do: who they are, what they may do, and whom they must ask.

Each says what to do next, as every `TieoutError`.
"""

from __future__ import annotations

from recon.errors import TieoutError


class PersonUnknown(TieoutError):
    code = "PERSON_UNKNOWN"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} is not listed as a person here. An administrator can add {name} on the Settings page."
        )


class PersonInactive(TieoutError):
    code = "PERSON_INACTIVE"

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not active any more, and may do nothing here. An administrator can change that.")


class PersonNotFound(TieoutError):
    code = "PERSON_NOT_FOUND"

    def __init__(self, name: str) -> None:
        super().__init__(f"Nobody named {name} is listed. Add a person of that name instead.")


class PersonListed(TieoutError):
    code = "PERSON_LISTED"

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is listed already. Change that person, or give another name.")


class PersonChanged(TieoutError):
    code = "PERSON_CHANGED"

    def __init__(self, name: str) -> None:
        super().__init__(f"Somebody else changed {name} while you did. Nothing was saved. Look again, then save.")


class LastAdmin(TieoutError):
    code = "LAST_ADMIN"

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is the only administrator. Make somebody else one first.")


class NotAllowed(TieoutError):
    code = "NOT_ALLOWED"

    def __init__(self, name: str, role: str, action: str) -> None:
        super().__init__(f"{name} is listed as {role} and may not {action}. An administrator can change that.")


class SecondPersonNeeded(TieoutError):
    """What the person wants is above what they may decide alone; it can be proposed."""

    code = "SECOND_PERSON_NEEDED"

    def __init__(self, amounts: str = "", *, does: str = "write off") -> None:
        self.what = f"{amounts} is more than you may {does} alone" if amounts else f"You may not {does} alone"
        super().__init__(f"{self.what}. Propose it, and a second person decides.")


class ProposalNotFound(TieoutError):
    code = "PROPOSAL_NOT_FOUND"

    def __init__(self, proposal_id: int) -> None:
        super().__init__(f"There is no proposal {proposal_id}. The Approvals page lists those there are.")


class ProposalDecided(TieoutError):
    code = "PROPOSAL_DECIDED"

    def __init__(self, proposal_id: int, state: str) -> None:
        super().__init__(f"Proposal {proposal_id} is {state} already. Nothing was done.")


class ProposalExpired(TieoutError):
    code = "PROPOSAL_EXPIRED"

    def __init__(self, proposal_id: int) -> None:
        super().__init__(f"Proposal {proposal_id} is older than a day and does not count any more. Propose it again.")


class ProposalNotAsShown(TieoutError):
    code = "PROPOSAL_NOT_AS_SHOWN"

    def __init__(self, proposal_id: int) -> None:
        super().__init__(f"Proposal {proposal_id} is not what you were shown. Nothing was done. Look at it again.")


class OwnProposal(TieoutError):
    code = "OWN_PROPOSAL"

    def __init__(self) -> None:
        super().__init__("You proposed this yourself. Somebody else has to approve it; you can withdraw it.")


class NotYourProposal(TieoutError):
    code = "NOT_YOUR_PROPOSAL"

    def __init__(self, proposal_id: int, proposed_by: str) -> None:
        super().__init__(
            f"Proposal {proposal_id} is {proposed_by}'s, who alone can withdraw it. An approver can reject it."
        )


class RejectionNeedsReason(TieoutError):
    code = "REJECTION_NEEDS_REASON"

    def __init__(self) -> None:
        super().__init__("Say why it is rejected: who proposed it has to know what to do instead.")


class EmergencyNeedsReason(TieoutError):
    code = "EMERGENCY_NEEDS_REASON"

    def __init__(self) -> None:
        super().__init__("Say why this cannot wait for an approver. The reason is kept, and everybody is told.")
