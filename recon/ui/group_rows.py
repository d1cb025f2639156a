"""The rows of a match of several: both sides under each other, each with its sum."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd
import streamlit as st

from recon.queries.group_members import GroupSide, MemberRow
from recon.ui.format import NONE, SIDES, clip, counted, figure, line_text, md, money
from recon.ui.pager import ROW_HEIGHT, grid_height

_AT_MOST: Final = 6
"""Lines a side takes before it scrolls."""


def group_rows(sides: Sequence[GroupSide]) -> None:
    """Draw both sides."""
    for side in sides:
        currency = side.rows[0].currency
        cut = f", the first {len(side.rows):,}" if len(side.rows) < side.count else ""
        rows, total = counted(side.count, "row"), md(money(side.amount, currency))
        st.markdown(f"**{SIDES[side.side]}** :gray[· {rows}{cut}] · **{total}**")
        st.dataframe(
            members_frame(side.rows),
            hide_index=True,
            height=grid_height(len(side.rows), at_most=_AT_MOST),
            row_height=ROW_HEIGHT,
            placeholder=NONE,
            alt=f"{SIDES[side.side]} rows of this match",
            column_config={
                "Line": st.column_config.TextColumn(alignment="right", width=56),
                "Date": st.column_config.DateColumn(format="DD MMM", width=64),
                **{name: st.column_config.TextColumn(alignment="right", width=80) for name in ("Amount", "Fee")},
            },
        )


def members_frame(members: Sequence[MemberRow]) -> pd.DataFrame:
    """The cells of one side; the fee only where a row has one."""
    columns: dict[str, list[Any]] = {
        "Line": [line_text(member.line) for member in members],
        "Date": [member.date for member in members],
        "Amount": [figure(member.amount, member.currency) for member in members],
        "Fee": [figure(member.fee, member.currency) for member in members],
        "Text": [clip(member.text or NONE, 80) for member in members],
        "Reference": [clip(member.id or NONE, 40) for member in members],
    }
    if all(member.fee is None for member in members):
        del columns["Fee"]
    return pd.DataFrame(columns)
