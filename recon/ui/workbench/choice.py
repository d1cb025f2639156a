"""The top of the workbench: which run, which view, and what people settled since the run was published."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from recon.queries import overview
from recon.queries.open_rows import suggestion_count
from recon.queries.overview import RunPoint
from recon.queries.settled_rows import decided_count
from recon.ui.format import clip, count, md, when
from recon.ui.guard import Desk
from recon.ui.header import header
from recon.ui.links import TRIAGE
from recon.ui.workbench import address

VIEWS: Final = ("Rows", "Suggestions", "Decided")


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


def view_choice(desk: Desk, run_id: int) -> str:
    """Draw the views with how much is in each; returns the one that is chosen."""
    counts = {"Suggestions": suggestion_count(desk.engine, run_id), "Decided": decided_count(desk.engine, run_id)}
    asked = st.query_params.get("view", VIEWS[0])
    chosen = st.segmented_control(
        "View",
        VIEWS,
        default=asked if asked in VIEWS else VIEWS[0],
        format_func=lambda name: f"{name} · {count(counts[name])}" if counts.get(name) else name,
        key=f"bench_view_{run_id}_{asked}",
        required=True,
        label_visibility="collapsed",
        on_change=lambda: _show_view(str(st.session_state[f"bench_view_{run_id}_{asked}"])),
    )
    return str(chosen or VIEWS[0])


def _show_view(name: str) -> None:
    """Bound by hand: a bound choice is in the URL by its label, and these labels count."""
    st.query_params["view"] = name
