"""Carrying a command of the workbench out, and what is said afterwards.

Rules kept: the key of a command is made when its buttons are drawn, so that a double click or a second tab is one
effect; it is renewed once the command was answered. What is carried out is what was drawn: rows that somebody changed
meanwhile are a refusal, never a smaller choice.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import streamlit as st
from sqlalchemy.exc import DBAPIError

from recon.errors import TieoutError
from recon.model.people_refusals import SecondPersonNeeded
from recon.model.settlement import Ask, SeenRow, Settled, SettleMove
from recon.model.transactions import Side
from recon.model.triage import Resolution
from recon.ui import states
from recon.ui.approvals.offer import offer, show_offer, take_back
from recon.ui.format import counted, md
from recon.ui.guard import Desk
from recon.ui.workbench import address, walk
from recon.workflows.propose_settlement import propose_settlement
from recon.workflows.settle_rows import settle_rows
from recon.workflows.undo_answers import undo_answers
from recon.workflows.undo_settlement import undo_settlement

_LAST: Final = "bench_last"
_ANSWER: Final = "bench_answer"
_KEY: Final = "bench_key"
_ASKED: Final = "bench_asked"
_OFFER: Final = "bench"


@dataclass(frozen=True, slots=True, kw_only=True)
class Last:
    """What was done last and can be taken back: one decision, or all of one command on suggestions."""

    told: str
    run_id: int
    decision_id: int | None = None
    action_key: str | None = None
    rows: tuple[SeenRow, ...] = ()


def command_key() -> str:
    """The key of the next command."""
    return str(st.session_state.setdefault(_KEY, uuid.uuid4().hex))


def note_key() -> str:
    """The key of the note's field: a new one for each command, so that it is empty again."""
    return f"bench_note_{command_key()}"


def reason_key() -> str:
    """The key of the field that says what the difference is, likewise: no reason is left for the next difference."""
    return f"bench_reason_{command_key()}"


def note() -> str:
    """What the note says."""
    return str(st.session_state.get(note_key()) or "")


def reason_code() -> Resolution | None:
    """What the difference is put down to."""
    code = st.session_state.get(reason_key())
    return Resolution(code) if code else None


def settle(desk: Desk, run_id: int, move: SettleMove, seen: tuple[SeenRow, ...]) -> None:
    """A callback: carry the move out on the rows as they were drawn."""
    ask = Ask(run_id=run_id, move=move, rows=seen, reason_code=reason_code(), reason=note(), action_key=command_key())

    def act() -> str:
        done = settle_rows(desk.engine, ask, actor=desk.actor)
        number = done.decision_id
        remember(Last(told=f"decision {number}", run_id=run_id, decision_id=number, rows=seen))
        address.clear()
        walk.go_on()
        return said(ask, done)

    carry_out(act, asked=ask)


def propose(desk: Desk, ask: Ask) -> None:
    """A callback: ask a second person for what was refused."""

    def act() -> str:
        number = propose_settlement(desk.engine, ask, actor=desk.actor)
        address.clear()
        walk.go_on()
        return f"Proposed. It waits on the Approvals page as number {number}."

    carry_out(act)


def remember(last: Last) -> None:
    st.session_state[_LAST] = last


def last_done(run_id: int) -> Last | None:
    """What was done last in this run, unless it was taken back."""
    last: Last | None = st.session_state.get(_LAST)
    return last if last is not None and last.run_id == run_id else None


def undo_last(desk: Desk, last: Last) -> None:
    """A callback: take back what was done last."""
    if last.decision_id is not None:
        undo(desk, last.decision_id)
        return

    def act() -> str:
        assert last.action_key is not None
        done = undo_answers(desk.engine, last.run_id, last.action_key, actor=desk.actor)
        st.session_state.pop(_LAST, None)
        kept = (
            f" {counted(done.in_use_count, 'decision')} stand: later decisions need them." if done.in_use_count else ""
        )
        return f"{counted(done.undone_count, 'decision')} taken back.{kept}"

    carry_out(act)


def undo(desk: Desk, decision_id: int) -> None:
    """A callback: take a decision back."""

    def act() -> str:
        opened = undo_settlement(desk.engine, decision_id, actor=desk.actor)
        last: Last | None = st.session_state.get(_LAST)
        if last is not None and last.decision_id == decision_id:
            del st.session_state[_LAST]
            _choose_again(last.rows)
        return f"Decision {decision_id} is taken back" + (f": {counted(opened, 'row')} open again." if opened else ".")

    carry_out(act)


def _choose_again(rows: Sequence[SeenRow]) -> None:
    """What was taken back is most likely to be settled otherwise."""
    address.clear()
    for side in Side:
        address.choose(side, [row.line for row in rows if row.side is side])
        address.redraw(side)


def carry_out(act: Callable[[], str], *, asked: Ask | None = None, propose_it: Callable[[], int] | None = None) -> None:
    """Do it, and keep what is to be said of it; what needs a second person can be proposed: as `asked`, or so."""
    st.session_state.pop(_ASKED, None)
    take_back(_OFFER)
    try:
        st.session_state[_ANSWER] = act()
    except SecondPersonNeeded as problem:
        st.session_state[_ASKED] = asked
        if propose_it is not None:
            offer(_OFFER, problem, propose_it)
        else:
            st.session_state[_ANSWER] = problem
    except (TieoutError, DBAPIError) as problem:
        st.session_state[_ANSWER] = problem  # the key stays: to press again is safe, whatever became of it
    else:
        st.session_state.pop(_KEY, None)


def show_answer(desk: Desk, seen: Sequence[SeenRow] | None = None) -> bool:
    """Say what became of the last command: in passing when it was done, in the way (True) when not.

    What a second person has to decide can be proposed as long as the same rows are `seen`.
    """
    answer = st.session_state.pop(_ANSWER, None)
    asked: Ask | None = st.session_state.get(_ASKED)
    is_offered = show_offer(_OFFER)
    if isinstance(answer, str):
        st.toast(md(answer), icon=":material/check_circle:")
    elif isinstance(answer, TieoutError):
        st.warning(md(str(answer)), icon=":material/block:")
    elif answer is not None:
        states.failure(answer)
    can_propose = asked is not None and (seen is None or set(asked.rows) == set(seen))
    if can_propose:
        st.button(
            "Propose it",
            icon=":material/supervisor_account:",
            shortcut="P",
            key="bench_propose",
            on_click=propose,
            args=(desk, asked),
        )
    return is_offered or can_propose or (answer is not None and not isinstance(answer, str))


def said(ask: Ask, done: Settled) -> str:
    """`Matched: 4 rows. Decision 12. Posted as entry 9.`"""
    parts = [f"{ask.move.value.capitalize()}: {counted(len(ask.rows), 'row')}.", f"Decision {done.decision_id}."]
    if done.entry_ids:
        parts.append(
            f"Posted as {'entry' if len(done.entry_ids) == 1 else 'entries'} {', '.join(map(str, done.entry_ids))}."
        )
    if done.lacks_accounts:
        parts.append("Nothing was posted: no accounts are named for it.")
    return " ".join(parts)
