"""Which discrepancy is open: the session knows, and the URL follows.

Rule it keeps: what was opened last stays open. Keys may come faster than the browser hears what they opened, and its
next message then tells the URL of before. The URL leads only where somebody enters the page, goes to another run, or
goes back.
"""

from __future__ import annotations

from typing import Final

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

_OPENED: Final = "triage_opened"
"""The run the URL named, and the discrepancy open in it."""


def number_of_url(name: str) -> int | None:
    """A number the URL gives; None where it gives none."""
    asked = st.query_params.get(name, "")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 19 else None


def open_one(discrepancy_id: int) -> None:
    """Open it."""
    st.session_state[_OPENED] = (number_of_url("run"), discrepancy_id)
    st.query_params["d"] = str(discrepancy_id)


def open_none() -> None:
    """Close what is open."""
    st.session_state[_OPENED] = (number_of_url("run"), None)
    st.query_params.pop("d", None)


def enter_by_url() -> None:
    """The page is entered: what the URL opens is open."""
    st.session_state.pop(_OPENED, None)


def open_id() -> int | None:
    """The discrepancy that is open."""
    run_id, asked = number_of_url("run"), number_of_url("d")
    known: tuple[int | None, int | None] | None = st.session_state.get(_OPENED)
    if known is None or known[0] != run_id or _goes_back():
        st.session_state[_OPENED] = (run_id, asked)
        return asked
    opened = known[1]
    if opened != asked:  # the browser has not heard of it yet, or what was said right before a rerun was lost
        if opened is None:
            st.query_params.pop("d", None)
        else:
            st.query_params["d"] = str(opened)
    return opened


def _goes_back() -> bool:
    """Whether this drawing is because somebody went back or forward in the browser."""
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation
