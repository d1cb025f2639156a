"""What goes on now, at the foot of the sidebar; it looks again by itself, so other people's runs show too."""

from __future__ import annotations

from datetime import datetime

import streamlit as st
from sqlalchemy.exc import DBAPIError

from recon.queries.overview import Pulse
from recon.queries.overview import pulse as read_pulse
from recon.ui.format import md, when
from recon.ui.guard import Desk, require

EVERY = "15s"


def pulse() -> None:
    """Draw the pulse in the sidebar."""
    with st.sidebar:
        _beat()


@st.fragment(run_every=EVERY)
def _beat() -> None:
    desk = require()
    with st.container(gap="xsmall", key="pulse"):
        st.caption(f":material/account_circle: **{md(desk.actor)}**")
        try:
            now = read_pulse(desk.engine, now=desk.now)
        except DBAPIError:  # the page beside it says the same at length
            st.markdown(":small[:orange[:material/database_off: The database does not answer.]]")
            return
        st.caption(sentence(now, desk))
        if not now.is_sidecar_up(desk.now):
            st.markdown(f":small[:orange[:material/warning: The sidecar is down: {what_waits(now, desk.now)}.]]")


def what_waits(pulse: Pulse, now: datetime) -> str:
    """What does not happen without a sidecar; a worker beside it still executes runs."""
    return "no check is made" if pulse.is_worker_up(now) else "queued runs wait, and no check is made"


def sentence(now: Pulse, desk: Desk) -> str:
    """`2 running · 1 queued · last run 06:04`."""
    parts = [f"{now.running_count} running"]
    if now.queued_count:
        parts.append(f"{now.queued_count} queued")
    parts.append(f"last run {when(now.last_run_at, now=desk.now)}" if now.last_run_at else "no run yet")
    return " · ".join(parts)
