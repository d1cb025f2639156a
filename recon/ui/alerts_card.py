"""The card of alerts: whether they reach their receiver, the latest of them, and another try for those given up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import pandas as pd
import streamlit as st

from recon.model.people import Action
from recon.queries.alerts import AlertLine, OutboxState, alert_lines, outbox_state
from recon.ui.format import Look, counted, md, when
from recon.ui.guard import Desk
from recon.ui.people.allowed import guarded
from recon.workflows.send_alerts_again import send_alerts_again

SHOWN: Final = 20
ROW_HEIGHT: Final = 33

STATES: Final[Mapping[str, Look]] = {
    "pending": Look(label="Waiting", color="orange", icon=":material/schedule_send:", slot=2),
    "dead": Look(label="Given up", color="red", icon=":material/error:", slot=5),
    "delivered": Look(label="Delivered", color="green", icon=":material/check_circle:", slot=1),
    "kept": Look(label="Listed only", color="gray", icon=":material/inbox:", slot=4),
}


def alerts_card(desk: Desk) -> None:
    """Draw the card; nothing but a line when no alert was ever raised."""
    state = outbox_state(desk.engine)
    has_receiver = desk.settings.alert_webhook_url is not None
    with st.container(border=True, key="alerts"):
        left, right = st.columns([5, 1], vertical_alignment="center")
        left.markdown("**Alerts** :gray[· told when the status of a check changes]")
        if state.dead_count and right.button(
            "Send again",
            icon=":material/send:",
            key="alerts_again",
            **guarded(
                desk,
                Action.ALERTS,
                disabled=not has_receiver,
                help="Tries those that were given up for three more days, under the ids they had.",
            ),
            width="stretch",
        ):
            again = send_alerts_again(desk.engine, actor=desk.actor)
            st.toast(f"{counted(len(again), 'alert')} will be sent again.", icon=":material/send:")
            state = outbox_state(desk.engine)
        with st.container(gap=None):
            for line in how_it_goes(state, desk.now, has_receiver=has_receiver):
                st.markdown(f":small[{line}]")
        if state.total_count:
            _table(alert_lines(desk.engine, limit=SHOWN), desk)


def needs_a_person(desk: Desk) -> bool:
    """Whether alerts do not get through."""
    state = outbox_state(desk.engine)
    return bool(state.dead_count or (state.pending_count and state.error_text))


def how_it_goes(state: OutboxState, now: datetime, *, has_receiver: bool) -> Sequence[str]:
    """What there is to say about delivery, the worst first, as Markdown."""
    lines = []
    if state.dead_count:
        lines.append(f":red[:material/error: {counted(state.dead_count, 'alert')} could not be delivered.]")
    if state.pending_count and state.error_text:
        until = f" The next try is at {when(state.paused_until, now=now)} UTC." if state.paused_until else ""
        why = md(state.error_text)
        lines.append(f":orange[:material/pause_circle: The receiver does not take alerts. {why}{until}]")
    if not has_receiver:
        lines.append(
            ":gray[:material/link_off: No receiver is set (`ALERT_WEBHOOK_URL`): alerts are only listed here.]"
        )
    elif state.pending_count:
        wait = "waits" if state.pending_count == 1 else "wait"
        lines.append(f":gray[:material/schedule_send: {counted(state.pending_count, 'alert')} {wait} to be delivered.]")
    elif not state.dead_count:
        every = "Every alert was delivered." if state.total_count else "No alert was raised yet."
        lines.append(f":gray[:material/check_circle: {every}]")
    return lines


def _table(lines: Sequence[AlertLine], desk: Desk) -> None:
    frame = pd.DataFrame(
        {
            "Raised": [when(line.at, now=desk.now) for line in lines],
            "Check": [line.check_name for line in lines],
            "Book": [line.book for line in lines],
            "Change": [f"{line.old_status or 'new'} → {line.new_status}" for line in lines],
            "Delivery": [[STATES[line.state].label] for line in lines],
            "Tries": [line.try_count for line in lines],
            "Last problem": [line.error_text for line in lines],
        }
    )
    st.dataframe(
        frame,
        key="alert_lines",
        hide_index=True,
        row_height=ROW_HEIGHT,
        placeholder="–",
        alt="The latest alerts and what became of them",
        column_config={
            "Delivery": st.column_config.MultiselectColumn(
                options=[look.label for look in STATES.values()],
                color=[look.color for look in STATES.values()],
                width=110,
            ),
            "Tries": st.column_config.NumberColumn(format="localized", width=70),
        },
    )
