"""Both panes and the bar between them, as one fragment: a tick draws nothing else of the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from recon.model.rules import Rules
from recon.model.settlement import OpenRow
from recon.model.transactions import Side
from recon.queries.open_rows import chosen_rows, currencies_of
from recon.ui.guard import Desk, problems_shown
from recon.ui.workbench import address, doing
from recon.ui.workbench.bar import bar
from recon.ui.workbench.pane import pane
from recon.ui.workbench.partners import partners
from recon.ui.workbench.search_key import slash_searches

_WIDTHS: Final = (46, 24, 46)


@st.fragment
def panes(desk: Desk, run_id: int, rules: Rules) -> None:
    """Draw them for a run that is prepared."""
    if doing.was_done():
        st.rerun()  # the figures above have changed too
    with problems_shown():
        _panes(desk, run_id, rules)


def _panes(desk: Desk, run_id: int, rules: Rules) -> None:
    currencies = currencies_of(desk.engine, run_id)
    rows = chosen_rows(desk.engine, run_id, {side: address.chosen(side) for side in Side})
    near = _near(rows)
    left, middle, right = st.container(key="bench_panes").columns(_WIDTHS, gap="small")
    with left:
        source = pane(
            desk, run_id, Side.SOURCE, currencies, near=near if near and near.side is Side.REFERENCE else None
        )
    with right:
        pane(desk, run_id, Side.REFERENCE, currencies, near=near if near and near.side is Side.SOURCE else None)
    slash_searches()
    with middle.container(border=True, key="bench_bar", gap="small"):
        bar(desk, run_id, rules, rows)
        if near is not None:
            partners(desk, near)
        _walk(source, rows)


def _near(rows: Sequence[OpenRow]) -> OpenRow | None:
    """The row the other side is sorted by, if it is open and chosen."""
    asked = address.near()
    return next((row for row in rows if (row.side, row.line) == asked), None)


def _walk(page: Sequence[OpenRow], rows: Sequence[OpenRow]) -> None:
    """The keys that walk through the source's page, one row chosen at a time."""
    if not page:
        return
    lines = [row.line for row in page]
    here = next((lines.index(row.line) for row in rows if row.side is Side.SOURCE and row.line in lines), None)
    with st.container(horizontal=True, gap="xsmall"):
        for label, shortcut, to in (
            ("Prev", "K", None if here is None else here - 1),
            ("Next", "J", 0 if here is None else here + 1),
        ):
            is_there = to is not None and 0 <= to < len(lines)
            st.button(
                label,
                shortcut=shortcut,
                key=f"bench_step_{shortcut}",
                type="tertiary",
                help="One row of the source at a time",
                disabled=not is_there,
                on_click=address.only,
                args=(Side.SOURCE, lines[to] if is_there and to is not None else 0),
            )
