"""What the Ledger page shows, as its URL says it: the view, what is open beside it, and the account asked about."""

from __future__ import annotations

from typing import Final
from uuid import UUID

import streamlit as st

from recon.ui.pager import first_page

VIEW: Final = "tab"
VIEWS: Final = ("Accounts", "Trial balance", "Journal", "Write-offs", "Customers", "Events")

OPEN: Final = ("entry", "account", "customer", "event", "write_off", "do")
"""What can be open in the panel, one at a time; `do` names a form."""

PAGE: Final = "ledger_page"
"""Key of every list's pager, and its name in the URL: one list is shown at a time."""

OF: Final = "of"
"""The account whose entries and events alone are listed."""


def open_entry() -> int | None:
    """The entry the URL opens."""
    return _number("entry")


def open_account() -> UUID | None:
    """The account the URL opens."""
    return _id("account")


def open_customer() -> UUID | None:
    """The customer the URL opens."""
    return _id("customer")


def open_event() -> int | None:
    """The event the URL opens."""
    return _number("event")


def open_write_off() -> int | None:
    """The write-off or adjustment the URL opens."""
    return _number("write_off")


def narrowed_to() -> UUID | None:
    """The account the URL narrows journal and events to."""
    return _id(OF)


def show_entry(entry_id: int) -> None:
    """Open an entry in the panel."""
    _show(entry=str(entry_id))


def show_account(account_id: UUID) -> None:
    """Open an account in the panel."""
    _show(account=str(account_id))


def show_customer(customer_id: UUID) -> None:
    """Open a customer in the panel."""
    _show(customer=str(customer_id))


def show_event(event_id: int) -> None:
    """Open an event in the panel."""
    _show(event=str(event_id))


def show_write_off(write_off_id: int) -> None:
    """Open a write-off or adjustment in the panel."""
    _show(write_off=str(write_off_id))


def open_form() -> str:
    """The form the URL opens; empty when none."""
    return st.query_params.get("do", "")


def show_form(name: str, *, view: str) -> None:
    """Open a form in the panel, beside this view if the trial balance, which has no panel, is shown."""
    _show(do=name)
    if st.session_state.get(VIEW) == VIEWS[1]:
        st.session_state[VIEW] = view


def close() -> None:
    """Open nothing."""
    _show()


def narrow(account_id: UUID | None, *, view: str | None = None) -> None:
    """List only what concerns this account (None: everything), in this view."""
    if account_id is None:
        st.query_params.pop(OF, None)
    else:
        st.query_params[OF] = str(account_id)
    if view is not None:
        st.session_state[VIEW] = view
    first_page(PAGE)


def _show(**opened: str) -> None:
    for name in OPEN:
        st.query_params.pop(name, None)
    for name, value in opened.items():
        st.query_params[name] = value


def _number(name: str) -> int | None:
    asked = st.query_params.get(name, "")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 19 else None


def _id(name: str) -> UUID | None:
    try:
        return UUID(st.query_params.get(name, ""))
    except ValueError:
        return None
