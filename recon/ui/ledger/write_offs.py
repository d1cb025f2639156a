"""What was written off or adjusted, the newest first: with its entry, or waiting for one, which can be posted here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd
import streamlit as st
from sqlalchemy.exc import DBAPIError

from recon.errors import TieoutError
from recon.model.correction import Booking
from recon.model.people import Action
from recon.queries.people import reconciliations
from recon.queries.write_off_list import Listed, Shown, Waiting, waiting, write_off_count, write_off_page
from recon.ui import states
from recon.ui.format import NONE, clip, count, counted, figure, md, money, when
from recon.ui.guard import Desk
from recon.ui.ledger import address
from recon.ui.ledger.address import PAGE
from recon.ui.ledger.listing import GRID_HEIGHT, PAGE_SIZE, amount, bound, grid
from recon.ui.ledger.sending import say
from recon.ui.ledger.write_off_panel import RESOLVED, source
from recon.ui.pager import pager
from recon.ui.people.allowed import guarded
from recon.workflows.post_waiting import post_waiting

GRID: Final = "write-offs"
SHOWN: Final = "written_off"
"""Key of what is shown, and its name in the URL."""

OF: Final = "written_off_in"
_WORKBENCH: Final = "pages/workbench.py"
_PROBLEM: Final = "post_waiting_problem"
_LINES: Final = 4


def write_offs(desk: Desk, wanted: tuple[Shown, int | None]) -> None:
    """Draw the list, and above it what can be posted now."""
    shown, reconciliation_id = wanted
    _waiting(desk)
    summary, place = st.container(), st.container()
    total = write_off_count(desk.engine, shown, reconciliation_id)
    offset = pager(total, key=PAGE, page_size=PAGE_SIZE)
    summary.caption(f"**{count(total)}** {counted(total, 'write-off or adjustment', 'write-offs and adjustments')[2:]}")
    with place:
        if not total:
            _nothing(shown)
            return
        _grid(desk, write_off_page(desk.engine, shown, reconciliation_id, limit=PAGE_SIZE, offset=offset))


def write_off_filters(desk: Desk) -> tuple[Shown, int | None]:
    """Draw the bar."""
    names = reconciliations(desk.engine)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        shown = st.segmented_control(
            "Shown", [one.value for one in Shown], default=Shown.STANDING.value, required=True, key=SHOWN, **bound()
        )
        chosen = st.selectbox(
            "Reconciliation",
            list(names.values()),
            index=None,
            format_func=lambda name: clip(name, 40),
            key=OF,
            placeholder="All reconciliations",
            width=240,
            **bound(),
        )
    by_name = {name: id_ for id_, name in names.items()}
    return Shown(shown or Shown.STANDING), by_name.get(chosen) if chosen else None


def write_off_frame(rows: Sequence[Listed], desk: Desk) -> pd.DataFrame:
    """The grid's cells: one line a write-off or adjustment."""
    return pd.DataFrame(
        {
            "What": [RESOLVED[row.booked.resolution] for row in rows],
            "Amount": [figure(row.booked.amount, row.booked.currency) for row in rows],
            "Ccy": [row.booked.currency for row in rows],
            "Entry": [_entry(row) for row in rows],
            "Of": [clip(row.text or source(row), 48) for row in rows],
            "Reconciliation": [clip(row.reconciliation, 40) for row in rows],
            "Run": [str(row.booked.run_id) for row in rows],
            "By": [clip(row.booked.actor, 24) for row in rows],
            "At": [when(row.booked.at, now=desk.now) for row in rows],
        }
    )


def _entry(row: Listed) -> str:
    booked = row.booked
    if booked.entry_id is not None:
        return str(booked.entry_id) if booked.booking is Booking.POSTED else f"{booked.entry_id}, named"
    if booked.waits:
        return "None yet"
    return "Elsewhere" if booked.booking is Booking.ELSEWHERE else NONE


def _grid(desk: Desk, rows: Sequence[Listed]) -> None:
    text = st.column_config.TextColumn
    grid(
        write_off_frame(rows, desk),
        [row.booked.id for row in rows],
        name=GRID,
        opened=address.open_write_off(),
        on_open=address.show_write_off,
        config={
            "What": text(width=80),
            "Amount": amount(86),
            "Ccy": text(width=46),
            "Entry": text(width=80),
            "Of": text(width=130),
            "Reconciliation": text(width=120),
            "Run": text(width=44),
            "By": text(width=72),
            "At": text(width=80),
        },
        alt="Write-offs and adjustments on this page",
    )


def _waiting(desk: Desk) -> None:
    """What stands without an entry, a line a reconciliation and currency."""
    found = waiting(desk.engine)
    problem = st.session_state.pop(_PROBLEM, None)
    if problem is not None:
        states.failure(problem)
    if not found:
        return
    with st.container(border=True, gap="xxsmall", key="waiting_write_offs"):
        st.markdown("**Written off without an entry**")
        for one in found[:_LINES]:
            _line(desk, one)
        if len(found) > _LINES:
            st.caption(f"and {counted(len(found) - _LINES, 'more sum', 'more sums')}")


def _line(desk: Desk, one: Waiting) -> None:
    place = f"{md(clip(one.reconciliation, 40))} · {counted(one.count, 'row')}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{md(money(one.amount, one.currency))}** · {place}", width="stretch")
        if one.has_accounts:
            st.button(
                f"Post {count(one.count)} now",
                icon=":material/receipt_long:",
                key=f"post_{one.reconciliation_id}_{one.currency}",
                on_click=_post,
                args=(desk, one),
                **guarded(desk, Action.WRITE_OFF),
            )
        else:
            st.page_link(
                _WORKBENCH,
                label=f"Name accounts for {one.currency}",
                icon=":material/account_balance:",
                query_params={"run": str(one.run_id), "view": "Decided"},
            )


def _post(desk: Desk, one: Waiting) -> None:
    try:
        entry_id = post_waiting(desk.engine, one.reconciliation_id, one.currency, actor=desk.actor)
    except (TieoutError, DBAPIError) as problem:
        st.session_state[_PROBLEM] = problem
        return
    if entry_id is not None:
        say(f"Posted as entry {entry_id}.")
        address.show_entry(entry_id)


def _nothing(shown: Shown) -> None:
    hint = {
        Shown.STANDING: "What is written off or adjusted on Triage or the Workbench is listed here, with its entry.",
        Shown.UNPOSTED: "Everything that is written off is in the books.",
        Shown.MATCHED: "No counterpart of what was written off has come since.",
        Shown.TAKEN_BACK: "Nothing that was written off was taken back.",
    }
    title = "Nothing is written off" if shown is Shown.STANDING else "Nothing here"
    states.empty(title, hint[shown], icon=":material/task_alt:", key="no_write_offs", height=GRID_HEIGHT)
