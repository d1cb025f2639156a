"""Which discrepancy is open. The URL says so, except for a moment: keys may come faster than the browser hears of it.

Rule it keeps: what was opened last stays open. A browser that has not yet heard of it tells the one before with the
next key; within some seconds that is taken for what it is, and not for somebody going back.
"""

from __future__ import annotations

import time
from typing import Final

import streamlit as st

_OPENED: Final = "triage_opened"
_HEARD_WITHIN_SECONDS: Final = 3.0


def number_of_url(name: str) -> int | None:
    """A number the URL gives; None where it gives none."""
    asked = st.query_params.get(name, "")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 19 else None


def open_one(discrepancy_id: int) -> None:
    """Open it, for the URL too."""
    _, stale = _just_opened()
    st.session_state[_OPENED] = (discrepancy_id, stale | {number_of_url("d")}, time.monotonic())
    st.query_params["d"] = str(discrepancy_id)


def open_none() -> None:
    """Close what is open."""
    st.session_state.pop(_OPENED, None)
    st.query_params.pop("d", None)


def open_id() -> int | None:
    """The discrepancy that is open."""
    asked = number_of_url("d")
    opened, stale = _just_opened()
    if opened is None or asked not in {opened, *stale}:
        return asked
    st.query_params["d"] = str(opened)  # once more: what is said right before a page is drawn again may be lost
    return opened


def _just_opened() -> tuple[int | None, frozenset[int | None]]:
    """What was opened within the last seconds, and what a browser may still tell that has not heard of it."""
    opened, stale, at = st.session_state.get(_OPENED, (None, frozenset(), 0.0))
    if time.monotonic() - at > _HEARD_WITHIN_SECONDS:
        return None, frozenset()
    return opened, stale
