"""Deciding on a proposal, from buttons and keys, and what is said afterwards.

Who may not decide sees why; the workflow behind each button asks again. In an emergency an administrator decides, with
a reason, and is told beforehand that everybody will hear of it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

import streamlit as st
from sqlalchemy.exc import DBAPIError

from recon.errors import TieoutError
from recon.model.people import Action, Proposal, ProposalState
from recon.ui import states
from recon.ui.approvals.words import OPENED
from recon.ui.format import md
from recon.ui.guard import Desk
from recon.ui.keys import listen
from recon.ui.people.allowed import why_not
from recon.workflows.proposals import approve, reject, withdraw

REASON_LIMIT: Final = 500
_ANSWER: Final = "proposal_answer"
_SAID: Final = {
    ProposalState.APPROVED: "Approved and done.",
    ProposalState.VOID: "It changed since: nothing was done, and the proposal is void.",
}


def deciding(desk: Desk, asked: Proposal) -> None:
    """Draw what the acting user may do with an open proposal."""
    if asked.proposed_by == desk.actor:
        _own(desk, asked)
    elif asked.is_expired(desk.now):
        st.caption("It is older than a day and does not count any more. It has to be proposed again.")
    elif (refusal := why_not(desk, Action.APPROVE)) is None:
        _approver(desk, asked)
    elif why_not(desk, Action.EMERGENCY) is None:
        _emergency(desk, asked)
    else:
        st.caption(f":material/lock: {md(refusal)}")


def show_answer() -> None:
    """What became of the last decision."""
    answer = st.session_state.pop(_ANSWER, None)
    if isinstance(answer, str):
        st.toast(answer, icon=":material/check_circle:")
    elif answer is not None:
        states.failure(answer)


def _own(desk: Desk, asked: Proposal) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("You proposed this: somebody else decides.", width="stretch")
        st.button(
            "Withdraw",
            icon=":material/undo:",
            key="withdraw",
            on_click=_answer,
            args=(partial(_withdrawn, desk, asked),),
        )


def _approver(desk: Desk, asked: Proposal) -> None:
    st.button(
        "Approve",
        type="primary",
        icon=":material/check:",
        shortcut="A",
        key="approve",
        width="stretch",
        on_click=_answer,
        args=(partial(_approved, desk, asked),),
    )
    key = f"why_not_{asked.id}"
    with (
        st.form(f"reject_{asked.id}", border=False, enter_to_submit=True),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        st.text_input(
            "Why it is rejected",
            key=key,
            placeholder="Why it is rejected (R)",
            label_visibility="collapsed",
            max_chars=REASON_LIMIT,
            width="stretch",
        )
        st.form_submit_button(
            "Reject",
            icon=":material/close:",
            key="reject",
            on_click=lambda: _answer(partial(_rejected, desk, asked, str(st.session_state.get(key) or ""))),
        )
    listen("approval_keys", focus={"r": f".st-key-{key} input"}, click={})


def _emergency(desk: Desk, asked: Proposal) -> None:
    key = f"emergency_{asked.id}"

    def decided(decide: Callable[..., str]) -> None:
        _answer(partial(decide, desk, asked, str(st.session_state.get(key) or ""), is_emergency=True))

    with st.popover("Decide in an emergency", icon=":material/e911_emergency:", key="emergency", width="stretch"):
        st.markdown(
            "No approver can, and it cannot wait? Then decide. An alert is raised, and the log says so for good."
        )
        st.text_input("Why it cannot wait", key=key, max_chars=REASON_LIMIT)
        with st.container(horizontal=True):
            st.button(
                "Approve", icon=":material/check:", type="primary", key="approve", on_click=decided, args=(_approved,)
            )
            st.button("Reject", icon=":material/close:", key="reject", on_click=decided, args=(_rejected,))


def _approved(desk: Desk, asked: Proposal, reason: str = "", *, is_emergency: bool = False) -> str:
    found = approve(
        desk.engine,
        desk.evidence,
        asked.id,
        digest=asked.digest,
        actor=desk.actor,
        reason=reason,
        is_emergency=is_emergency,
    )
    return _SAID[found]


def _rejected(desk: Desk, asked: Proposal, reason: str, *, is_emergency: bool = False) -> str:
    reject(desk.engine, asked.id, actor=desk.actor, reason=reason, is_emergency=is_emergency)
    return "Rejected. Nothing was done."


def _withdrawn(desk: Desk, asked: Proposal) -> str:
    withdraw(desk.engine, asked.id, actor=desk.actor)
    return "Withdrawn. Nothing was done."


def _answer(decide: Callable[[], str]) -> None:
    try:
        st.session_state[_ANSWER] = decide()
        st.query_params.pop(OPENED, None)  # the next one is opened
    except (TieoutError, DBAPIError) as problem:
        st.session_state[_ANSWER] = problem
