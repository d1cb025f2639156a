"""What a run of a check found: all of it, or what is new and what is fixed since the run before, and one opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final
from uuid import UUID

import pandas as pd
import streamlit as st

from recon.model.checks import CheckBook, CheckStatus, Variance
from recon.queries.checks import Changes, CheckRunRow, changes, run_variances
from recon.ui import states
from recon.ui.format import NONE, clip, count, counted, md
from recon.ui.guard import Desk
from recon.ui.integrity.address import PAGE, PICK
from recon.ui.integrity.look import STANDS, Stand, figure_of, stand_of_run, title
from recon.ui.integrity.trace import figures_table, names_for, subject_text, trace
from recon.ui.ledger.listing import amount, grid
from recon.ui.pager import fingerprint, first_page, pager

PAGE_SIZE: Final = 50
_PANEL_WIDTH: Final = 300
_PANEL_HEIGHT: Final = 420
VARIANCES: Final = "pages/variances.py"


class Part(StrEnum):
    ALL = "All"
    NEW = "New"
    FIXED = "Fixed"


def found(desk: Desk, run: CheckRunRow) -> None:
    """Draw it."""
    changed = changes(desk.engine, run.id)
    stand = stand_of_run(run)
    _summary(run, stand, changed)
    if not run.variance_count and not changed.fixed_count:
        return
    part = _part(run, changed)
    if part is Part.ALL and not run.variance_count:
        st.caption("Nothing is left of what the run before found.")
        return
    beside = st.grid(3, min_column_width=_PANEL_WIDTH, gap="small", key="found")
    with beside.cell(column_span=2):
        rows = _rows(desk, run, changed, part)
    with beside.cell().container(border=True, height=_PANEL_HEIGHT, gap="small", key="panel"):
        _panel(desk, run.book, rows, run)


def _summary(run: CheckRunRow, stand: Stand, changed: Changes) -> None:
    look = STANDS[stand]
    st.markdown(f"{look.badge()} {md(run.summary)} :gray[{_since(run, changed)}]")


def _since(run: CheckRunRow, changed: Changes) -> str:
    """How it differs from the run before; Markdown."""
    if run.status is CheckStatus.ERROR:
        return "What was open stays as it was."
    if changed.previous_id is None:
        return "There was no run before it."
    parts = (
        (changed.new_count, "new"),
        (changed.fixed_count, "fixed"),
        (changed.still_open_count, "still open"),
    )
    said = " · ".join(f"{count(number)} {label}" for number, label in parts if number)
    return f"Since run {changed.previous_id}: {said or 'nothing changed'}."


def _part(run: CheckRunRow, changed: Changes) -> Part:
    counts = {Part.ALL: run.variance_count, Part.NEW: changed.new_count, Part.FIXED: changed.fixed_count}
    if changed.previous_id is None:
        return Part.ALL
    chosen = st.segmented_control(
        "Which",
        list(Part),
        default=Part.ALL,
        required=True,
        format_func=lambda part: f"{part} · {count(counts[part])}",
        key="part",
        label_visibility="collapsed",
        on_change=first_page,
        args=(PAGE,),
    )
    return Part(chosen)


def _rows(desk: Desk, run: CheckRunRow, changed: Changes, part: Part) -> Sequence[Variance]:
    """Draw the list; returns the variances on it."""
    summary, place = st.container(), st.container()
    match part:
        case Part.ALL:
            offset = pager(run.variance_count, key=PAGE, page_size=PAGE_SIZE)
            rows: Sequence[Variance] = run_variances(desk.engine, run.id, limit=PAGE_SIZE, offset=offset)
            total = run.variance_count
        case Part.NEW:
            rows, total = changed.new, changed.new_count
        case Part.FIXED:
            rows, total = changed.fixed, changed.fixed_count
    more = f" · the {len(rows)} largest are shown" if part is not Part.ALL and total > len(rows) else ""
    summary.caption(f"**{count(total)}** {counted(total, 'variance').split(' ', 1)[1]} · largest first{more}")
    with place:
        if rows:
            _grid(rows, names_for(desk, rows))
        else:
            states.empty(
                f"Nothing is {part.lower()}",
                "Compared with the run before it.",
                icon=":material/check_circle:",
                key="part_empty",
                height=_PANEL_HEIGHT - 60,
            )
    return rows


def variance_frame(rows: Sequence[Variance], names: Mapping[UUID, str]) -> pd.DataFrame:
    """The grid's cells: one line a variance."""
    return pd.DataFrame(
        {
            "About": [subject_text(row.subject, names) for row in rows],
            "Expected": [figure_of(row.expected, row.unit) for row in rows],
            "Actual": [figure_of(row.actual, row.unit) for row in rows],
            "Difference": [figure_of(row.difference, row.unit) for row in rows],
            "On its way": [figure_of(row.explained, row.unit) if row.explained else NONE for row in rows],
            "Unit": [clip(row.unit, 16) for row in rows],
            "Note": [clip(row.note or NONE, 200) for row in rows],
        }
    )


def _grid(rows: Sequence[Variance], names: Mapping[UUID, str]) -> None:
    text = st.column_config.TextColumn
    grid(
        variance_frame(rows, names),
        [fingerprint(row.subject.key) for row in rows],
        name="found",
        opened=st.query_params.get(PICK),
        on_open=_open,
        config={
            "About": text(width=230),
            "Expected": amount(88),
            "Actual": amount(88),
            "Difference": amount(88),
            "On its way": amount(84),
            "Unit": text(width=56),
            "Note": text(width=220),
        },
    )


def _open(pick: str) -> None:
    st.query_params[PICK] = pick


def _panel(desk: Desk, book: CheckBook, rows: Sequence[Variance], run: CheckRunRow) -> None:
    asked = st.query_params.get(PICK)
    opened = next((row for row in rows if fingerprint(row.subject.key) == asked), None)
    if opened is None:
        st.markdown("##### :material/touch_app: Pick a variance")
        st.caption("Click a line for its figures and the way to the entry, account or customer behind it.")
        return
    names = names_for(desk, [opened])
    st.subheader(md(subject_text(opened.subject, names)), anchor=False)
    figures_table(opened)
    trace(desk, opened.subject, book, names)
    to = {"checks": title(run.check_name), "about": opened.subject.source_txn_id or opened.subject.customer or ""}
    st.page_link(VARIANCES, label="Classify or comment", icon=":material/difference:", query_params=to)
