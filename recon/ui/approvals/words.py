"""How a proposal is told: its title, its state, and how long it still counts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from recon.model.people import Deed, Proposal, ProposalState
from recon.ui.format import Look, clip, money

VERBS: Final[Mapping[Deed, str]] = {
    Deed.WRITE_OFF: "Write off",
    Deed.ADJUST: "Adjust",
    Deed.SET_ASIDE: "Set aside",
    Deed.MATCH: "Match",
    Deed.CONFIRM: "Confirm",
    Deed.NET: "Net",
    Deed.UNMATCH: "Take apart",
    Deed.POST: "Post",
    Deed.REVERSE: "Reverse",
    Deed.REOPEN: "Open again",
    Deed.RULES: "Save rules",
}

STATES: Final[Mapping[ProposalState, Look]] = {
    ProposalState.OPEN: Look(label="Waits", color="blue", icon=":material/hourglass_top:", slot=0),
    ProposalState.APPROVED: Look(label="Approved", color="green", icon=":material/check_circle:", slot=1),
    ProposalState.REJECTED: Look(label="Rejected", color="red", icon=":material/cancel:", slot=5),
    ProposalState.WITHDRAWN: Look(label="Withdrawn", color="gray", icon=":material/undo:", slot=4),
    ProposalState.VOID: Look(label="Void", color="orange", icon=":material/sync_problem:", slot=2),
}
OPENED: Final = "proposal"
"""The proposal that is open, by its number, in the URL."""

EXPIRED: Final = Look(label="Expired", color="gray", icon=":material/timer_off:", slot=4)
EMERGENCY: Final = Look(label="Emergency", color="red", icon=":material/e911_emergency:", slot=5)


def title(asked: Proposal) -> str:
    """`Write off 6.00 EUR`; of what has no amount, what it is about."""
    amounts = " + ".join(money(amount, currency) for currency, amount in sorted(asked.amounts.items()))
    return f"{VERBS[asked.action]} {amounts}" if amounts else f"{VERBS[asked.action]}: {clip(asked.subject, 80)}"


def state(asked: Proposal, now: datetime) -> Look:
    """What became of it so far."""
    return EXPIRED if asked.is_expired(now) else STATES[asked.state]


def left(asked: Proposal, now: datetime) -> str:
    """How long it still counts: `21 h`, at last `45 min`."""
    minutes = max(int((asked.expires_at - now).total_seconds()) // 60, 0)
    return f"{minutes // 60} h" if minutes >= 60 else f"{minutes} min"
