"""The events, a page at a time, with the one that is open beside them: as one fragment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd
import streamlit as st

from recon.queries.audit import COUNTED, AuditEvent, AuditFilter, AuditPage, audit_count, audit_page, one_event
from recon.ui import states
from recon.ui.audit import address
from recon.ui.audit.event_panel import event_panel
from recon.ui.audit.filters import clear, is_filtered
from recon.ui.audit.sentences import sentence
from recon.ui.format import clip, count, counted
from recon.ui.guard import Desk, problems_shown
from recon.ui.ledger.listing import grid

PAGE_SIZE: Final = 50
HEIGHT: Final = 560
PANEL_HEIGHT: Final = 640
_PANEL_WIDTH: Final = 300


@st.fragment
def listing(desk: Desk, wanted: AuditFilter) -> None:
    """What the filter leaves, and the event that is open."""
    with problems_shown():
        page = audit_page(desk.engine, wanted, limit=PAGE_SIZE, begin=address.begin())
        opened = address.opened()
        beside = st.grid(3, min_column_width=_PANEL_WIDTH, gap="small", key="audit")
        with beside.cell(column_span=2):
            if page.events:
                _turn(audit_count(desk.engine, wanted), page)
                _grid(page.events, opened)
            else:
                _nothing()
        with beside.cell().container(border=True, height=PANEL_HEIGHT, gap="small", key="panel"):
            event_panel(None if opened is None else one_event(desk.engine, opened))


def event_frame(events: Sequence[AuditEvent]) -> pd.DataFrame:
    """The grid's cells: one line an event."""
    return pd.DataFrame(
        {
            "Event": [event.id for event in events],
            "When": [event.at for event in events],
            "Who": [clip(event.actor, 40) for event in events],
            "Did what": [clip(sentence(event), 160) for event in events],
            "Why": [clip(event.detail.get("reason") or "", 160) for event in events],
        }
    )


def _grid(events: Sequence[AuditEvent], opened: int | None) -> None:
    text = st.column_config.TextColumn
    grid(
        event_frame(events),
        [event.id for event in events],
        name="events",
        opened=opened,
        on_open=address.open_event,
        config={
            "Event": st.column_config.NumberColumn(format="%d", width=64),
            "When": st.column_config.DatetimeColumn(format="DD MMM YYYY HH:mm:ss", timezone="UTC", width=142),
            "Who": text(width=84),
            "Did what": text(width=330),
            "Why": text(width=150),
        },
    )


def _turn(total: int, page: AuditPage) -> None:
    """How many fit, and the way to newer and older ones."""
    said, buttons = st.columns([1, 1], vertical_alignment="center")
    many = f"more than {count(COUNTED)} events" if total > COUNTED else counted(total, "event")
    said.caption(f"**{many[0].upper()}{many[1:]}** · none is ever changed or deleted")
    with buttons.container(horizontal=True, horizontal_alignment="right", gap="small"):
        is_newest = address.begin() is None
        for label, icon, target, is_off in (
            ("Newest", ":material/first_page:", None, is_newest),
            ("Newer", ":material/chevron_left:", page.newer, is_newest),
            ("Older", ":material/chevron_right:", page.older, page.older is None),
        ):
            st.button(
                label,
                icon=icon,
                type="tertiary",
                key=f"turn_{label.lower()}",
                disabled=is_off,
                on_click=address.turn_to,
                args=(target,),
            )


def _nothing() -> None:
    if not is_filtered() and address.begin() is None:
        states.empty("Nothing has happened yet", "Whatever is done here is listed, from now on.", height=HEIGHT)
        return
    states.empty(
        "No event fits these filters",
        "Clear the search or widen the filters. Words of one or two letters are looked for whole.",
        icon=":material/filter_alt_off:",
        action="Clear filters",
        on_click=clear,
        key="clear_all",
        height=HEIGHT,
    )
