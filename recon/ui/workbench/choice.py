"""The top of the workbench: which run it is about, and the choice of another."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from recon.queries import overview
from recon.queries.overview import RunPoint
from recon.ui.format import clip, md, when
from recon.ui.guard import Desk
from recon.ui.header import header
from recon.ui.links import TRIAGE
from recon.ui.workbench import address


def run_shown(desk: Desk, choices: Sequence[RunPoint]) -> RunPoint:
    """The run the URL asks for, else the newest. Raises RunNotFound for one that has published nothing."""
    asked = address.run_asked()
    if asked is None:
        return choices[0]
    known = next((point for point in choices if point.run_id == asked), None)
    return known or overview.run_point(desk.engine, asked)


def run_choice(desk: Desk, shown: RunPoint, choices: Sequence[RunPoint]) -> None:
    """Title, what run this is, and the choice of another."""
    points = {point.run_id: point for point in (shown, *choices)}
    finished = when(shown.finished_at, now=desk.now)
    actions = header("Workbench", f"{md(clip(shown.reconciliation, 60))} · run {shown.run_id} finished {finished} UTC")
    with actions:
        key = f"bench_run_{shown.run_id}"
        st.selectbox(
            "Run",
            list(points),
            index=list(points).index(shown.run_id),
            format_func=lambda run_id: f"{clip(points[run_id].reconciliation, 40)} · run {run_id}",
            key=key,
            label_visibility="collapsed",
            width=280,
            on_change=lambda: address.show_run(st.session_state[key]),
        )
        if st.button("Queue", icon=":material/rule:", key="bench_triage", help="The same run on the Triage page"):
            st.switch_page(TRIAGE, query_params={"run": str(shown.run_id)})
