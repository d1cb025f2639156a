"""Suggestions, many at a time: what the engine would not book by itself, to be ticked and answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from recon.queries.suggested_rows import SuggestedGroup, suggestion_count, suggestions
from recon.ui.format import NONE, clip, counted, figure
from recon.ui.guard import Desk
from recon.ui.pager import ROW_HEIGHT, fingerprint, pager
from recon.ui.workbench import doing
from recon.ui.workbench.suggestion_panel import panel

PAGE_SIZE: Final = 50
GRID_KEY: Final = "suggested_grid_key"
_HEIGHT: Final = 17 * ROW_HEIGHT + 2
_PAGE: Final = "suggested_page"
_AT: Final = "suggested_at"
_REVISION: Final = "suggested_revision"


def suggested(desk: Desk, run_id: int, *, top: DeltaGenerator) -> None:
    """Draw them, with what may be done beside them; `top` is the row for what moves on to others."""
    total = suggestion_count(desk.engine, run_id)
    left, right = st.columns([74, 26], gap="small")
    with left:
        summary, place = st.container(), st.container()
        offset = pager(total, key=_PAGE, page_size=PAGE_SIZE)
        summary.caption(f"**{counted(total, 'suggestion')}** · those that tie out first, the surest on top")
        groups = suggestions(desk.engine, run_id, limit=PAGE_SIZE, offset=offset)
        with place:
            ticked = _grid(groups, offset) if groups else _nothing()
    with right.container(border=True, key="suggested_panel", gap="small", height=_HEIGHT + 40):
        doing.show_answer(desk)
        if total:
            panel(desk, run_id, ticked, total)
    with top:
        _steps(total)


def _grid(groups: Sequence[SuggestedGroup], offset: int) -> list[SuggestedGroup]:
    drawn = [group.discrepancy_id for group in groups], doing.command_key(), st.session_state.get(_REVISION, 0)
    key = f"suggested_{fingerprint(drawn)}"
    st.session_state[GRID_KEY] = key
    at = st.session_state.get(_AT)
    here = None if at is None else max(min(at - offset, len(groups) - 1), 0)
    text = st.column_config.TextColumn
    event = st.dataframe(
        frame(groups),
        key=key,
        on_select=lambda: st.session_state.pop(_AT, None),
        selection_mode="multi-row",
        selection_default=None if here is None else {"selection": {"rows": [here]}},
        hide_index=True,
        height=_HEIGHT,
        row_height=ROW_HEIGHT,
        placeholder=NONE,
        alt="Suggestions on this page",
        column_config={
            "Rows": text(width=52, help="Source rows : reference rows"),
            "Date": st.column_config.DateColumn(format="DD MMM", width=62),
            **{name: text(alignment="right", width=96) for name in ("Source", "Reference", "Difference")},
            "Ccy": text(width=46),
            "Sure": text(alignment="right", width=52),
            "Source text": text(width=170),
            "Reference text": text(width=170),
        },
    )
    return [groups[place] for place in event.selection.rows if place < len(groups)]


def frame(groups: Sequence[SuggestedGroup]) -> pd.DataFrame:
    """The grid's cells."""
    return pd.DataFrame(
        {
            "Rows": [f"{group.source_count}:{group.reference_count}" for group in groups],
            "Date": [group.date for group in groups],
            "Source": [_sum(group, group.source) for group in groups],
            "Reference": [_sum(group, group.reference) for group in groups],
            "Difference": [
                "choose" if group.is_choice else _sum(group, group.difference) if group.difference else NONE
                for group in groups
            ],
            "Ccy": ["mixed" if group.is_mixed else group.currency for group in groups],
            "Sure": [NONE if group.confidence is None else f"{group.confidence:.2f}" for group in groups],
            "Source text": [clip(group.text or NONE, 80) for group in groups],
            "Reference text": [clip(group.reference_text or NONE, 80) for group in groups],
        }
    )


def _sum(group: SuggestedGroup, amount: int) -> str:
    return NONE if group.is_mixed else figure(amount, group.currency)


def _steps(total: int) -> None:
    """The keys that tick one suggestion after another."""
    at = st.session_state.get(_AT)
    for label, shortcut, to in (
        ("Previous", "K", None if at is None else at - 1),
        ("Next", "J", 0 if at is None else at + 1),
    ):
        st.button(
            label,
            shortcut=shortcut,
            key=f"suggested_step_{shortcut}",
            type="tertiary",
            disabled=to is None or not 0 <= to < total,
            on_click=_step,
            args=(to,),
        )


def _step(to: int) -> None:
    st.session_state[_AT] = to
    st.session_state[_PAGE] = to // PAGE_SIZE + 1
    st.session_state[_REVISION] = st.session_state.get(_REVISION, 0) + 1


def _nothing() -> list[SuggestedGroup]:
    with st.container(
        border=True, height=_HEIGHT, horizontal_alignment="center", vertical_alignment="center", key="suggested_nothing"
    ):
        st.markdown("##### :material/task_alt: No suggestion waits", width="content")
        st.caption("Each is confirmed or rejected. What is still open is among the rows.", width="content")
    return []
