"""Rows that cancel each other on their own side, folded away under the matched ones."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from recon.model.outcome import RowOutcome
from recon.queries.netted_rows import NettedRow, netted_rows
from recon.queries.runs import RunDetail
from recon.ui.format import NONE, SIDES, clip, counted, figure, line_text
from recon.ui.guard import Desk
from recon.ui.pager import ROW_HEIGHT, grid_height


def cancelled(desk: Desk, detail: RunDetail) -> None:
    """Draw them, if there are any."""
    count = sum(total.row_count for total in detail.totals if total.outcome is RowOutcome.NETTED)
    if not count:
        return
    title = f"{counted(count, 'row')} cancel each other: charges taken back on their own side"
    with st.expander(title, icon=":material/undo:", key="cancelled"):
        rows = netted_rows(desk.evidence, detail)
        st.dataframe(
            cancelled_frame(rows),
            hide_index=True,
            height=grid_height(len(rows), at_most=8),
            row_height=ROW_HEIGHT,
            placeholder=NONE,
            alt="Rows that cancel each other",
            column_config={
                "Amount": st.column_config.TextColumn(alignment="right"),
                "Ccy": st.column_config.TextColumn(width=48),
                **{name: st.column_config.TextColumn(alignment="right", width=64) for name in ("Line", "Taken back")},
                **{name: st.column_config.DateColumn(format="DD MMM YYYY") for name in ("Date", "On")},
            },
        )


def cancelled_frame(rows: Sequence[NettedRow]) -> pd.DataFrame:
    """The cells: one line a pair of rows."""
    return pd.DataFrame(
        {
            "Side": [SIDES[row.side] for row in rows],
            "Line": [line_text(row.line) for row in rows],
            "Taken back": [line_text(row.other_line) for row in rows],
            "Date": [row.date for row in rows],
            "On": [row.other_date for row in rows],
            "Amount": [figure(row.amount, row.currency) for row in rows],
            "Ccy": [row.currency for row in rows],
            "Text": [clip(row.text or NONE, 80) for row in rows],
        }
    )
