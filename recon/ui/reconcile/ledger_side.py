"""Taking a side from the ledger: the entries of one account are kept as a file is, and chosen like one."""

from __future__ import annotations

import streamlit as st

from recon.errors import TieoutError
from recon.model.account_period import AccountPeriod
from recon.model.transactions import Side
from recon.queries.ledger_accounts import AccountFilter
from recon.ui.format import md
from recon.ui.guard import Desk
from recon.ui.ledger.account_choice import choose_account, offered
from recon.ui.reconcile import address
from recon.workflows.fetch_transactions import fetch_transactions


def ledger_chooser(desk: Desk, side: Side) -> None:
    """Draw the menu, where there is an account; what is taken here is received and chosen."""
    found = offered(desk, AccountFilter())
    if not found:
        return
    with st.popover("From the ledger", icon=":material/menu_book:", key=f"{side}_ledger", width="content"):
        account = choose_account(desk, "Account", found, key=f"{side}_ledger_account", wanted=AccountFilter())
        first, last = st.columns(2, gap="xsmall")
        first_on = first.date_input("From", value=None, key=f"{side}_ledger_from", help="Empty: from the first entry.")
        last_on = last.date_input("To", value=None, key=f"{side}_ledger_to", help="Empty: to the last entry.")
        if not st.button("Use its entries", type="primary", key=f"{side}_ledger_use", disabled=account is None):
            return
        assert account is not None
        period = AccountPeriod(book=account.book, accounts=(str(account.id),), first_on=first_on, last_on=last_on)
        try:
            with st.spinner("Fetching the entries …", show_time=True):
                upload = fetch_transactions(desk.engine, desk.evidence, period.address, actor=desk.actor)
        except TieoutError as problem:
            st.error(md(str(problem)), icon=":material/error:")
            return
    address.choose_upload(side, upload.id)
    st.rerun()
