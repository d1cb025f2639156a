"""One entry: its lines, where it comes from, what it reverses or is reversed by, and what was recorded about it."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import pandas as pd
import streamlit as st

from recon.queries.after_close import entry_after_close
from recon.queries.ledger import Entry
from recon.queries.ledger_accounts import names_of
from recon.queries.ledger_events import events_of_entry
from recon.queries.write_offs import behind
from recon.ui.after_close import after_close
from recon.ui.format import NONE, clip, day, figure, instant, md
from recon.ui.guard import Desk
from recon.ui.ledger import address, parts
from recon.ui.ledger.journal import moved
from recon.ui.ledger.listing import amount, grid
from recon.ui.ledger.look import BOOKS, event_badge
from recon.ui.ledger.origin import TOLD, decisions_behind, source_runs
from recon.ui.ledger.reverse import reverse_button, reverse_form
from recon.ui.ledger.sentences import named_in

LINES_SHOWN = 100


def entry_panel(desk: Desk, entry: Entry) -> None:
    """Draw it."""
    state = ":orange-badge[Reversed]" if entry.reversed_by is not None else ":green-badge[Posted]"
    decided = behind(desk.engine, entry.id)
    with parts.title(f"#{entry.id}", event_badge(entry.kind), state):
        if not any(one.is_standing for one in decided):  # else what was decided is taken back, and the entry with it
            reverse_button(desk, entry)
    left, right = st.columns([1, 1], gap="small", vertical_alignment="bottom")
    left.metric("Amount", " ".join(part for part in moved(entry) if part != NONE))
    right.caption(f"{BOOKS[entry.book]} · booked {day(entry.booked_on)}")
    after_close(entry_after_close(desk.engine, entry), "Booked into a closed period")
    reverse_form(desk, entry)
    _lines(entry, names_of(desk.engine, (line.account_id for line in entry.lines)))
    _ties(entry)
    parts.facts(
        ("Source", f"{md(clip(entry.source_system, 60))} · {md(clip(entry.source_txn_id, 80))}"),
        ("Recorded", f"{instant(entry.recorded_at)} by {md(clip(entry.recorded_by, 60))}"),
        *parts.metadata(entry.metadata, but=TOLD if decided else ()),
    )
    decisions_behind(decided)
    events = events_of_entry(desk.engine, entry.id)
    names = names_of(desk.engine, (id_ for event in events for id_ in named_in(event.fact)))
    parts.history(events, names, now=desk.now)
    source_runs(desk, entry)


def line_frame(entry: Entry, names: Mapping[UUID, str]) -> pd.DataFrame:
    """One row a line: its account, and its amount on one side or the other."""
    lines = entry.lines[:LINES_SHOWN]
    return pd.DataFrame(
        {
            "Account": [clip(names.get(line.account_id, str(line.account_id)[:8]), 60) for line in lines],
            "Debit": [figure(line.amount, line.currency) if line.amount > 0 else "" for line in lines],
            "Credit": [figure(-line.amount, line.currency) if line.amount < 0 else "" for line in lines],
            "Ccy": [line.currency for line in lines],
        }
    )


def _lines(entry: Entry, names: Mapping[UUID, str]) -> None:
    grid(
        line_frame(entry, names),
        [line.account_id for line in entry.lines[:LINES_SHOWN]],
        name="lines",
        opened=None,
        on_open=address.show_account,
        config={
            "Account": st.column_config.TextColumn(width=126),
            "Debit": amount(80),
            "Credit": amount(80),
            "Ccy": st.column_config.TextColumn(width=44),
        },
    )
    if len(entry.lines) > LINES_SHOWN:
        st.caption(f"The first {LINES_SHOWN} of {len(entry.lines):,} lines")


def _ties(entry: Entry) -> None:
    for text, other, icon in (
        ("Reverses entry", entry.reverses_id, ":material/undo:"),
        ("Reversed by entry", entry.reversed_by, ":material/redo:"),
    ):
        if other is not None:
            st.button(f"{text} {other}", icon=icon, on_click=address.show_entry, args=(other,), key=f"tie_{other}")
