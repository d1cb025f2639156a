"""Approvals: what waits for a second person, what exactly would be done, and what was decided."""

from __future__ import annotations

import streamlit as st

from recon.queries.proposals import Inbox, find_proposal, inbox_counts, proposals
from recon.ui import states
from recon.ui.approvals.deciding import show_answer
from recon.ui.approvals.inbox import close, inbox_list, named, steps
from recon.ui.approvals.panel import proposal_panel
from recon.ui.format import count, counted
from recon.ui.guard import require
from recon.ui.header import header

SHOWN = 200
NOTHING = {
    Inbox.WAITING: (
        "Nothing waits",
        "What is more than one person may do alone waits here. Settings holds the limits.",
    ),
    Inbox.MINE: ("You proposed nothing", "What you may not do alone can be proposed from where you tried it."),
    Inbox.DECIDED: ("Nothing was decided yet", "What was approved, rejected, withdrawn or expired is listed here."),
}

desk = require()
counts = inbox_counts(desk.engine, actor=desk.actor)
parts = [f"{counted(counts.waiting, 'proposal')} of others waiting" if counts.waiting else "Nothing waits"]
if counts.soon:
    parts.append(f":orange[{count(counts.soon)} expire within 3 hours]")
if counts.own:
    parts.append(f"{count(counts.own)} of yours")
actions = header("Approvals", " · ".join(parts))
walk = actions.container(horizontal=True, horizontal_alignment="right", gap="xsmall")
with actions:
    inbox = Inbox(
        st.segmented_control(
            "Show",
            list(Inbox),
            default=Inbox.WAITING,
            required=True,
            key="show",
            bind="query-params",
            on_change=close,
            label_visibility="collapsed",
        )
    )
show_answer()
found = proposals(desk.engine, inbox, actor=desk.actor, limit=SHOWN)
number = named()
at = next((place for place, asked in enumerate(found) if asked.id == number), None)
opened = find_proposal(desk.engine, number) if number is not None and at is None else None
if opened is None and found:
    at = at or 0
    opened = found[at]

if opened is None:
    title, text = NOTHING[inbox]
    states.empty(title, text, icon=":material/supervisor_account:", height=420)
    st.stop()

beside = st.grid(12, min_column_width=60, gap="medium")
with walk:
    steps(found, at)
with beside.cell(column_span=5):
    if found:
        inbox_list(desk, found, inbox, at=at)
with beside.cell(column_span=7).container(border=True, key="proposal_panel"):
    proposal_panel(desk, opened)
