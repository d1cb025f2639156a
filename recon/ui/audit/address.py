"""What the Audit page shows, as its URL says it: the event that is open, and the one the page begins with."""

from __future__ import annotations

from typing import Final

import streamlit as st

OPEN: Final = "event"
BEGIN: Final = "from"


def opened() -> int | None:
    """The event beside the list."""
    return _number(OPEN)


def begin() -> int | None:
    """The event the page begins with; None is the newest."""
    return _number(BEGIN)


def open_event(event_id: int) -> None:
    st.query_params[OPEN] = str(event_id)


def turn_to(event_id: int | None) -> None:
    """Turn the page to the one that begins with this event; None is the newest."""
    if event_id is None:
        st.query_params.pop(BEGIN, None)
    else:
        st.query_params[BEGIN] = str(event_id)


def newest() -> None:
    """What every filter does when it changes."""
    turn_to(None)


def _number(name: str) -> int | None:
    asked = st.query_params.get(name, "")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 19 else None
