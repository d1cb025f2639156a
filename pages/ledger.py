"""Ledger: the books, account by account and entry by entry. Everything shown is in the URL."""

from __future__ import annotations

import streamlit as st

from recon.model.people import Action
from recon.queries.ledger import JournalFilter, entry_count
from recon.queries.ledger_accounts import AccountFilter, account_sums
from recon.ui import states
from recon.ui.format import counted
from recon.ui.guard import require
from recon.ui.header import header
from recon.ui.ledger import address
from recon.ui.ledger.browser import browser
from recon.ui.ledger.forms import account_form
from recon.ui.people.allowed import guarded

ACTIONS = (
    ("Open account", ":material/add_card:", "open", "Accounts"),
    ("Transfer", ":material/swap_horiz:", "transfer", "Journal"),
    ("Post entry", ":material/receipt_long:", "post", "Journal"),
)
"""Label, icon, form, and the view it is opened beside."""

desk = require()
totals = [line for line in account_sums(desk.engine, AccountFilter()) if line.type is None]

if not totals:
    header("Ledger", "No account yet")
    if address.open_form() == "open":
        with st.container(border=True, width=460):
            account_form(desk)
    else:
        states.empty(
            "The books are empty",
            "Open the first account; money then moves between accounts, and every balance follows from its entries.",
            icon=":material/account_balance:",
            action="Open an account",
            on_click=lambda: address.show_form("open", view="Accounts"),
            height=420,
        )
    st.stop()

accounts = counted(sum(line.account_count for line in totals), "account")
entries = counted(entry_count(desk.engine, JournalFilter()), "entry", "entries")
proof = "debits do not equal credits" if any(line.net for line in totals) else "debits equal credits"
with header("Ledger", f"{accounts} · {entries} · {proof}"):
    for label, icon, form, view in ACTIONS:
        st.button(
            label,
            icon=icon,
            type="primary" if form == "post" else "secondary",
            key=f"do_{form}",
            width="content",
            on_click=address.show_form,
            args=(form,),
            kwargs={"view": view},
            **guarded(desk, Action.LEDGER),
        )
browser(desk)
