"""What the Feeds page shows, as its URL says it: the feed, the view, and the file that is open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

FEED: Final = "feed"
FILE: Final = "file"
VIEW: Final = "view"
VIEWS: Final = ("Files", "Mapping", "Arrival")


def chosen_feed(names: Sequence[str]) -> str | None:
    """The feed the URL names, if there is one of that name."""
    name = st.query_params.get(FEED)
    return name if name in names else None


def choose_feed(name: str) -> None:
    """Show a feed; the file of another is closed."""
    st.query_params[FEED] = name
    st.query_params.pop(FILE, None)


def open_file() -> int | None:
    """The file the URL opens."""
    text = st.query_params.get(FILE, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def show_file(file_id: int) -> None:
    """Open a file."""
    st.query_params[FILE] = str(file_id)
