"""What was said and done about a discrepancy, as a thread: who, what, when; the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from recon.model.triage import Move
from recon.queries.discrepancy_detail import HistoryEvent
from recon.ui.format import counted, md, when
from recon.ui.triage.decide import RESOLUTIONS


def thread(events: Sequence[HistoryEvent], *, run_id: int, now: datetime) -> None:
    """Nothing where nobody did or said anything. What was done in another run than this one says in which."""
    if not events:
        return
    comments = sum(bool(event.comment) for event in events)
    st.markdown(f"**History** :gray[· {counted(comments, 'comment')}]" if comments else "**History**")
    for event in reversed(events):
        with st.container(gap=None):
            where = f" · run {event.run_id}" if event.run_id != run_id else ""
            st.caption(f"**{md(event.actor)}** {_done(event)} · {when(event.at, now=now)}{where}")
            if event.comment:
                st.markdown("  \n".join(md(line) for line in event.comment.splitlines() if line.strip()))


def _done(event: HistoryEvent) -> str:
    if event.action == Move.ASSIGN:
        return f"assigned it to **{md(event.assignee)}**" if event.assignee else "assigned it to nobody"
    reason = f": {_reason(event.resolution)}" if event.resolution else ""
    return f"{md(event.action)}{reason}"


def _reason(resolution: str) -> str:
    return next((label.lower() for known, label in RESOLUTIONS.items() if known == resolution), md(resolution))
