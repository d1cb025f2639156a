"""Carrying a command of the workbench out, and what is said afterwards.

Rule kept: the key of a command is made when its buttons are drawn, so that a double click or a second tab is one
effect; it is renewed once the command was answered.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Final

import streamlit as st
from sqlalchemy.exc import DBAPIError

from recon.errors import SecondPersonNeeded, TieoutError
from recon.model.settlement import Ask, Settled, SettleMove
from recon.model.transactions import Side
from recon.model.triage import Resolution
from recon.queries.open_rows import chosen_rows
from recon.ui import states
from recon.ui.format import counted, md
from recon.ui.guard import Desk
from recon.ui.workbench import address
from recon.workflows.propose_settlement import propose_settlement
from recon.workflows.settle_rows import settle_rows
from recon.workflows.undo_settlement import undo_settlement

REASON: Final = "bench_reason_code"
NOTE: Final = "bench_note"
LAST: Final = "bench_last_decision"
_ANSWER: Final = "bench_answer"
_KEY: Final = "bench_key"
_IS_DONE: Final = "bench_done"
_ASKED: Final = "bench_asked"


def command_key() -> str:
    """The key of the next command."""
    return str(st.session_state.setdefault(_KEY, uuid.uuid4().hex))


def note_key() -> str:
    """The key of the note's field: a new one for each command, so that it is empty again."""
    return f"{NOTE}_{command_key()}"


def settle(desk: Desk, run_id: int, move: SettleMove) -> None:
    """A callback: carry the move out on the rows chosen, as they stand."""
    rows = chosen_rows(desk.engine, run_id, {side: address.chosen(side) for side in Side})
    code = st.session_state.get(REASON)
    ask = Ask(
        run_id=run_id,
        move=move,
        rows=tuple(row.seen for row in rows),
        reason_code=Resolution(code) if code else None,
        reason=str(st.session_state.get(note_key()) or ""),
        action_key=command_key(),
    )

    def act() -> str:
        done = settle_rows(desk.engine, ask, actor=desk.actor)
        st.session_state[LAST] = done.decision_id
        address.clear()
        return said(ask, done)

    carry_out(act, asked=ask)


def propose(desk: Desk) -> None:
    """A callback: ask a second person for what was refused."""
    ask: Ask = st.session_state[_ASKED]

    def act() -> str:
        number = propose_settlement(desk.engine, ask, actor=desk.actor)
        address.clear()
        return f"Proposed. It waits on the Approvals page as number {number}."

    carry_out(act)


def undo(desk: Desk, decision_id: int) -> None:
    """A callback: take a decision back."""

    def act() -> str:
        opened = undo_settlement(desk.engine, decision_id, actor=desk.actor)
        if st.session_state.get(LAST) == decision_id:
            del st.session_state[LAST]
        address.redraw()
        return f"Decision {decision_id} is taken back" + (f": {counted(opened, 'row')} open again." if opened else ".")

    carry_out(act)


def carry_out(act: Callable[[], str], *, asked: Ask | None = None) -> None:
    """Do it, and keep what is to be said of it."""
    st.session_state[_IS_DONE] = True
    st.session_state.pop(_ASKED, None)
    try:
        st.session_state[_ANSWER] = act()
    except SecondPersonNeeded as problem:
        st.session_state[_ANSWER] = problem
        st.session_state[_ASKED] = asked
    except (TieoutError, DBAPIError) as problem:
        st.session_state[_ANSWER] = problem  # the key stays: to press again is safe, whatever became of it
    else:
        st.session_state.pop(_KEY, None)
        st.session_state.pop(REASON, None)


def was_done() -> bool:
    """Whether anything was tried since this was last asked: figures around the panes are then to be read again."""
    return bool(st.session_state.pop(_IS_DONE, False))


def show_answer(desk: Desk) -> None:
    """Say what became of the last command: in passing when it was done, in the way when not."""
    answer = st.session_state.pop(_ANSWER, None)
    if isinstance(answer, str):
        st.toast(md(answer), icon=":material/check_circle:")
    elif isinstance(answer, TieoutError):
        st.warning(md(str(answer)), icon=":material/block:")
    elif answer is not None:
        states.failure(answer)
    if st.session_state.get(_ASKED) is not None:
        st.button(
            "Propose it", icon=":material/supervisor_account:", key="bench_propose", on_click=propose, args=(desk,)
        )


def said(ask: Ask, done: Settled) -> str:
    """`Matched 4 rows. Decision 12. Posted as entry 9.`"""
    parts = [f"{ask.move.value.capitalize()}: {counted(len(ask.rows), 'row')}.", f"Decision {done.decision_id}."]
    if done.entry_ids:
        parts.append(
            f"Posted as {'entry' if len(done.entry_ids) == 1 else 'entries'} {', '.join(map(str, done.entry_ids))}."
        )
    if done.lacks_accounts:
        parts.append("Nothing was posted: no accounts are named for it.")
    return " ".join(parts)
