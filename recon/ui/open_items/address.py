"""What the Open items page shows, as its URL says it: the item that is open, and every filter."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from recon.queries.item_list import Stage

NAME: Final = "reconciliation"
OPEN: Final = "item"
PAGE: Final = "items_page"
STAGE: Final = "stage"
EMPTY: Final[dict[str, Any]] = {"side": None, "currency": None, "ages": [], "q": ""}
"""Filters by their key, and what each is when nothing is asked for."""


def opened() -> int | None:
    """The item beside the list."""
    asked = st.query_params.get(OPEN, "")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 19 else None


def open_item(item_id: int) -> None:
    st.query_params[OPEN] = str(item_id)


def close_item() -> None:
    st.query_params.pop(OPEN, None)


def changed() -> None:
    """What every filter does: back to the first page, with nothing open."""
    st.session_state[PAGE] = 1
    close_item()


def clear() -> None:
    """Ask for nothing but the stage."""
    for key, nothing in EMPTY.items():
        st.session_state[key] = nothing
    changed()


def to_items(reconciliation: str, *, stage: Stage = Stage.MISSING, age: str | None = None) -> dict[str, str]:
    """The query of a link to a reconciliation's items; `age` is a label of `open_ages.AGES`."""
    query = {NAME: reconciliation, STAGE: STAGES[stage]}
    return query if age is None else {**query, "ages": age}


def is_filtered() -> bool:
    return any(st.session_state.get(key, nothing) not in (nothing, None, ()) for key, nothing in EMPTY.items())


STAGES: Final = {Stage.MISSING: "Missing", Stage.IN_TRANSIT: "In transit", Stage.CLEARED: "Cleared"}
