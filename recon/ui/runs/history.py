"""The history of runs: its filters in the URL, one page of it as a grid."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st

from recon.queries import runs
from recon.queries.runs import RunFilter, RunRow
from recon.ui import states
from recon.ui.format import RUN_STATUS, clip, duration, percent, when
from recon.ui.guard import Desk
from recon.ui.newest import newest_button
from recon.ui.pager import ROW_HEIGHT, fingerprint, first_page, grid_height, pager

PAGE_SIZE = 50
PAGE = "runs_page"


def history(desk: Desk) -> int | None:
    """Draw filters, grid and pager; returns the run that was just clicked, if any."""
    wanted = _filters(desk)
    grid = st.container()
    total = runs.run_count(desk.engine, wanted)
    offset = pager(total, key=PAGE, page_size=PAGE_SIZE)
    with grid:
        if total:
            rows = runs.run_page(desk.engine, wanted, limit=PAGE_SIZE, offset=offset)
            return _grid(rows, now=desk.now)
        states.empty(
            "No run fits these filters",
            "Clear them to see all runs.",
            icon=":material/filter_alt_off:",
            action="Clear filters",
            on_click=_clear,
            key="clear_runs",
            height=360,
        )
    return None


def _filters(desk: Desk) -> RunFilter:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        name = st.selectbox(
            "Reconciliation",
            runs.reconciliation_names(desk.engine),
            index=None,
            placeholder="All reconciliations",
            label_visibility="collapsed",
            key="reconciliation",
            bind="query-params",
            width=300,
            on_change=first_page,
            args=(PAGE,),
        )
        statuses = st.pills(
            "Status",
            list(RUN_STATUS),
            selection_mode="multi",
            format_func=lambda status: RUN_STATUS[status].label,
            label_visibility="collapsed",
            key="run_status",
            bind="query-params",
            on_change=first_page,
            args=(PAGE,),
        )
        if name:
            newest_button(desk, name, key="run_newest_of")
    return RunFilter(reconciliation=name, statuses=tuple(statuses or ()))


def _grid(rows: Sequence[RunRow], *, now: datetime) -> int | None:
    event: Any = st.dataframe(
        history_frame(rows, now=now),
        key=f"runs_{fingerprint([(row.id, row.status) for row in rows])}",
        hide_index=True,
        on_select="rerun",
        selection_mode=["single-cell", "single-column"],  # a header click must not sort one page alone
        height=grid_height(len(rows)),
        row_height=ROW_HEIGHT,
        placeholder="–",
        alt="Runs, newest first",
        column_config={
            "Run": st.column_config.TextColumn(width=56),
            "Reconciliation": st.column_config.TextColumn(width=240),
            "Status": st.column_config.MultiselectColumn(
                options=[look.label for look in RUN_STATUS.values()],
                color=[look.color for look in RUN_STATUS.values()],
            ),
            "Rows": st.column_config.NumberColumn(format="localized"),
            "Discrepancies": st.column_config.NumberColumn(format="localized"),
            "Matched": st.column_config.TextColumn(alignment="right"),
            "Took": st.column_config.TextColumn(alignment="right"),
            "Repeats": st.column_config.TextColumn(width=72, help="The run this one was asked to run again"),
        },
    )
    cells: list[tuple[int, str]] = event.selection.cells
    return rows[cells[0][0]].id if cells else None


def history_frame(rows: Sequence[RunRow], *, now: datetime) -> pd.DataFrame:
    """The grid's cells: one line a run. What a run repeats is a column only where one does."""
    frame = pd.DataFrame(
        {
            "Run": [str(row.id) for row in rows],
            "Reconciliation": [clip(row.reconciliation, 60) for row in rows],
            "Status": [[RUN_STATUS[row.status].label] for row in rows],
            "Requested": [when(row.requested_at, now=now) for row in rows],
            "Took": [took(row) if row.finished_at else None for row in rows],
            "Rows": pd.array([row.row_count for row in rows], dtype="Int64"),
            "Matched": [percent(row.matched_row_count, row.row_count) if row.row_count else None for row in rows],
            "Discrepancies": pd.array([row.discrepancy_count for row in rows], dtype="Int64"),
            "By": [clip(row.requested_by, 24) for row in rows],
        }
    )
    if any(row.rerun_of_id for row in rows):
        frame.insert(1, "Repeats", [str(row.rerun_of_id) if row.rerun_of_id else None for row in rows])
    return frame


def took(row: RunRow) -> str:
    """How long a finished run worked."""
    finished = row.started_at and row.finished_at
    return duration(row.finished_at - row.started_at) if finished else "–"  # type: ignore[operator]


def _clear() -> None:
    st.session_state["reconciliation"] = None
    st.session_state["run_status"] = []
    first_page(PAGE)
