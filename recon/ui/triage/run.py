"""Which run the triage page is about, and which discrepancy of it is open: decided by the URL, and kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from recon.queries import overview
from recon.queries.discrepancy_detail import run_of
from recon.queries.overview import RunPoint
from recon.ui.guard import Desk
from recon.ui.triage.filters import clear_filters
from recon.ui.triage.opened import number_of_url, open_id, open_none

_OPENED_ON: Final = "triage_opened_on"


def run_to_show(desk: Desk, choices: Sequence[RunPoint]) -> RunPoint:
    """The run the URL asks for, else the one of the discrepancy it opens, else the newest when the page was opened.

    A run published meanwhile does not take the queue away from under the person who works on it. Raises RunNotFound
    for a run that does not exist or has published nothing.
    """
    asked = number_of_url("run")
    if asked is None and (opened := open_id()) is not None:
        asked = run_of(desk.engine, opened)
    if asked is None:
        asked = st.session_state.setdefault(_OPENED_ON, choices[0].run_id)
    known = next((point for point in choices if point.run_id == asked), None)
    return known or overview.run_point(desk.engine, asked)


def notices(shown: RunPoint, choices: Sequence[RunPoint]) -> None:
    """Say so when what is shown was replaced, or when something newer was published since the page was opened."""
    newest = next((point for point in choices if point.reconciliation == shown.reconciliation), None)
    if newest is None or newest.run_id == shown.run_id:
        return
    if shown not in choices:
        text = f"Run {shown.run_id} was repeated on the same files. Its queue is kept to look back."
    elif shown.run_id == st.session_state.get(_OPENED_ON) and newest.finished_at > shown.finished_at:
        text = f"Run {newest.run_id} was published since you opened this page."
    else:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="notice"):
        st.markdown(f":orange[:material/history:] {text}", width="stretch")
        st.button(f"Open run {newest.run_id}", key="open_newest", on_click=choose_run, args=(newest.run_id,))


def choose_run(run_id: int) -> None:
    """Go to another run's queue, from its beginning."""
    st.query_params["run"] = str(run_id)
    open_none()
    clear_filters()
