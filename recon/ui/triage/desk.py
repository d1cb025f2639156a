"""The queue and the panel beside it, as one fragment: opening, sorting and paging draw nothing else of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import streamlit as st

from recon.queries.discrepancies import CurrencySum, DiscrepancyFilter, DiscrepancyRow, neighbours, page, totals
from recon.queries.triage_desk import waiting
from recon.ui import states
from recon.ui.format import count, counted, figure, md
from recon.ui.guard import Desk, problems_shown
from recon.ui.pager import ROW_HEIGHT, pager
from recon.ui.triage import decide_all, grid
from recon.ui.triage.answer import QUEUE, show_answer, undo_button
from recon.ui.triage.detail import bulk_panel, detail_panel, hint_panel
from recon.ui.triage.filters import PAGE, clear_filters, is_filtered
from recon.ui.triage.keys import keys_menu, listen_on_queue
from recon.ui.triage.opened import open_id

PAGE_SIZE: Final = 50
_PANEL_WIDTH: Final = 280
"""Pixels the panel needs at least: in a narrower window it stands under the queue."""
_SUMMARY_HEIGHT: Final = 34
_PAGER_HEIGHT: Final = 44
_CURRENCIES_SHOWN: Final = 2


@st.fragment(key=QUEUE)
def workbench(desk: Desk, wanted: DiscrepancyFilter, *, grid_height: int) -> None:
    """The queue that the filter leaves, and what is open of it. `grid_height` in pixels, of the grid alone."""
    with problems_shown():
        _workbench(desk, wanted, grid_height)
        listen_on_queue()


def _workbench(desk: Desk, wanted: DiscrepancyFilter, grid_height: int) -> None:
    found = totals(desk.engine, wanted)
    total = sum(part.count for part in found)
    height = _SUMMARY_HEIGHT + grid_height + _PAGER_HEIGHT
    chosen = open_id()
    if not total and chosen is None:
        show_answer()
        undo_button(desk)
        _nothing(height)
        return
    beside = st.grid(3, min_column_width=_PANEL_WIDTH, gap="small", key="workbench")
    left, right = beside.cell(column_span=2), beside.cell()
    queue = _Queue(rows=[], ticked=[], waiting={})
    with left:
        if total:
            queue = _queue(desk, wanted, found, total, grid_height)
        else:
            undo_button(desk)
            _nothing(height)
    with right.container(border=True, height=height, key="panel", gap="small"):
        show_answer()
        if decide_all.is_chosen(wanted) and total:
            decide_all.all_panel(desk, wanted, found)
        elif queue.ticked:
            bulk_panel(desk, queue.ticked, wanted, total)
        elif chosen is not None:
            detail_panel(
                desk,
                chosen,
                neighbours(desk.engine, wanted, grid.order_of_url(), chosen),
                on_page=[row.id for row in queue.rows],
                proposal_id=waiting(desk.engine, [chosen]).get(chosen),
                height=height,
            )
        else:
            hint_panel(queue.rows[0].id, wanted, total)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Queue:
    """The rows of the page, those that are ticked, and the proposals of those that wait for a second person."""

    rows: Sequence[DiscrepancyRow]
    ticked: Sequence[DiscrepancyRow]
    waiting: Mapping[int, int]


def _queue(
    desk: Desk, wanted: DiscrepancyFilter, found: tuple[CurrencySum, ...], total: int, grid_height: int
) -> _Queue:
    """Draw the queue's page."""
    order = grid.order_of_url()
    summary = st.container(horizontal=True, vertical_alignment="center", gap="small", key="summary")
    place = st.container()
    offset = pager(total, key=PAGE, page_size=PAGE_SIZE)
    with summary:
        st.caption(f"{_summary(found, total)} · sorted by {grid.sort_caption(order)}", width="content")
        keys_menu()
        undo_button(desk)
    rows = page(desk.engine, wanted, order, offset=offset, limit=PAGE_SIZE)
    proposed = waiting(desk.engine, [row.id for row in rows])
    with place:
        height = min(grid_height, (len(rows) + 1) * ROW_HEIGHT + 2)
        ticked = grid.grid(
            rows, order, open_id=open_id(), height=height, today=desk.now.date(), waiting=proposed.keys()
        )
    return _Queue(rows=rows, ticked=ticked, waiting=proposed)


def _summary(found: tuple[CurrencySum, ...], total: int) -> str:
    sizes = [f"**{md(figure(part.gross, part.currency))}** {part.currency}" for part in found[:_CURRENCIES_SHOWN]]
    more = f" and {len(found) - len(sizes)} more" if len(found) > len(sizes) else ""
    gross = f" · gross {' · '.join(sizes)}{more}" if sizes else ""
    return f"**{count(total)}** {counted(total, 'discrepancy', 'discrepancies').split(' ', 1)[1]}{gross}"


def _nothing(height: int) -> None:
    if is_filtered():
        states.empty(
            "No discrepancy fits these filters",
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
            "Every discrepancy of this run is resolved. Choose Resolved above to look back.",
            icon=":material/task_alt:",
            key="all_done",
            height=height,
        )
