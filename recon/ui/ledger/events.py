"""The log of events, the newest first: everything that was ever done to the books, each in a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import pandas as pd
import streamlit as st

from recon.model.ledger import LedgerEvent
from recon.queries.ledger_accounts import names_of
from recon.queries.ledger_events import EventFilter, event_count, event_page
from recon.ui.format import clip, count, counted
from recon.ui.guard import Desk
from recon.ui.ledger import address
from recon.ui.ledger.account_choice import narrowing
from recon.ui.ledger.accounts import book_input
from recon.ui.ledger.address import PAGE
from recon.ui.ledger.listing import PAGE_SIZE, badges, bound, clear_button, grid, nothing
from recon.ui.ledger.look import BOOKS, EVENTS, event_label
from recon.ui.ledger.sentences import named_in, sentence
from recon.ui.pager import pager

GRID: Final = "events"

_EMPTY: Final[dict[str, Any]] = {"book": None, "events": [], address.OF: None}


def events(desk: Desk, wanted: EventFilter) -> None:
    """Draw the list."""
    summary, place = st.container(), st.container()
    total = event_count(desk.engine, wanted)
    offset = pager(total, key=PAGE, page_size=PAGE_SIZE)
    summary.caption(f"**{count(total)}** {counted(total, 'event').split(' ', 1)[1]} · none is ever changed or deleted")
    with place:
        if not total:
            nothing("event", _EMPTY, "Whatever is done to the books is listed here.")
            return
        rows = event_page(desk.engine, wanted, limit=PAGE_SIZE, offset=offset)
        _grid(rows, names_of(desk.engine, (id_ for row in rows for id_ in named_in(row.fact))))


def event_frame(rows: Sequence[LedgerEvent], names: Mapping[UUID, str]) -> pd.DataFrame:
    """The grid's cells: one line an event."""
    return pd.DataFrame(
        {
            "Event": [row.id for row in rows],
            "Recorded": [row.at for row in rows],
            "Kind": [[event_label(type(row.fact).__name__)] for row in rows],
            "What happened": [clip(sentence(row.fact, names), 120) for row in rows],
            "Book": [BOOKS[row.fact.book] for row in rows],
            "By": [clip(row.actor, 24) for row in rows],
        }
    )


def event_filters(desk: Desk) -> EventFilter:
    """Draw the bar."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        book = book_input()
        account_id = narrowing(desk, book)
        kinds = st.multiselect(
            "Kinds",
            list(EVENTS),
            format_func=event_label,
            key="events",
            placeholder="All kinds",
            width=300,
            **bound(),
        )
        clear_button(_EMPTY)
    return EventFilter(book=book, account_id=account_id, kinds=tuple(kinds))


def _grid(rows: Sequence[LedgerEvent], names: Mapping[UUID, str]) -> None:
    text = st.column_config.TextColumn
    grid(
        event_frame(rows, names),
        [row.id for row in rows],
        name=GRID,
        opened=address.open_event() or address.open_entry(),
        on_open=address.show_event,
        config={
            "Event": st.column_config.NumberColumn(format="%d", width=60),
            "Recorded": st.column_config.DatetimeColumn(format="DD MMM YYYY HH:mm:ss", timezone="UTC", width=140),
            "Kind": badges(EVENTS, 116),
            "What happened": text(width=330),
            "Book": text(width=56),
            "By": text(width=80),
        },
    )
