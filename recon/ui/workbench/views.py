"""The three views of the workbench as one fragment: a tick draws nothing else of the page, nor does a decision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from recon.model.rules import Rules
from recon.queries.settled_rows import decided_count
from recon.queries.suggested_rows import suggestion_count
from recon.ui.format import count
from recon.ui.guard import Desk, problems_shown
from recon.ui.workbench import doing
from recon.ui.workbench.decided import decided
from recon.ui.workbench.panes import panes
from recon.ui.workbench.suggested import suggested

VIEWS: Final = ("Rows", "Suggestions", "Decided")


@st.fragment
def views(desk: Desk, run_id: int, rules: Rules, currencies: Sequence[str]) -> None:
    """Draw the choice of views, and the chosen one. `currencies`: those of the run's rows."""
    with problems_shown():
        left, right = st.columns(2, vertical_alignment="center")
        with left:
            view = _choice(desk, run_id)
        top = right.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center", gap="small")
        if view != "Decided":
            with top:
                _undo(desk, run_id)
        if view == "Rows":
            panes(desk, run_id, rules, currencies, top=top)
        elif view == "Suggestions":
            suggested(desk, run_id, top=top)
        else:
            decided(desk, run_id)


def _choice(desk: Desk, run_id: int) -> str:
    """How much is in each view beside its name; returns the one that is chosen."""
    counts = {"Suggestions": suggestion_count(desk.engine, run_id), "Decided": decided_count(desk.engine, run_id)}
    asked = st.query_params.get("view", VIEWS[0])
    key = f"bench_view_{run_id}_{asked}"
    chosen = st.segmented_control(
        "View",
        VIEWS,
        default=asked if asked in VIEWS else VIEWS[0],
        format_func=lambda name: f"{name} · {count(counts[name])}" if counts.get(name) else name,
        key=key,
        required=True,
        label_visibility="collapsed",
        on_change=lambda: _show_view(str(st.session_state[key])),
    )
    return str(chosen or VIEWS[0])


def _show_view(name: str) -> None:
    """Bound by hand: a bound choice is in the URL by its label, and these labels count."""
    st.query_params["view"] = name


def _undo(desk: Desk, run_id: int) -> None:
    """The way back from what was done last."""
    last = doing.last_done(run_id)
    if last is not None:
        st.button(
            f"Undo {last.told}",
            icon=":material/undo:",
            type="tertiary",
            shortcut="U",
            key="bench_undo",
            on_click=doing.undo_last,
            args=(desk, last),
        )
