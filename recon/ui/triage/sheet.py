"""The Excel loop on the page: take the queue away as a sheet, bring it back, see what became of each row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import pandas as pd
import streamlit as st
from sqlalchemy.exc import DBAPIError

from recon.errors import TieoutError
from recon.model.people import Action
from recon.model.triage_sheet import RowFate, RowVerdict
from recon.queries.discrepancies import DiscrepancyFilter
from recon.ui import states
from recon.ui.format import NONE, clip, count, counted
from recon.ui.guard import Desk
from recon.ui.pager import ROW_HEIGHT, grid_height
from recon.ui.people.allowed import guarded
from recon.ui.triage import grid
from recon.workflows.triage_sheet import MIME, SHEET_ROWS, export_triage_sheet, import_triage_sheet, sheet_name

_ANSWER: Final = "sheet_answer"
_TURN: Final = "sheet_turn"
_SHOWN: Final = 500
_MEGABYTES: Final = 50
_QUIET: Final = (RowFate.APPLIED, RowFate.UNCHANGED)


def sheet_menu(desk: Desk, wanted: DiscrepancyFilter) -> None:
    """The menu: download what the filters leave, and bring an edited sheet back."""
    with st.popover("Excel", icon=":material/table_edit:", key="sheet", width="content", help="Work on it offline"):
        st.download_button(
            "Download the queue to edit",
            data=partial(export_triage_sheet, desk.engine, wanted, grid.order_of_url(), actor=desk.actor),
            file_name=sheet_name(wanted.run_id),
            mime=MIME,
            icon=":material/download:",
            key="sheet_download",
            on_click="ignore",
            width="stretch",
        )
        st.caption(
            f"What the filters leave, up to {count(SHEET_ROWS)} rows. Edit assignee, reason and comment; "
            "bring the file back, and each row that was edited is carried out."
        )
        key = f"sheet_upload_{st.session_state.get(_TURN, 0)}"
        st.file_uploader(
            "Bring the edited sheet back",
            type="xlsx",
            max_upload_size=_MEGABYTES,
            key=key,
            on_change=lambda: _bring_back(desk, wanted.run_id, st.session_state[key]),
            **guarded(desk, Action.TRIAGE),
        )


def sheet_answer() -> None:
    """What became of the sheet that was brought back last, until it is put away."""
    answer: Sequence[RowVerdict] | Exception | None = st.session_state.get(_ANSWER)
    if answer is None:
        return
    with st.container(border=True, key="sheet_answer"):
        with st.container(horizontal=True, vertical_alignment="center"):
            title = "The sheet was not taken" if isinstance(answer, Exception) else _sentence(answer)
            st.markdown(f"**{title}**", width="stretch")
            st.button("Close", icon=":material/close:", type="tertiary", key="sheet_close", on_click=_close)
        if isinstance(answer, Exception):
            states.failure(answer)
        else:
            _rows([verdict for verdict in answer if verdict.fate not in _QUIET])


def _sentence(answer: Sequence[RowVerdict]) -> str:
    fates = Counter(verdict.fate for verdict in answer)
    rest = len(answer) - sum(fates[fate] for fate in _QUIET)
    parts = [f"{count(fates[RowFate.APPLIED])} applied", f"{count(fates[RowFate.UNCHANGED])} unchanged"]
    if rest:
        parts.append(f"{count(rest)} not done")
    return f"{counted(len(answer), 'row')} came back: {', '.join(parts)}"


def _rows(left: Sequence[RowVerdict]) -> None:
    if not left:
        return
    shown = left[:_SHOWN]
    st.dataframe(
        pd.DataFrame(
            {
                "Row": [verdict.line for verdict in shown],
                "ID": pd.array([verdict.id for verdict in shown], dtype="Int64"),
                "What became of it": [verdict.fate.value for verdict in shown],
                "By": [clip(verdict.by or NONE, 40) for verdict in shown],
            }
        ),
        hide_index=True,
        row_height=ROW_HEIGHT,
        height=grid_height(len(shown), at_most=6),
        alt="Rows of the sheet that were not done",
    )
    if len(left) > len(shown):
        st.caption(f"The first {count(len(shown))} of {count(len(left))}.")


def _bring_back(desk: Desk, run_id: int, file: Any) -> None:
    if file is None:
        return
    try:
        st.session_state[_ANSWER] = import_triage_sheet(desk.engine, run_id, file.getvalue(), actor=desk.actor)
    except (TieoutError, DBAPIError) as problem:
        st.session_state[_ANSWER] = problem
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1  # an empty uploader: the same file can come again
    grid.redraw()


def _close() -> None:
    st.session_state.pop(_ANSWER, None)
