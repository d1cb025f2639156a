"""What every grid that shows one page of many rows needs: the pager under it, and a key that follows its rows."""

from __future__ import annotations

import hashlib
from typing import Final, Literal

import streamlit as st

from recon.ui.format import count

ROW_HEIGHT: Final = 33
"""Pixels of a grid's row, and of its header."""


def pager(total: int, *, key: str, page_size: int) -> int:
    """Draw the pager where there is more than one page; returns how many rows come before the page.

    Draw it before the grid, into a place below: a page number from the URL is known only from its return value.
    """
    pages = -(-total // page_size)
    if pages < 2:
        return 0
    place, buttons = st.columns([1, 1], vertical_alignment="center")
    with buttons.container(horizontal=True, horizontal_alignment="right"):
        number = st.pagination(pages, key=key, bind="query-params")
    first = (number - 1) * page_size
    place.caption(f"{count(first + 1)}–{count(min(first + page_size, total))} of {count(total)}")
    return first


def first_page(key: str) -> None:
    """Go back to the first page: what every filter does when it changes."""
    st.session_state[key] = 1


def fingerprint(shown: object) -> str:
    """Changes with the rows shown: a grid keeps selected positions, which must not move to other rows."""
    return hashlib.blake2s(repr(shown).encode(), digest_size=6).hexdigest()


def grid_height(rows: int, *, at_most: int = 20) -> int | Literal["content"]:
    """As high as its rows, without a scroll bar of its own until there are too many."""
    return "content" if rows <= at_most else (at_most + 1) * ROW_HEIGHT + 2
