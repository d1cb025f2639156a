"""What the Reconcile page is about, kept in its URL: the name, both uploads, the rules and the run.

So a reload, a link and the browser's Back button show the same page. A look at another page in between loses the URL;
then the session knows it still.
"""

from __future__ import annotations

from typing import Final

import streamlit as st

from recon.model.transactions import Side

NAME: Final = "name"
RUN: Final = "run"


def upload_id(side: Side) -> int | None:
    """The upload chosen for a side."""
    return _number(side.value)


def choose_upload(side: Side, chosen: int | None) -> None:
    """Make an upload the side's file, or none of them; the run on the page was of other files."""
    _set(side.value, chosen)
    show_run(None)


def run_id() -> int | None:
    """The run on the page."""
    return _number(RUN)


def show_run(chosen: int | None) -> None:
    """Put a run on the page, or none."""
    _set(RUN, chosen)


def start_over() -> None:
    """An empty page; what was received and answered stays where it is."""
    for side in Side:
        choose_upload(side, None)
    st.session_state[NAME] = None


def _number(key: str) -> int | None:
    text = st.query_params.get(key) or st.session_state.get(_kept(key), "")
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        return None
    st.query_params[key] = st.session_state[_kept(key)] = text
    return int(text)


def _set(key: str, value: int | None) -> None:
    if value is None:
        st.query_params.pop(key, None)
        st.session_state.pop(_kept(key), None)
    else:
        st.query_params[key] = st.session_state[_kept(key)] = str(value)


def _kept(key: str) -> str:
    return f"reconcile_{key}"
