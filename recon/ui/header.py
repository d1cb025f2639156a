"""The top of every page: title, one line of context, and the page's actions on the right."""

from __future__ import annotations

from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

_SIDE_PADDING = "1.75rem"
FIGURE_WIDTH: Final = 184
"""Pixels a headline figure needs: a narrower window shows fewer of them in a row."""


def header(title: str, caption: str = "") -> DeltaGenerator:
    """Draw the page's only title; returns the row for its actions, which fills from the right.

    `caption` is Markdown: escape what came from a file. Give each action `width="content"` or a width in pixels.
    """
    text, actions = st.columns(2, vertical_alignment="center", gap="small")
    with text.container(gap=None):
        st.title(title, anchor=False)
        if caption:
            st.caption(caption)
    return actions.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center", gap="small")


def page_style() -> None:
    """The product's one CSS rule: the side padding of the page, for which the theme has no option."""
    st.html(
        "<style>[data-testid='stMainBlockContainer']"
        f"{{padding-left:{_SIDE_PADDING};padding-right:{_SIDE_PADDING}}}</style>"
    )


def figures(count: int) -> DeltaGenerator:
    """The row for that many headline figures; it wraps where the window is too narrow for them."""
    return st.grid(count, min_column_width=FIGURE_WIDTH, gap="small")
