"""The journal, the latest day first: filters in the URL, one page as a grid, an entry to open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

import pandas as pd
import streamlit as st

from recon.queries.ledger import Entry, JournalFilter, entry_count, entry_page, source_systems
from recon.queries.ledger_accounts import names_of
from recon.ui.format import NONE, clip, count, counted, day, figure
from recon.ui.guard import Desk
from recon.ui.ledger import address
from recon.ui.ledger.account_choice import narrowing
from recon.ui.ledger.accounts import book_input
from recon.ui.ledger.address import PAGE
from recon.ui.ledger.listing import PAGE_SIZE, amount, badges, bound, clear_button, day_of, grid, nothing
from recon.ui.ledger.look import EVENTS, POSTING, event_label
from recon.ui.pager import pager

GRID: Final = "journal"
PERIOD: Final = {"booked_from": "Booked from", "booked_to": "Booked to"}

_EMPTY: Final[dict[str, Any]] = {
    "entry_q": "",
    "book": None,
    "system": None,
    "booked_from": None,
    "booked_to": None,
    address.OF: None,
}


def journal(desk: Desk, wanted: JournalFilter) -> None:
    """Draw the list."""
    summary, place = st.container(), st.container()
    total = entry_count(desk.engine, wanted)
    offset = pager(total, key=PAGE, page_size=PAGE_SIZE)
    summary.caption(f"**{count(total)}** {counted(total, 'entry', 'entries').split(' ', 1)[1]} · sorted by booked ↓")
    with place:
        if not total:
            nothing("entry", _EMPTY, "Transfer between accounts, or post an entry; both are above.")
            return
        rows = entry_page(desk.engine, wanted, limit=PAGE_SIZE, offset=offset)
        names = names_of(desk.engine, (line.account_id for row in rows for line in row.lines))
        _grid(rows, names)


def entry_frame(rows: Sequence[Entry], names: Mapping[UUID, str]) -> pd.DataFrame:
    """The grid's cells: one line an entry."""
    return pd.DataFrame(
        {
            "Entry": [row.id for row in rows],
            "Booked": [row.booked_on for row in rows],
            "Kind": [[event_label(row.kind)] for row in rows],
            "From → into": [clip(between(row, names), 60) for row in rows],
            "Amount": [moved(row)[0] for row in rows],
            "Ccy": [moved(row)[1] for row in rows],
            "Source": [clip(row.source_system, 24) for row in rows],
            "Transaction": [clip(row.source_txn_id, 40) for row in rows],
            "State": ["Posted" if row.reversed_by is None else "Reversed" for row in rows],
        }
    )


def moved(entry: Entry) -> tuple[str, str]:
    """What an entry moves, its debits, as text and currency; `2 currencies` where it has several."""
    totals: dict[str, int] = {}
    for line in entry.lines:
        totals[line.currency] = totals.get(line.currency, 0) + max(line.amount, 0)
    if len(totals) != 1:
        return NONE, counted(len(totals), "currency", "currencies")
    ((currency, total),) = totals.items()
    return figure(total, currency), currency


def between(entry: Entry, names: Mapping[UUID, str]) -> str:
    """`Float → Alice`: the credited accounts and the debited ones, by name."""
    sides: tuple[dict[str, None], dict[str, None]] = ({}, {})
    for line in entry.lines:
        sides[line.amount > 0][names.get(line.account_id, str(line.account_id)[:8])] = None
    return " → ".join(", ".join(side) for side in sides)


def journal_filters(desk: Desk) -> JournalFilter:
    """Draw the bar."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        search = st.text_input(
            "Search",
            key="entry_q",
            type="search",
            live="400ms",
            placeholder="Search number, transaction or text",
            icon=":material/search:",
            width=250,
            **bound(),
        )
        book = book_input()
        account_id = narrowing(desk, book)
        system = st.selectbox(
            "Source system",
            source_systems(desk.engine),
            index=None,
            format_func=lambda name: clip(name, 40),
            key="system",
            placeholder="All sources",
            width=130,
            **bound(),
        )
        first_on, last_on = _period()
        clear_button(_EMPTY)
    return JournalFilter(
        search=search or "",
        book=book,
        account_id=account_id,
        source_system=system,
        booked_from=first_on,
        booked_to=last_on,
    )


def _period() -> tuple[date | None, date | None]:
    """Both days are included; None where the period is open."""
    label = _period_label(*(day_of(key) for key in PERIOD))
    with st.popover(label, icon=":material/date_range:", key="period", width="content"):
        first_on, last_on = (
            st.date_input(name, value=None, key=key, format="YYYY-MM-DD", **bound("visible"))
            for key, name in PERIOD.items()
        )
    return first_on, last_on


def _period_label(first_on: date | None, last_on: date | None) -> str:
    match first_on, last_on:
        case None, None:
            return "Any day"
        case date(), None:
            return f"From {day(first_on)}"
        case None, date():
            return f"Until {day(last_on)}"
        case _:
            return day(first_on) if first_on == last_on else f"{day(first_on)} to {day(last_on)}"


def _grid(rows: Sequence[Entry], names: Mapping[UUID, str]) -> None:
    text = st.column_config.TextColumn
    grid(
        entry_frame(rows, names),
        [row.id for row in rows],
        name=GRID,
        opened=address.open_entry(),
        on_open=address.show_entry,
        config={
            "Entry": st.column_config.NumberColumn(format="%d", width=60),
            "Booked": st.column_config.DateColumn(format="DD MMM YYYY", width=90),
            "Kind": badges({kind: EVENTS[kind] for kind in POSTING}, 80),
            "From → into": text(width=164),
            "Amount": amount(86),
            "Ccy": text(width=46),
            "Source": text(width=72),
            "Transaction": text(width=94),
            "State": text(width=76),
        },
    )
