"""Deciding on one or many discrepancies: the form, the one call it makes, and what is said afterwards.

Rule it keeps: the key of a command is made when its form is drawn, so that a double click, a reconnect or a second tab
is one effect; it is renewed once the command has been answered.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from functools import partial
from typing import Final

import streamlit as st
from sqlalchemy.exc import DBAPIError

from recon.errors import TieoutError
from recon.model.triage import COMMENT_LIMIT, Command, DiscrepancyStatus, Move, Resolution, Seen, Verdict
from recon.queries.discrepancies import DiscrepancyRow
from recon.ui import grid, states
from recon.ui.format import count, md
from recon.ui.guard import Desk
from recon.ui.pager import fingerprint
from recon.workflows.resolve_discrepancies import resolve_discrepancies

RESOLUTIONS: Final = {
    Resolution.MATCHED: "Matched by hand",
    Resolution.ADJUSTED: "Adjusted in the books",
    Resolution.WRITTEN_OFF: "Written off",
    Resolution.TIMING: "Timing: follows later",
    Resolution.DATA_ISSUE: "Data issue in an export",
    Resolution.CODE_ISSUE: "Code issue in a system",
    Resolution.FEE: "Fee somebody kept",
    Resolution.FX: "Exchange rate",
    Resolution.ROUNDING: "Rounding",
    Resolution.FRAUD: "Suspected fraud",
    Resolution.DISMISSED: "Dismissed",
}

_RESOLVE: Final = (Move.RESOLVE, "Resolve", ":material/check:", "E")
_REOPEN: Final = (Move.REOPEN, "Reopen", ":material/undo:", "E")
_COMMENT: Final = (Move.COMMENT, "Comment", ":material/comment:", "N")
"""A move, its button's label and icon, and its key."""

_COMMENT_HEIGHT: Final = 68
FORM_HEIGHT: Final = 122
"""Pixels of the whole form."""

_ANSWER: Final = "decision_answer"
_LAST_REASON: Final = "decision_reason"
_IS_DECIDED: Final = "decision_made"
_KEY: Final = "decision_key"


def decision_form(desk: Desk, rows: Sequence[DiscrepancyRow], *, next_id: int | None = None) -> None:
    """Reason, comment and the buttons, for these rows as they are shown. Resolving one opens `next_id`."""
    is_open = any(row.status is DiscrepancyStatus.OPEN for row in rows)
    many = f" {count(len(rows))}" if len(rows) > 1 else ""
    decide = partial(_decide, desk, tuple(row.seen for row in rows), next_id)
    with st.form("decision", border=False):
        left, right = st.columns([62, 38], gap="small")
        if is_open:
            left.selectbox(
                "Reason",
                list(Resolution),
                format_func=RESOLUTIONS.__getitem__,
                index=_last_reason(),
                key="reason",
                label_visibility="collapsed",
            )
        left.text_area(
            "Comment",
            key=f"comment_{_command_key()}",
            max_chars=COMMENT_LIMIT,
            height=_COMMENT_HEIGHT,
            placeholder="Comment, added to each" if many else "Comment",
            label_visibility="collapsed",
        )
        drawn = fingerprint((many, is_open, _command_key()))
        for move, label, icon, shortcut in (_RESOLVE if is_open else _REOPEN, _COMMENT):
            right.form_submit_button(
                label if move is Move.COMMENT else f"{label}{many}",
                icon=icon,
                type="primary" if move is Move.RESOLVE else "secondary",
                shortcut=shortcut,
                key=f"{label.lower()}_{drawn}",  # Ctrl+Enter presses the older button: both are always as old
                on_click=decide,
                args=(move,),
                width="stretch",
            )


def was_decided() -> bool:
    """Whether a decision was made since this was last asked: everything on the page is then to be read again."""
    return bool(st.session_state.pop(_IS_DECIDED, False))


def show_answer() -> None:
    """Say what became of the last decision: in passing when all of it was done, and in the way when not."""
    answer: Verdict | Exception | None = st.session_state.get(_ANSWER)
    if isinstance(answer, Verdict) and answer.is_complete:
        st.toast(md(answer.sentence()), icon=":material/check_circle:")
        del st.session_state[_ANSWER]
    elif isinstance(answer, Verdict):
        st.warning(f"{md(answer.sentence())} They are shown as they stand now.", icon=":material/sync_problem:")
    elif answer:
        states.failure(answer)


def forget_answer() -> None:
    """The person has moved on: what was said about the last decision is no longer shown."""
    st.session_state.pop(_ANSWER, None)


def _decide(desk: Desk, seen: tuple[Seen, ...], next_id: int | None, move: Move) -> None:
    comment = str(st.session_state.get(f"comment_{_command_key()}") or "")
    resolution = st.session_state.get("reason") if move is Move.RESOLVE else None
    command = Command(move=move, resolution=resolution, comment=comment, action_key=_command_key())
    st.session_state[_IS_DECIDED] = True
    try:
        verdict = resolve_discrepancies(desk.engine, command, seen, actor=desk.actor)
    except (TieoutError, DBAPIError) as problem:
        st.session_state[_ANSWER] = problem  # the key stays: to press again is safe, whatever became of it
        return
    st.session_state[_ANSWER] = verdict
    st.session_state[_LAST_REASON] = resolution or st.session_state.get(_LAST_REASON)
    del st.session_state[_KEY]
    grid.redraw()
    if len(seen) == 1 and verdict.is_complete and move is Move.RESOLVE and next_id is not None:
        st.query_params["d"] = str(next_id)


def _command_key() -> str:
    return str(st.session_state.setdefault(_KEY, uuid.uuid4().hex))


def _last_reason() -> int:
    return list(Resolution).index(st.session_state.get(_LAST_REASON) or Resolution.TIMING)
