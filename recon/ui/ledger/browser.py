"""The chosen view of the ledger with the panel beside it, as one fragment: opening and paging draw nothing else."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

import streamlit as st

from recon.ui.guard import Desk, problems_shown
from recon.ui.ledger.accounts import account_filters, accounts
from recon.ui.ledger.address import PAGE, VIEW, VIEWS
from recon.ui.ledger.customers import customer_filters, customers
from recon.ui.ledger.events import event_filters, events
from recon.ui.ledger.journal import journal, journal_filters
from recon.ui.ledger.panel import panel
from recon.ui.ledger.sending import was_sent
from recon.ui.ledger.trial import trial_balance
from recon.ui.ledger.write_offs import write_off_filters, write_offs
from recon.ui.pager import first_page

PANEL_HEIGHT: Final = 640
_PANEL_WIDTH: Final = 300
"""Pixels the panel needs at least: in a narrower window it stands under the list."""


@st.fragment
def browser(desk: Desk) -> None:
    """Draw it."""
    if was_sent():
        st.rerun()  # the figures above have changed too
    with problems_shown():
        view = st.segmented_control(
            "View",
            VIEWS,
            default=VIEWS[0],
            required=True,
            key=VIEW,
            bind="query-params",
            label_visibility="collapsed",
            on_change=first_page,
            args=(PAGE,),
        )
        if view == "Trial balance":
            trial_balance(desk)
            return
        listing = _listing(desk, view)
        beside = st.grid(3, min_column_width=_PANEL_WIDTH, gap="small", key="ledger")
        with beside.cell(column_span=2):
            listing()
        with beside.cell().container(border=True, height=PANEL_HEIGHT, gap="small", key="panel"):
            panel(desk)


def _listing(desk: Desk, view: str | None) -> Callable[[], None]:
    """Draw the view's filters, which take the whole width; returns what draws its list."""
    match view:
        case "Journal":
            return partial(journal, desk, journal_filters(desk))
        case "Write-offs":
            return partial(write_offs, desk, write_off_filters(desk))
        case "Customers":
            return partial(customers, desk, customer_filters(desk))
        case "Events":
            return partial(events, desk, event_filters(desk))
        case _:
            return partial(accounts, desk, account_filters(desk))
