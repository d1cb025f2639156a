"""The matched rows of a run: filter bar in the URL, one page as a grid, sorted by a click on a header."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd
import streamlit as st

from recon.model.outcome import Pass
from recon.queries.matched_rows import MatchedRow, MatchFilter, MatchSort, matched_count, matched_rows
from recon.queries.runs import RunDetail
from recon.ui import states
from recon.ui.format import PASSES, clip, counted, figure, line_text, money
from recon.ui.guard import Desk
from recon.ui.header_sort import HeaderSort
from recon.ui.pager import ROW_HEIGHT, fingerprint, first_page, grid_height, pager
from recon.ui.runs.cancelled import cancelled
from recon.ui.runs.matched_pair import open_pair, pair_panel, show_lines, shown_lines

PAGE_SIZE = 50
PAGE = "matched_page"

_LINE_WIDTH: Final = 64
_DAYS_WIDTH: Final = 48
_COLORS: Final = {
    Pass.DECIDED: "gray",
    Pass.IDENTITY: "blue",
    Pass.GROUPS: "orange",
    Pass.EXACT: "green",
    Pass.FEES: "gray",
    Pass.FX: "red",
    Pass.SUMS: "yellow",
    Pass.SCORED: "violet",
}
_SORT: Final = HeaderSort(
    state="matched_sort",
    page=PAGE,
    headers={
        "Line": MatchSort.LINE,
        "Date": MatchSort.DATE,
        "Amount": MatchSort.AMOUNT,
        "Difference": MatchSort.DELTA,
        "Days": MatchSort.DAYS,
        "Confidence": MatchSort.CONFIDENCE,
    },
)


def matched(desk: Desk, detail: RunDetail) -> None:
    """Draw the browser of one published run."""
    wanted = _filters([line.currency for line in detail.proof])
    pair = open_pair(desk, detail)
    place = st.container() if pair is None else pair_panel(desk, detail, pair)
    with place:
        _page(desk, detail, wanted)
        cancelled(desk, detail)


def _page(desk: Desk, detail: RunDetail, wanted: MatchFilter) -> None:
    """The rows the filter leaves, one page of them."""
    summary, grid = st.container(), st.container()
    total = matched_count(desk.evidence, detail, wanted)
    offset = pager(total, key=PAGE, page_size=PAGE_SIZE)
    sort, is_descending = _SORT.order()
    header, arrow = _SORT.shown()
    summary.caption(
        f"**{counted(total, 'match', 'matches')}** · sorted by {header.lower()} {arrow} · click one to see why"
    )
    with grid:
        if total:
            rows = matched_rows(
                desk.evidence,
                detail,
                wanted,
                sort=sort,
                is_descending=is_descending,
                limit=PAGE_SIZE,
                offset=offset,
            )
            _grid(rows, header, arrow)
        else:
            states.empty(
                "No matched row fits these filters",
                "Clear the search or widen the filters.",
                icon=":material/filter_alt_off:",
                action="Clear filters",
                on_click=_clear,
                key="clear_matched",
                height=320,
            )


def _filters(currencies: Sequence[str]) -> MatchFilter:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        search = st.text_input(
            "Search",
            key="matched_search",
            bind="query-params",
            placeholder="Search id, reference, description or party",
            icon=":material/search:",
            label_visibility="collapsed",
            width=300,
            on_change=first_page,
            args=(PAGE,),
        )
        passes = st.pills(
            "Found by",
            list(Pass),
            selection_mode="multi",
            format_func=lambda name: PASSES[name],
            key="matched_pass",
            bind="query-params",
            label_visibility="collapsed",
            on_change=first_page,
            args=(PAGE,),
        )
        currency = None
        if len(currencies) > 1:
            currency = st.selectbox(
                "Currency",
                currencies,
                index=None,
                placeholder="All currencies",
                key="matched_currency",
                bind="query-params",
                label_visibility="collapsed",
                width=160,
                on_change=first_page,
                args=(PAGE,),
            )
        has_delta = st.toggle(
            "Only amount differences",
            key="matched_delta",
            bind="query-params",
            on_change=first_page,
            args=(PAGE,),
        )
    return MatchFilter(
        search=search or "", passes=tuple(Pass(name) for name in passes or ()), currency=currency, has_delta=has_delta
    )


def _grid(rows: Sequence[MatchedRow], sorted_by: str, arrow: str) -> None:
    frame = matched_frame(rows)
    lines = [(row.source_line, row.reference_line) for row in rows]
    key = f"matched_{fingerprint((lines, sorted_by, arrow))}"
    shown = shown_lines()
    config: dict[str, Any] = {
        name: st.column_config.TextColumn(alignment="right")
        for name in ("Amount", "Ref. amount", "Difference", "Confidence")
    }
    config |= {
        name: st.column_config.TextColumn(alignment="right", width=_LINE_WIDTH) for name in ("Line", "Ref. line")
    }
    config["Days"] = st.column_config.NumberColumn(width=_DAYS_WIDTH)
    config |= {name: st.column_config.TextColumn(width=200) for name in ("Source text", "Reference text")}
    config["Rows"] = st.column_config.TextColumn(width=52, help="Source rows : reference rows")
    config["Ccy"] = st.column_config.TextColumn(width=48)
    config["Date"] = st.column_config.DateColumn(format="DD MMM YYYY")
    config["Found by"] = st.column_config.MultiselectColumn(
        options=[PASSES[name] for name in _COLORS], color=list(_COLORS.values())
    )
    config[sorted_by] = {**config.get(sorted_by, {}), "label": f"{sorted_by} {arrow}"}
    st.dataframe(
        frame,
        key=key,
        hide_index=True,
        on_select=lambda: _react(key, lines),
        selection_mode=["single-cell", "single-column"],
        selection_default={"selection": {"cells": [(lines.index(shown), "Reference")]}} if shown in lines else None,
        height=grid_height(len(rows), at_most=14),
        row_height=ROW_HEIGHT,
        placeholder="–",
        alt="Matched rows on this page",
        column_config=config,
    )


def _react(key: str, lines: Sequence[tuple[int, int]]) -> None:
    """A click on a header sorts, one on a cell opens its pair."""
    selection = st.session_state[key].selection
    if selection.cells and not selection.columns:
        show_lines(lines[selection.cells[0][0]])
    else:
        _SORT.clicked(key)


def matched_frame(rows: Sequence[MatchedRow]) -> pd.DataFrame:
    """The grid's cells: one line a match, of several rows with their sums; what was exchanged has both its amounts."""
    exchanged = [row.reference_currency != row.currency for row in rows]
    theirs = [
        money(row.reference_amount, row.reference_currency) if other else "–"
        for row, other in zip(rows, exchanged, strict=True)
    ]
    return pd.DataFrame(
        {
            "Line": [line_text(row.source_line) for row in rows],
            "Ref. line": [line_text(row.reference_line) for row in rows],
            "Rows": [row.shape for row in rows],
            "Reference": [clip(row.source_id or row.reference_id or "–", 40) for row in rows],
            "Date": [row.source_date for row in rows],
            "Days": [row.days for row in rows],
            "Amount": [figure(row.source_amount, row.currency) for row in rows],
            "Ccy": [row.currency for row in rows],
            **({"Ref. amount": theirs} if any(exchanged) else {}),
            "Difference": [figure(row.amount_delta, row.currency) if row.amount_delta else "–" for row in rows],
            "Found by": [[PASSES[Pass(row.match_pass)]] for row in rows],
            "Confidence": [f"{row.confidence:.2f}" for row in rows],
            "Source text": [clip(row.source_text or "–", 80) for row in rows],
            "Reference text": [clip(row.reference_text or "–", 80) for row in rows],
        }
    )


def _clear() -> None:
    st.session_state["matched_search"] = ""
    st.session_state["matched_pass"] = []
    st.session_state["matched_currency"] = None
    st.session_state["matched_delta"] = False
    first_page(PAGE)
