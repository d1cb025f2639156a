"""Saying what lies behind a variance: the form, the one call it makes, and what is said afterwards.

The key of a command is made when its form is drawn, so that a double click is one effect; a class that someone else set
meanwhile is not overwritten.
"""

from __future__ import annotations

import uuid
from typing import Final

import streamlit as st
from sqlalchemy.exc import DBAPIError

from recon.errors import TieoutError
from recon.model.checks import VarianceClass
from recon.model.people import Action
from recon.model.triage import COMMENT_LIMIT
from recon.queries.variances import VarianceRow
from recon.ui import states
from recon.ui.guard import Desk
from recon.ui.people.allowed import guarded
from recon.ui.variances.look import ADVICE, CLASSES
from recon.workflows.say_about_variance import say_about_variance

_KEY: Final = "say_key"
_ANSWER: Final = "say_answer"
_WAS_SAID: Final = "say_done"


def say_form(desk: Desk, row: VarianceRow) -> None:
    """Class, comment and the buttons, for the variance as it is shown."""
    key = f"{row.id}_{st.session_state.setdefault(_KEY, uuid.uuid4().hex)}"
    with st.form("say", border=False):
        st.segmented_control(
            "What lies behind it",
            list(VarianceClass),
            default=row.variance_class,
            format_func=lambda found: CLASSES[found].label,
            key=f"class_{key}",
            help="  \n".join(f"**{CLASSES[found].label}:** {advice}" for found, advice in ADVICE.items()),
        )
        st.text_area("Comment", key=f"comment_{key}", max_chars=COMMENT_LIMIT, height=68, placeholder="Comment")
        st.form_submit_button(
            "Save",
            icon=":material/check:",
            type="primary",
            key=f"save_{key}",
            on_click=_say,
            args=(desk, row, key),
            width="stretch",
            **guarded(desk, Action.CHECKS),
        )


def was_said() -> bool:
    """Whether something was said since this was last asked: the list is then to be read again."""
    return bool(st.session_state.pop(_WAS_SAID, False))


def show_answer(variance_id: int) -> None:
    """Why what was last said about this variance was not saved; a toast where it was."""
    of, problem = st.session_state.get(_ANSWER, (None, None))
    if of != variance_id:
        return
    if problem is None:
        st.toast("Saved.", icon=":material/check_circle:")
        del st.session_state[_ANSWER]
    else:
        states.failure(problem)


def forget_answer() -> None:
    """The person has moved on."""
    st.session_state.pop(_ANSWER, None)


def _say(desk: Desk, row: VarianceRow, key: str) -> None:
    chosen = st.session_state.get(f"class_{key}")
    new_class = VarianceClass(chosen) if chosen and chosen != row.variance_class else None
    st.session_state[_WAS_SAID] = True
    try:
        say_about_variance(
            desk.engine,
            row.id,
            variance_class=new_class,
            comment=str(st.session_state.get(f"comment_{key}") or ""),
            seen_version=row.version,
            action_key=key,
            actor=desk.actor,
        )
    except (TieoutError, DBAPIError) as problem:
        st.session_state[_ANSWER] = row.id, problem  # the key stays: to press again is safe, whatever became of it
        return
    st.session_state[_ANSWER] = row.id, None
    del st.session_state[_KEY]
