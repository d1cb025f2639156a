"""The panel beside a list: one entry, account or event in full, or what to do here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import streamlit as st

from recon.queries import ledger
from recon.queries.ledger_events import event
from recon.queries.write_off_list import write_off_listed
from recon.ui.guard import Desk
from recon.ui.ledger import address, parts
from recon.ui.ledger.account_panel import account_panel
from recon.ui.ledger.customer_panel import customer_panel
from recon.ui.ledger.entry_panel import entry_panel
from recon.ui.ledger.event_panel import event_panel
from recon.ui.ledger.forms import account_form, transfer_form
from recon.ui.ledger.look import POSTING
from recon.ui.ledger.post import post_form
from recon.ui.ledger.write_off_panel import write_off_panel

FORMS: Final[Mapping[str, Callable[[Desk], None]]] = {
    "transfer": transfer_form,
    "post": post_form,
    "open": account_form,
}
"""By what `do` says in the URL."""


def panel(desk: Desk) -> None:
    """Draw what the URL opens."""
    if draw := FORMS.get(address.open_form()):
        draw(desk)
    elif (entry_id := address.open_entry()) is not None:
        _entry(desk, entry_id)
    elif (account_id := address.open_account()) is not None:
        account_panel(desk, account_id)
    elif (customer_id := address.open_customer()) is not None:
        customer_panel(desk, customer_id)
    elif (event_id := address.open_event()) is not None:
        _event(desk, event_id)
    elif (write_off_id := address.open_write_off()) is not None:
        _write_off(desk, write_off_id)
    else:
        st.markdown("##### :material/touch_app: Pick a line")
        st.caption(
            "Click an account for its balance over time, an entry for its lines and where it comes from, "
            "a write-off for why it was made, a customer for what they have."
        )


def _entry(desk: Desk, entry_id: int) -> None:
    found = ledger.entry(desk.engine, entry_id)
    if found is None:
        parts.missing(f"There is no entry {entry_id}.")
    else:
        entry_panel(desk, found)


def _event(desk: Desk, event_id: int) -> None:
    found = event(desk.engine, event_id)
    if found is None:
        parts.missing(f"There is no event {event_id}.")
    elif type(found.fact).__name__ in POSTING:
        _entry(desk, event_id)
    else:
        event_panel(desk, found)


def _write_off(desk: Desk, write_off_id: int) -> None:
    found = write_off_listed(desk.engine, write_off_id)
    if found is None:
        parts.missing(f"There is no write-off {write_off_id}.")
    else:
        write_off_panel(desk, found)
