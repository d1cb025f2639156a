"""One side of the workbench: how many rows are open and what they come to, one page of them to tick, and its pager."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import pandas as pd
import streamlit as st

from recon.model.outcome import DiscrepancyKind
from recon.model.settlement import OpenRow
from recon.model.transactions import Side
from recon.queries.open_rows import PaneFilter, PaneSort, PaneSum, pane_lines, pane_rows, pane_sums
from recon.ui.format import KINDS, NONE, SIDES, clip, count, counted, figure, md
from recon.ui.guard import Desk
from recon.ui.header_sort import HeaderSort
from recon.ui.pager import ROW_HEIGHT, fingerprint, pager
from recon.ui.workbench import address
from recon.ui.workbench.address import key
from recon.ui.workbench.filters import SHORT, clear_filters
from recon.ui.workbench.nearness import why_near

PAGE_SIZE: Final = 50
GRID_HEIGHT: Final = 13 * ROW_HEIGHT + 2
_SHOWN_SUMS: Final = 2
_HEADING: Final = 34
"""Pixels of the line over a grid: both stand at the same height, whatever is said there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The rows a pane shows: how many the filter leaves in all, how many come before these, and these."""

    total: int
    offset: int
    rows: tuple[OpenRow, ...]


def pane(desk: Desk, wanted: PaneFilter, *, near: OpenRow | None, has_currencies: bool) -> Page:
    """Draw it; returns its page. With `near` a row of the other side, the rows most like it come first."""
    side = wanted.side
    heading, place = st.container(), st.container()
    sums = pane_sums(desk.engine, wanted)
    total = sum(one.count for one in sums)
    offset = pager(total, key=key(side, "page"), page_size=PAGE_SIZE)
    with heading:
        _heading(desk, wanted, sums, total, near)
    by, is_descending = sorting(side).order()
    rows = pane_rows(
        desk.engine, wanted, near=near, sort=by, is_descending=is_descending, limit=PAGE_SIZE, offset=offset
    )
    with place:
        if rows:
            _grid(side, rows, near, has_currencies=has_currencies)
        else:
            _nothing(side, wanted)
    return Page(total=total, offset=offset, rows=rows)


def sorting(side: Side) -> HeaderSort[PaneSort]:
    """What the side is sorted by: the oldest first, until a click on a header."""
    return HeaderSort(
        state=key(side, "sort"),
        page=key(side, "page"),
        headers={
            "Date": PaneSort.DATE,
            "Amount": PaneSort.AMOUNT,
            "Text": PaneSort.TEXT,
            "Reference": PaneSort.REFERENCE,
            "Line": PaneSort.LINE,
        },
    )


def grid_key(side: Side) -> str:
    """Where the session keeps the key of the side's grid as it was last drawn."""
    return f"{side}_grid_key"


def kind_label(row: OpenRow) -> str:
    """What the row is open as."""
    if row.decision_id is not None:
        return f"Rest of {figure(row.amount, row.currency)}"
    if row.opened_by is not None and row.kind == DiscrepancyKind.SUGGESTION:
        return "Rejected"
    if row.kind in SHORT:
        return SHORT[row.kind]
    return KINDS[DiscrepancyKind(row.kind)].label if row.kind in {*DiscrepancyKind} else clip(row.kind, 20)


def _heading(desk: Desk, wanted: PaneFilter, sums: Sequence[PaneSum], total: int, near: OpenRow | None) -> None:
    shown = [f"{md(figure(one.amount, one.currency))} {one.currency}" for one in sums[:_SHOWN_SUMS]]
    more = f" and {len(sums) - len(shown)} more" if len(sums) > len(shown) else ""
    order = " · nearest first" if near else ""
    side = wanted.side
    with st.container(horizontal=True, vertical_alignment="center", gap="small", height=_HEADING, border=False):
        st.markdown(f"**{SIDES[side]}**", width="content")
        st.caption(f"**{counted(total, 'row')}**" + (f" · {' · '.join(shown)}{more}" if shown else "") + order)
        if wanted.is_narrowed and 1 < total <= address.AT_MOST:
            st.button(
                f"Choose all {count(total)}",
                key=key(side, "all"),
                type="tertiary",
                help="Every row these filters leave, on all pages",
                on_click=_choose_all,
                args=(desk, wanted),
            )


def _choose_all(desk: Desk, wanted: PaneFilter) -> None:
    lines = pane_lines(desk.engine, wanted, limit=address.AT_MOST)
    address.choose(wanted.side, [*address.chosen(wanted.side), *lines])
    address.redraw(wanted.side)


def _grid(side: Side, rows: Sequence[OpenRow], near: OpenRow | None, *, has_currencies: bool) -> None:
    lines = tuple(row.line for row in rows)
    name, arrow = sorting(side).shown()
    seen = [row.seen for row in rows]
    grid = f"pane_{side}_{fingerprint((seen, near and near.seen, name, arrow, address.revision(side)))}"
    st.session_state[grid_key(side)] = grid
    mine = set(address.chosen(side))
    ticked = [place for place, line in enumerate(lines) if line in mine]
    config = _columns()
    if near is None:
        config[name] = {**config[name], "label": f"{name} {arrow}"}
    st.dataframe(
        frame(rows, near, has_currencies=has_currencies),
        key=grid,
        on_select=partial(_react, side, grid, lines),
        selection_mode=["multi-row", "single-column"],
        selection_default={"selection": {"rows": ticked}} if ticked else None,
        hide_index=True,
        height=GRID_HEIGHT,
        row_height=ROW_HEIGHT,
        placeholder=NONE,
        alt=f"Open rows of the {side}",
        column_config=config,
    )


def frame(rows: Sequence[OpenRow], near: OpenRow | None, *, has_currencies: bool = True) -> pd.DataFrame:
    """The grid's cells, as text where exactness needs it; with `near`, also how a row compares with that one."""
    columns: dict[str, list[Any]] = {
        "Date": [row.date for row in rows],
        "Amount": [figure(row.open_amount, row.currency) for row in rows],
    }
    if has_currencies:
        columns["Ccy"] = [row.currency for row in rows]
    if near is not None:
        columns["Near"] = [why_near(row, near) for row in rows]
    columns |= {
        "Text": [clip(row.text or NONE, 80) for row in rows],
        "Reference": [clip(row.reference or NONE, 48) for row in rows],
        "Open as": [kind_label(row) for row in rows],
        "Line": [count(row.line) if row.line > 0 else "carried" for row in rows],
    }
    return pd.DataFrame(columns)


def _columns() -> dict[str, Any]:
    text = st.column_config.TextColumn
    return {
        "Date": st.column_config.DateColumn(format="DD MMM", width=66),
        "Amount": text(alignment="right", width=96),
        "Ccy": text(width=46),
        "Near": text(width=142),
        "Text": text(width=216),
        "Reference": text(width=112),
        "Open as": text(width=112),
        "Line": text(alignment="right", width=62),
    }


def _react(side: Side, grid: str, lines: tuple[int, ...]) -> None:
    """A click on a header sorts. A tick chooses: on this page what is ticked, on other pages what was chosen there."""
    selection = st.session_state[grid].selection
    if selection.columns:
        here = address.near()
        if here is not None and here[0] is not side:
            address.near_none()
        sorting(side).clicked(grid)
        return
    if side is Side.SOURCE:
        st.session_state.pop(address.WALK, None)
    ticked = [lines[place] for place in selection.rows if place < len(lines)]
    on_page = {*lines}
    elsewhere = [line for line in address.chosen(side) if line not in on_page]
    address.choose(side, [*elsewhere, *ticked])


def _nothing(side: Side, wanted: PaneFilter) -> None:
    with st.container(
        border=True,
        height=GRID_HEIGHT,
        horizontal_alignment="center",
        vertical_alignment="center",
        key=key(side, "nothing"),
    ):
        if wanted.is_narrowed:
            st.markdown("##### :material/filter_alt_off: No open row fits", width="content")
            st.button("Clear filters", key=key(side, "clear_all"), on_click=clear_filters, args=(side,))
        else:
            st.markdown(f"##### :material/task_alt: The {side} is clear", width="content")
            st.caption("Every row of it ties out or is settled.", width="content")
