"""What became of the last decision: said in passing when all of it was done, in the way when not; taken back by a key.

Rule it keeps: the key of a command is made when its form is drawn, so that a double click, a reconnect or a second tab
is one effect; it is renewed once the command has been answered.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

import streamlit as st
from sqlalchemy.exc import DBAPIError

from recon.errors import TieoutError
from recon.model.people_refusals import SecondPersonNeeded
from recon.model.triage import Seen, Verdict
from recon.ui import states
from recon.ui.format import md
from recon.ui.guard import Desk
from recon.ui.triage import grid
from recon.ui.triage.opened import open_one
from recon.workflows.undo_decision import undo_decision

APPROVALS: Final = "pages/approvals.py"

_ANSWER: Final = "decision_answer"
_UNDO: Final = "decision_to_undo"
_PROPOSE: Final = "decision_to_propose"
_PROPOSED: Final = "decision_proposed"
QUEUE: Final = "queue"
COUNTED: Final = ("figures", "views")
"""Keys of the fragments of the page: the queue with its panel, and those that count what is in it."""

_KEY: Final = "decision_key"


def command_key() -> str:
    """The key of the command that is being drawn up."""
    return str(st.session_state.setdefault(_KEY, uuid.uuid4().hex))


def then_redrawn(decide: Callable[..., None]) -> Callable[..., None]:
    """The same as the callback of a button: what comes next in the queue is drawn first, and then what counts it."""

    def called(*args: Any) -> None:
        decide(*args)
        st.rerun([QUEUE, *COUNTED])

    return called


def carry_out(do: Callable[[], Verdict], *, propose: Callable[[], int] | None = None) -> Verdict | None:
    """Make a decision and keep what became of it, to be shown; None when nothing was done.

    `propose` asks a second person instead, where the decision is more than one may take alone.
    """
    forget_answer()
    try:
        verdict = do()
    except (TieoutError, DBAPIError) as problem:
        st.session_state[_ANSWER] = problem  # the key stays: to press again is safe, whatever became of it
        if isinstance(problem, SecondPersonNeeded) and propose:
            st.session_state[_PROPOSE] = propose
        return None
    st.session_state[_ANSWER] = verdict
    if verdict.is_undoable:
        st.session_state[_UNDO] = verdict
    _renew_key()
    return verdict


def as_left(seen: Sequence[Seen]) -> tuple[Seen, ...]:
    """The same as this person's last decision left them, where a key came before they were drawn again."""
    done: Verdict | None = st.session_state.get(_UNDO)
    stood = {row.id: row.version for row in done.stood} if done else {}
    return tuple(Seen(id=row.id, version=row.version + (stood.get(row.id) == row.version)) for row in seen)


def show_answer() -> None:
    """Say what became of the last decision."""
    answer: Verdict | Exception | None = st.session_state.get(_ANSWER)
    if isinstance(answer, Verdict) and answer.is_complete:
        st.toast(md(answer.sentence()), icon=":material/check_circle:")
        del st.session_state[_ANSWER]
    elif isinstance(answer, Verdict):
        st.warning(f"{md(answer.sentence())} They are shown as they stand now.", icon=":material/sync_problem:")
    elif isinstance(answer, SecondPersonNeeded):
        _offer_to_propose(answer)
    elif answer:
        states.failure(answer)
    if number := st.session_state.get(_PROPOSED):
        with st.container(horizontal=True, vertical_alignment="center", key="proposed"):
            st.markdown(
                f":green[:material/check_circle:] Proposal {number} waits for a second person.", width="stretch"
            )
            st.page_link(APPROVALS, label="Open it", query_params={"proposal": str(number)})


def undo_button(desk: Desk) -> None:
    """Takes the last decision back, as long as it is the last."""
    done: Verdict | None = st.session_state.get(_UNDO)
    if done:
        st.button(
            "Undo",
            icon=":material/undo:",
            shortcut="U",
            key="undo",
            type="tertiary",
            help=f"{md(done.sentence())} Undoing puts back how they stood; what others changed since stays.",
            on_click=then_redrawn(_undo),
            args=(desk, done),
        )


def forget_answer() -> None:
    """The person has moved on: what was said about the last decision is no longer shown."""
    for key in (_ANSWER, _UNDO, _PROPOSE, _PROPOSED):
        st.session_state.pop(key, None)


def stop_saying() -> None:
    """Another one is opened: what went wrong with the last is no longer shown; it can still be undone."""
    st.session_state.pop(_ANSWER, None)


def _undo(desk: Desk, done: Verdict) -> None:
    """What one decided alone is opened again: it is the next to decide."""
    verdict = carry_out(partial(undo_decision, desk.engine, done, action_key=command_key(), actor=desk.actor))
    if verdict and verdict.is_complete and verdict.asked_count == 1:
        open_one(verdict.applied[0])


def _offer_to_propose(problem: SecondPersonNeeded) -> None:
    st.warning(md(str(problem)), icon=":material/supervisor_account:")
    if st.session_state.get(_PROPOSE):
        st.button(
            "Propose it",
            icon=":material/send:",
            type="primary",
            key="propose",
            width="stretch",
            on_click=then_redrawn(_propose),
        )


def _propose() -> None:
    propose: Callable[[], int] = st.session_state[_PROPOSE]
    forget_answer()
    try:
        number = propose()
    except (TieoutError, DBAPIError) as problem:
        st.session_state[_ANSWER] = problem
        return
    st.session_state[_PROPOSED] = number
    _renew_key()


def _renew_key() -> None:
    del st.session_state[_KEY]
    grid.redraw()
