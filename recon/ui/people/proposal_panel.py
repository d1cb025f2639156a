"""One proposal: what would be done, to which rows, by whom it was asked, and the buttons of whoever may decide."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pandas as pd
import streamlit as st
from sqlalchemy.exc import DBAPIError

from recon.errors import TieoutError
from recon.model.people import Proposal, ProposalState
from recon.money import to_decimal, to_display
from recon.queries.people import ProposedRow, may_approve, proposed_rows
from recon.ui import states
from recon.ui.format import KINDS, NONE, count, md, when
from recon.ui.guard import Desk
from recon.ui.pager import ROW_HEIGHT, grid_height
from recon.workflows.proposals import approve, reject, withdraw

ROWS_SHOWN: Final = 200
_ANSWER: Final = "proposal_answer"
STATES: Final = {
    ProposalState.OPEN: ":blue-badge[Waits]",
    ProposalState.APPROVED: ":green-badge[Approved]",
    ProposalState.REJECTED: ":red-badge[Rejected]",
    ProposalState.WITHDRAWN: ":gray-badge[Withdrawn]",
    ProposalState.VOID: ":orange-badge[Void]",
}


def proposal_panel(desk: Desk, asked: Proposal) -> None:
    """Draw the proposal."""
    _show_answer()
    is_over = asked.is_expired(desk.now)
    badge = ":gray-badge[Expired]" if is_over else STATES[asked.state]
    amounts = " and ".join(to_display(amount, currency) for currency, amount in sorted(asked.amounts.items()))
    st.markdown(f"#### Write off {md(amounts)} {badge}")
    st.caption(f"Proposed by **{md(asked.proposed_by)}** {when(asked.proposed_at, now=desk.now)} · {md(asked.subject)}")
    if asked.reason:
        st.markdown(f"> {md(asked.reason)}")
    if asked.decided_by:
        said = f": {md(asked.decided_reason)}" if asked.decided_reason else ""
        decided = when(asked.decided_at, now=desk.now) if asked.decided_at else ""
        st.caption(f"{STATES[asked.state]} by **{md(asked.decided_by)}** {decided}{said}")
    rows = proposed_rows(desk.engine, asked, limit=ROWS_SHOWN)
    _show_rows(rows, len(asked.body.get("discrepancies", ())))
    if asked.state is ProposalState.OPEN and any(row.has_changed for row in rows):
        st.warning("Some of these rows changed since. Approving it would do nothing: it has to be proposed again.")
    if asked.state is ProposalState.OPEN:
        _actions(desk, asked, is_over=is_over)


def _show_rows(rows: tuple[ProposedRow, ...], in_all: int) -> None:
    frame = pd.DataFrame(
        {
            "Date": [row.date for row in rows],
            "Kind": [KINDS[row.kind].label for row in rows],
            "Description": [row.description or NONE for row in rows],
            "Difference": [str(to_decimal(row.amount, row.currency)) for row in rows],
            "Currency": [row.currency for row in rows],
            "Reconciliation": [row.reconciliation for row in rows],
        }
    )
    st.dataframe(frame, hide_index=True, row_height=ROW_HEIGHT, height=grid_height(len(frame), at_most=10))
    if in_all > len(rows):
        st.caption(f"The {count(len(rows))} largest of {count(in_all)} rows.")


def _actions(desk: Desk, asked: Proposal, *, is_over: bool) -> None:
    if asked.proposed_by == desk.actor:
        st.button("Withdraw", icon=":material/undo:", key="withdraw", on_click=_withdraw, args=(desk, asked))
        st.caption("You proposed this: somebody else decides.")
        return
    if not may_approve(desk.engine, desk.actor):
        st.caption(f"{md(desk.actor)} may look. Approvers decide; the Settings page says who they are.")
        return
    reason = st.text_input("Why", key="decision_reason_text", placeholder="Needed to reject", max_chars=500)
    with st.container(horizontal=True):
        st.button(
            "Approve",
            type="primary",
            icon=":material/check:",
            key="approve",
            disabled=is_over,
            on_click=_approve,
            args=(desk, asked),
        )
        st.button(
            "Reject",
            icon=":material/close:",
            key="reject",
            disabled=is_over or not reason.strip(),
            on_click=_reject,
            args=(desk, asked),
        )


def _reason() -> str:
    return str(st.session_state.get("decision_reason_text") or "").strip()


def _approve(desk: Desk, asked: Proposal) -> None:
    def decide() -> str:
        state = approve(desk.engine, desk.evidence, asked.id, digest=asked.digest, actor=desk.actor, reason=_reason())
        return "Approved and done." if state is ProposalState.APPROVED else "The rows changed since: nothing was done."

    _answer(decide)


def _reject(desk: Desk, asked: Proposal) -> None:
    def decide() -> str:
        reject(desk.engine, asked.id, actor=desk.actor, reason=_reason())
        return "Rejected. Nothing was done."

    _answer(decide)


def _withdraw(desk: Desk, asked: Proposal) -> None:
    def decide() -> str:
        withdraw(desk.engine, asked.id, actor=desk.actor)
        return "Withdrawn."

    _answer(decide)


def _answer(decide: Callable[[], str]) -> None:
    try:
        st.session_state[_ANSWER] = decide()
    except (TieoutError, DBAPIError) as problem:
        st.session_state[_ANSWER] = problem


def _show_answer() -> None:
    answer = st.session_state.pop(_ANSWER, None)
    if isinstance(answer, str):
        st.toast(answer, icon=":material/check_circle:")
    elif answer is not None:
        states.failure(answer)
