"""One event that posts no entry: who recorded it and when, what it says, and what it was asked with."""

from __future__ import annotations

import streamlit as st

from recon.model.books import SnapshotTaken, WalletOpened
from recon.model.ledger import AccountOpened, LedgerEvent
from recon.queries.ledger_accounts import names_of
from recon.ui.format import clip, instant, md
from recon.ui.guard import Desk
from recon.ui.ledger import address, parts
from recon.ui.ledger.look import BOOKS, event_badge
from recon.ui.ledger.sentences import named_in, sentence


def event_panel(desk: Desk, event: LedgerEvent) -> None:
    """Draw it."""
    said = event.fact
    parts.title(f"Event {event.id}", event_badge(type(said).__name__))
    st.markdown(md(sentence(said, names_of(desk.engine, named_in(said)))))
    parts.facts(
        ("Book", BOOKS[said.book]),
        ("Recorded", f"{instant(event.at)} by {md(clip(event.actor, 60))}"),
        ("Command", md(clip(event.command_key, 80))),
        *parts.metadata(said.metadata),
    )
    if isinstance(said, AccountOpened | WalletOpened | SnapshotTaken):
        st.button(
            "Open the account",
            icon=":material/account_balance:",
            on_click=address.show_account,
            args=(said.account_id,),
            key="event_account",
        )
