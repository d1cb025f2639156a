"""The list of variances and the panel beside it, as one fragment: opening and paging draw nothing else of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import pandas as pd
import streamlit as st

from recon.errors import TieoutError
from recon.queries.variances import (
    UnitTotal,
    VarianceFilter,
    VarianceOrder,
    VarianceRow,
    variance_detail,
    variance_page,
    variance_totals,
)
from recon.ui import states
from recon.ui.format import NONE, clip, count, counted, md, when
from recon.ui.guard import Desk, problems_shown
from recon.ui.integrity.look import BOOKS, figure_of, title, with_unit
from recon.ui.integrity.trace import names_for, subject_text
from recon.ui.ledger.listing import amount, badges, grid
from recon.ui.pager import pager
from recon.ui.variances.filters import ORDERS, PAGE, clear_filters, is_filtered
from recon.ui.variances.look import CLASSES, class_look
from recon.ui.variances.panel import panel
from recon.ui.variances.say import forget_answer, was_said

PAGE_SIZE: Final = 50
OPEN: Final = "d"
"""The variance that is open, in the URL."""

_PANEL_WIDTH: Final = 300
_UNITS_SHOWN: Final = 3


@st.fragment
def workbench(desk: Desk, wanted: VarianceFilter, order: VarianceOrder, *, height: int) -> None:
    """What the filter leaves, and the one that is open. `height` in pixels."""
    if was_said():
        st.rerun()  # the figures above have changed too
    with problems_shown():
        totals = variance_totals(desk.engine, wanted)
        total = sum(part.variance_count for part in totals)
        opened = open_id()
        if not total and opened is None:
            _nothing(height, is_fixed=wanted.is_fixed)
            return
        beside = st.grid(3, min_column_width=_PANEL_WIDTH, gap="small", key="workbench")
        with beside.cell(column_span=2):
            if total:
                _list(desk, wanted, order, totals, total)
            else:
                _nothing(height, is_fixed=wanted.is_fixed)
        with beside.cell().container(border=True, height=height, gap="small", key="panel"):
            _panel(desk, opened)


def open_id() -> int | None:
    """The variance the URL opens."""
    asked = st.query_params.get(OPEN, "")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 19 else None


def _panel(desk: Desk, opened: int | None) -> None:
    if opened is None:
        st.markdown("##### :material/touch_app: Pick a variance")
        st.caption("Click a line for its figures, the way to the entry behind it, and to say what it is.")
        return
    try:
        detail = variance_detail(desk.engine, opened)
    except TieoutError as problem:
        st.warning(md(str(problem)), icon=":material/search_off:")
        return
    panel(desk, detail)


def _list(desk: Desk, wanted: VarianceFilter, order: VarianceOrder, totals: Sequence[UnitTotal], total: int) -> None:
    summary, place = st.container(), st.container()
    offset = pager(total, key=PAGE, page_size=PAGE_SIZE)
    rows = variance_page(desk.engine, wanted, order=order, limit=PAGE_SIZE, offset=offset)
    state = "fixed" if wanted.is_fixed else "open"
    summary.caption(
        f"**{count(total)}** {counted(total, 'variance').split(' ', 1)[1]} {state}{_sums(totals)}"
        f" · {ORDERS[order].lower()}"
    )
    with place:
        _grid(rows, names_for(desk, rows), now=desk.now)


def _sums(totals: Sequence[UnitTotal]) -> str:
    sums = [f"**{md(with_unit(part.gross, part.unit))}**" for part in totals if part.gross]
    more = f" and {len(sums) - _UNITS_SHOWN} more" if len(sums) > _UNITS_SHOWN else ""
    return f" · unexplained {' · '.join(sums[:_UNITS_SHOWN])}{more}" if sums else ""


def variance_frame(rows: Sequence[VarianceRow], names: Mapping[UUID, str], *, now: datetime) -> pd.DataFrame:
    """The grid's cells: one line a variance."""
    return pd.DataFrame(
        {
            "About": [subject_text(row.subject, names) for row in rows],
            "Check": [title(row.check_name) for row in rows],
            "Book": [BOOKS[row.book] for row in rows],
            "Difference": [with_unit(row.difference, clip(row.unit, 16)) for row in rows],
            "Unexplained": [figure_of(row.unexplained, row.unit) if row.unexplained else NONE for row in rows],
            "First seen": [when(row.first_seen_at, now=now) for row in rows],
            "Age": [counted(row.age_days, "day") if row.age_days else "new" for row in rows],
            "Class": [[class_look(row.variance_class).label] for row in rows],
        }
    )


def _grid(rows: Sequence[VarianceRow], names: Mapping[UUID, str], *, now: datetime) -> None:
    text = st.column_config.TextColumn
    grid(
        variance_frame(rows, names, now=now),
        [row.id for row in rows],
        name="variances",
        opened=open_id(),
        on_open=_open,
        config={
            "About": text(width=152),
            "Check": text(width=142),
            "Book": text(width=50),
            "Difference": amount(102),
            "Unexplained": amount(84),
            "First seen": text(width=78),
            "Age": text(width=52),
            "Class": badges(CLASSES, 106),
        },
    )


def _open(variance_id: int) -> None:
    st.query_params[OPEN] = str(variance_id)
    forget_answer()


def _nothing(height: int, *, is_fixed: bool) -> None:
    if is_filtered():
        states.empty(
            "No variance fits these filters",
            "Clear the search or widen the filters to see more.",
            icon=":material/filter_alt_off:",
            action="Clear filters",
            on_click=clear_filters,
            key="clear_all",
            height=height,
        )
    else:
        states.empty(
            "Nothing is open",
            "Everything the checks looked at ties out. What was found before is under Fixed.",
            icon=":material/task_alt:",
            key="all_done",
            height=height,
        )
