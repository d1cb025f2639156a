"""Where somebody tried what needs a second person, they propose it instead, and are led to it.

Rule kept: what is proposed is what was tried, with the key it was tried with; pressed twice, it is proposed once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import streamlit as st
from sqlalchemy.exc import DBAPIError

from recon.errors import TieoutError
from recon.model.people_refusals import SecondPersonNeeded
from recon.ui import states
from recon.ui.format import md

APPROVALS: Final = "pages/approvals.py"
_OFFERED: Final = "offered"
_PROPOSED: Final = "proposed"


def offer(place: str, problem: SecondPersonNeeded, propose: Callable[[], int]) -> None:
    """Keep, from a callback, what `place` is to draw: why one person is not enough, and the way on."""
    st.session_state[f"{_OFFERED}_{place}"] = problem, propose
    st.session_state.pop(f"{_PROPOSED}_{place}", None)


def take_back(place: str) -> None:
    """The person went on: nothing is offered any more, and nothing said of what was proposed."""
    for what in (_OFFERED, _PROPOSED):
        st.session_state.pop(f"{what}_{place}", None)


def show_offer(place: str) -> bool:
    """Draw what is offered in this place, or what became of it; whether anything is."""
    if (number := st.session_state.get(f"{_PROPOSED}_{place}")) is not None:
        with st.container(horizontal=True, vertical_alignment="center", key=f"proposed_{place}"):
            st.markdown(
                f":green[:material/check_circle:] Proposal {number} waits for a second person.", width="stretch"
            )
            st.page_link(APPROVALS, label="Open it", query_params={"proposal": str(number), "show": "Mine"})
        return True
    found = st.session_state.get(f"{_OFFERED}_{place}")
    if found is None:
        return False
    problem, propose = found
    if isinstance(problem, SecondPersonNeeded):
        st.warning(md(str(problem)), icon=":material/supervisor_account:")
        st.button(
            "Propose it", icon=":material/send:", key=f"propose_{place}", on_click=_propose, args=(place, propose)
        )
    else:
        states.failure(problem)
    return True


def _propose(place: str, propose: Callable[[], int]) -> None:
    take_back(place)
    try:
        st.session_state[f"{_PROPOSED}_{place}"] = propose()
    except (TieoutError, DBAPIError) as problem:
        st.session_state[f"{_OFFERED}_{place}"] = problem, propose
