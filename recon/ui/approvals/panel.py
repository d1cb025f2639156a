"""One proposal: what, by whom, why and until when; what exactly would be done; the buttons of whoever may decide."""

from __future__ import annotations

import streamlit as st

from recon.model.people import Proposal, ProposalState
from recon.ui.approvals.deciding import deciding
from recon.ui.approvals.shown import what_would_be_done
from recon.ui.approvals.words import STATES, left, state, title
from recon.ui.format import instant, md, when
from recon.ui.guard import Desk


def proposal_panel(desk: Desk, asked: Proposal) -> None:
    """Draw the proposal."""
    st.markdown(f"#### {md(title(asked))} {state(asked, desk.now).badge()}")
    still = f" · expires in {left(asked, desk.now)}" if _waits(desk, asked) else ""
    st.caption(
        f"**{md(asked.proposed_by)}** proposed it {when(asked.proposed_at, now=desk.now)}{still} · number {asked.id}"
    )
    if asked.reason:
        st.markdown(f"> {md(asked.reason)}")
    what_would_be_done(desk, asked)
    if asked.state is ProposalState.OPEN:
        deciding(desk, asked)
    else:
        _outcome(asked)


def _waits(desk: Desk, asked: Proposal) -> bool:
    return asked.state is ProposalState.OPEN and not asked.is_expired(desk.now)


def _outcome(asked: Proposal) -> None:
    if asked.is_emergency:
        st.warning(
            f"{md(str(asked.decided_by))} decided this as an administrator, in an emergency. An alert was raised.",
            icon=":material/e911_emergency:",
        )
    said = f": {md(asked.decided_reason)}" if asked.decided_reason else ""
    st.caption(f"{STATES[asked.state].label} by **{md(str(asked.decided_by))}**, {instant(asked.decided_at)}{said}")
