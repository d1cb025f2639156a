"""Approvals: what waits for a second person, what exactly would be done, and what was decided."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from recon.model.people import Proposal
from recon.money import to_display
from recon.queries.people import find_proposal, open_proposal_count, proposals
from recon.ui import states
from recon.ui.format import counted, when
from recon.ui.guard import require
from recon.ui.header import header
from recon.ui.pager import ROW_HEIGHT, grid_height
from recon.ui.people.proposal_panel import proposal_panel

VIEWS = ("Open", "Decided")
SHOWN = 200

desk = require()
waiting = open_proposal_count(desk.engine)
actions = header("Approvals", f"{counted(waiting, 'proposal')} waiting" if waiting else "Nothing waits for anybody")
view = actions.segmented_control("Show", VIEWS, default=VIEWS[0], key="view", label_visibility="collapsed") or VIEWS[0]

found = proposals(desk.engine, is_open=view == "Open", limit=SHOWN)
named = st.query_params.get("proposal", "")
opened = find_proposal(desk.engine, int(named)) if named.isdecimal() and len(named) < 16 else None

if not found and opened is None:
    states.empty(
        "Nothing to decide" if view == "Open" else "Nothing was decided yet",
        "What is above somebody's limit waits here until a second person has looked at it. Settings holds the limits.",
        icon=":material/supervisor_account:",
        height=420,
    )
    st.stop()


def amounts(asked: Proposal) -> str:
    return " + ".join(to_display(amount, currency) for currency, amount in sorted(asked.amounts.items()))


left, right = st.columns([5, 7], gap="medium")
with left:
    frame = pd.DataFrame(
        {
            "What": [f"Write off {amounts(asked)}" for asked in found],
            "Proposed by": [asked.proposed_by for asked in found],
            "When": [when(asked.proposed_at, now=desk.now) for asked in found],
            "State": ["Expired" if asked.is_expired(desk.now) else asked.state.value.capitalize() for asked in found],
        }
    )
    selected = st.dataframe(
        frame,
        hide_index=True,
        row_height=ROW_HEIGHT,
        height=grid_height(len(frame), at_most=16),
        selection_mode="single-row",
        on_select="rerun",
        key=f"proposals_{view}",
    )["selection"]["rows"]
    if selected:
        opened = found[selected[0]]
        st.query_params["proposal"] = str(opened.id)
with right, st.container(border=True):
    if opened is None:
        opened = found[0]
    proposal_panel(desk, opened)
