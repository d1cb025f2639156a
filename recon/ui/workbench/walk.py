"""The keys that walk through the source, one row chosen at a time; after a decision the walk goes on where it was."""

from __future__ import annotations

from typing import Final

import streamlit as st

from recon.model.transactions import Side
from recon.queries.open_rows import PaneFilter, pane_rows, pane_sums
from recon.ui.guard import Desk
from recon.ui.workbench import address
from recon.ui.workbench.pane import PAGE_SIZE, Page, sorting

_AT: Final = address.WALK
_IS_DUE: Final = "bench_walk_due"


def go_on() -> None:
    """A decision took the row away: the one that takes its place is next, for who walks."""
    if _AT in st.session_state:
        st.session_state[_IS_DUE] = True


def arrive(desk: Desk, wanted: PaneFilter) -> None:
    """Choose the row the walk is due at. To be called before anything of the source is drawn."""
    if not st.session_state.pop(_IS_DUE, False):
        return
    total = sum(one.count for one in pane_sums(desk.engine, wanted))
    if total:
        _step(desk, wanted, min(st.session_state[_AT], total - 1))


def steps(desk: Desk, wanted: PaneFilter, page: Page) -> None:
    """Draw the two buttons: one row of the source back, or on, across its pages."""
    here = _place(page)
    if here is None:
        here = st.session_state.get(_AT)
        onward, back = (0, None) if here is None else (min(here, page.total - 1), here - 1)
    else:
        onward, back = here + 1, here - 1
    for label, shortcut, to in (("Previous", "K", back), ("Next", "J", onward)):
        is_there = to is not None and 0 <= to < page.total
        st.button(
            label,
            shortcut=shortcut,
            key=f"bench_step_{shortcut}",
            type="tertiary",
            help="One row of the source at a time",
            disabled=not is_there,
            on_click=_step,
            args=(desk, wanted, to),
        )


def _place(page: Page) -> int | None:
    """Where the last chosen row of the source stands, if it is on the page."""
    lines = {row.line: page.offset + place for place, row in enumerate(page.rows)}
    mine = [lines[line] for line in address.chosen(Side.SOURCE) if line in lines]
    return mine[-1] if mine else None


def _step(desk: Desk, wanted: PaneFilter, to: int) -> None:
    by, is_descending = sorting(Side.SOURCE).order()
    rows = pane_rows(desk.engine, wanted, sort=by, is_descending=is_descending, limit=1, offset=to)
    if not rows:
        return
    address.only(Side.SOURCE, rows[0].line)
    st.session_state[address.key(Side.SOURCE, "page")] = to // PAGE_SIZE + 1
    st.session_state[_AT] = to
