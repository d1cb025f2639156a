"""The closes there have been, with what each stands for; and the reports of published runs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

import pandas as pd
import streamlit as st

from recon.model.close import Close
from recon.queries.after_close import changes_since
from recon.queries.runs import RunFilter, RunRow, run_page
from recon.ui import states
from recon.ui.after_close import MARK
from recon.ui.format import NONE, clip, count, counted, md, money
from recon.ui.guard import Desk
from recon.ui.ledger.listing import grid
from recon.ui.pager import ROW_HEIGHT, grid_height
from recon.ui.reports.sign_off import reopen
from recon.ui.runs.report import downloads
from recon.workflows.close_period import pack_file
from recon.workflows.record_export import exported

CLOSE: Final = "close"
RUN: Final = "run"
"""What is open beside the list, in the URL."""

RUNS_SHOWN: Final = 200
_PANEL_WIDTH: Final = 300
_FORMS: Final = (
    ("Workbook (XLSX)", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("Document (PDF)", "pdf", "application/pdf"),
    ("Contents (JSON)", "json", "application/json"),
)


def closes(desk: Desk, found: Sequence[Close], *, may_sign: bool) -> None:
    """The list, and the close that is open."""
    if not found:
        states.empty(
            "No period is signed off yet",
            "See what would be signed; an approver signs.",
            icon=":material/task:",
            action="Sign a period off",
            on_click=partial(_show, "Sign off"),
            key="first_sign_off",
            height=420,
        )
        return
    opened = next((one for one in found if one.id == _number(CLOSE)), found[0])
    beside = st.grid(3, min_column_width=_PANEL_WIDTH, gap="small", key="closes")
    with beside.cell(column_span=2):
        frame = pd.DataFrame(
            {
                "Close": [one.id for one in found],
                "Reconciliation": [clip(one.reconciliation, 60) for one in found],
                "From": [one.first_on for one in found],
                "To": [one.last_on for one in found],
                "State": [_state(one) for one in found],
                "By": [clip(one.signed_by, 40) for one in found],
                "At": [one.at for one in found],
            }
        )
        config = {
            "Close": st.column_config.NumberColumn(width=60),
            "From": st.column_config.DateColumn(format="YYYY-MM-DD", width=95),
            "To": st.column_config.DateColumn(format="YYYY-MM-DD", width=95),
            "At": st.column_config.DatetimeColumn(format="DD MMM YYYY HH:mm", timezone="UTC", width=140),
        }
        ids = [one.id for one in found]
        grid(frame, ids, name=CLOSE, opened=opened.id, on_open=partial(_open, CLOSE), config=config)
        if opened.reopens_id is None:
            _changed(desk, opened)
    with beside.cell().container(border=True, gap="small", key="panel"):
        _panel(desk, opened, may_sign=may_sign)


def run_reports(desk: Desk) -> None:
    """Published runs, and the downloads of the one that is open."""
    found = run_page(desk.engine, RunFilter(statuses=("succeeded",)), limit=RUNS_SHOWN)
    if not found:
        states.empty("No run is published yet", "Reconcile two files; the report of the run is here then.", height=420)
        return
    opened = next((one for one in found if one.id == _number(RUN)), found[0])
    beside = st.grid(3, min_column_width=_PANEL_WIDTH, gap="small", key="run_reports")
    with beside.cell(column_span=2):
        frame = pd.DataFrame(
            {
                "Run": [one.id for one in found],
                "Reconciliation": [clip(one.reconciliation, 60) for one in found],
                "Finished": [one.finished_at for one in found],
                "Asked for by": [clip(one.requested_by, 40) for one in found],
                "Rows": [count(one.row_count) for one in found],
                "Discrepancies": [count(one.discrepancy_count) for one in found],
            }
        )
        config = {
            "Run": st.column_config.NumberColumn(width=60),
            "Finished": st.column_config.DatetimeColumn(format="DD MMM YYYY HH:mm", timezone="UTC", width=140),
            "Rows": st.column_config.TextColumn(alignment="right"),
            "Discrepancies": st.column_config.TextColumn(alignment="right"),
        }
        grid(frame, [one.id for one in found], name=RUN, opened=opened.id, on_open=partial(_open, RUN), config=config)
    with beside.cell().container(border=True, gap="small", key="panel"):
        _run_panel(desk, opened)


def _run_panel(desk: Desk, one: RunRow) -> None:
    st.markdown(f"##### Run {one.id}")
    st.caption(f"{md(one.reconciliation)} · asked for by {md(one.requested_by)}")
    downloads(desk, one.id, label="Download")


def _panel(desk: Desk, close: Close, *, may_sign: bool) -> None:
    what = "Opened again" if close.reopens_id else _state(close)
    st.markdown(f"##### {md(close.reconciliation)}")
    st.caption(f"{close.first_on} to {close.last_on} · {what} · close {close.id}")
    st.markdown(f"**{md(close.signed_by)}** · {close.at:%Y-%m-%d %H:%M} UTC")
    st.markdown(f"> {md(close.reason)}")
    for (label, ending, mime), sha256 in zip(
        _FORMS, (close.workbook_sha256, close.document_sha256, close.digest), strict=True
    ):
        if sha256 is None:
            continue
        file = f"close-{close.id}.{ending}"
        st.download_button(
            label,
            data=partial(
                exported,
                desk.engine,
                partial(pack_file, desk.evidence, sha256),
                subject=f"close {close.id}",
                file=file,
                actor=desk.actor,
            ),
            file_name=file,
            mime=mime,
            icon=":material/download:",
            key=f"pack_{ending}",
            on_click="ignore",
            width="stretch",
        )
    if close.digest:
        st.caption(f"Contents: sha256 `{close.digest or NONE}`")
    if close.is_in_force and may_sign:
        reopen(desk, close)


def _changed(desk: Desk, close: Close) -> None:
    """What was done about the period since it was signed."""
    found = changes_since(desk.engine, desk.evidence, close)
    if not found:
        st.caption(f"Nothing of the period of close {close.id} was changed since.")
        return
    st.markdown(f"{MARK} {counted(len(found), 'change')} since close {close.id} was signed")
    frame = pd.DataFrame(
        {
            "When": [one.at for one in found],
            "What": [clip(f"{one.what[:1].upper()}{one.what[1:]}", 80) for one in found],
            "About": [one.about for one in found],
            "Amount": [money(one.amount.amount, one.amount.currency) if one.amount else NONE for one in found],
            "By": [clip(one.actor, 40) for one in found],
        }
    )
    config = {
        "When": st.column_config.DatetimeColumn(format="DD MMM YYYY HH:mm", timezone="UTC", width=130),
        "Amount": st.column_config.TextColumn(alignment="right"),
    }
    height = grid_height(len(found), at_most=8)
    st.dataframe(frame, hide_index=True, row_height=ROW_HEIGHT, height=height, column_config=config, key="changed")


def _state(close: Close) -> str:
    if close.reopens_id is not None:
        return f"Opens {close.reopens_id} again"
    return "Closed" if close.is_in_force else "Opened again"


def _show(view: str) -> None:
    st.session_state["view"] = view


def _open(what: str, number: int) -> None:
    st.query_params[what] = str(number)


def _number(name: str) -> int | None:
    asked = st.query_params.get(name, "")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 19 else None
