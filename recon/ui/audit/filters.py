"""The filter bar of the audit log: every part of it in the URL, and what it means as a filter."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from recon.queries.audit import AuditFilter, known
from recon.ui.audit import address
from recon.ui.audit.look import action_label
from recon.ui.format import clip
from recon.ui.guard import Desk
from recon.ui.ledger.listing import day_of

PERIOD: Final = {"since": "From", "until": "To"}
SUBJECT: Final = "about"
_EMPTY: Final[dict[str, Any]] = {"words": "", "who": None, "did": [], SUBJECT: "", "since": None, "until": None}
"""Each filter's key and what it is when nothing is asked for."""


def filter_bar(desk: Desk) -> AuditFilter:
    """Draw the bar; returns what it asks for."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="filters"):
        words = st.text_input(
            "Search",
            key="words",
            type="search",
            live="400ms",
            placeholder="Search any word of an event",
            icon=":material/search:",
            width=250,
            **_bound(),
        )
        actor = st.selectbox(
            "Who",
            known(desk.engine, "actor"),
            index=None,
            format_func=lambda name: clip(name, 40),
            key="who",
            placeholder="Anyone",
            width=150,
            **_bound(),
        )
        actions = st.multiselect(
            "What",
            known(desk.engine, "action"),
            format_func=action_label,
            key="did",
            placeholder="Anything",
            width=240,
            **_bound(),
        )
        subject = st.text_input("About", key=SUBJECT, placeholder="About, as in run 12", width=170, **_bound())
        first_on, last_on = (day_of(key) for key in PERIOD)
        label = "Any day" if first_on is None and last_on is None else f"{first_on or '…'} – {last_on or '…'}"
        with st.popover(label, icon=":material/date_range:", key="period", width="content"):
            first_on, last_on = (
                st.date_input(name, value=None, key=key, format="YYYY-MM-DD", **_bound("visible"))
                for key, name in PERIOD.items()
            )
        if is_filtered():
            st.button("Clear", icon=":material/filter_alt_off:", type="tertiary", key="clear_filters", on_click=clear)
    return AuditFilter(
        search=words or "",
        actor=actor,
        actions=tuple(actions),
        subject=subject or "",
        first_on=first_on,
        last_on=last_on,
    )


def is_filtered() -> bool:
    """Whether any filter is in use."""
    return any(st.session_state.get(key, nothing) not in (nothing, None, ()) for key, nothing in _EMPTY.items())


def clear() -> None:
    """Ask for nothing, from the newest event."""
    for key, nothing in _EMPTY.items():
        st.session_state[key] = nothing
    address.newest()


def only_about(subject: str) -> None:
    """List what happened to this subject alone."""
    clear()
    st.session_state[SUBJECT] = subject


def _bound(label: str = "collapsed") -> dict[str, Any]:
    return {"bind": "query-params", "label_visibility": label, "on_change": address.newest}
