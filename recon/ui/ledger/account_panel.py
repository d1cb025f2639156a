"""One account: its balance now and over time, what it may do, and its latest entries."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

import streamlit as st

from recon.queries.ledger import JournalFilter, entry_page
from recon.queries.ledger_accounts import AccountRow, account_row, balance_history, names_of
from recon.ui import charts
from recon.ui.format import clip, day, figure, md, money
from recon.ui.guard import Desk
from recon.ui.ledger import address, parts
from recon.ui.ledger.accounts import AS_OF
from recon.ui.ledger.journal import between
from recon.ui.ledger.listing import day_of
from recon.ui.ledger.look import BOOKS, TYPES

SPANS: Final = {"1 month": 30, "3 months": 91, "1 year": 365}
LATEST: Final = 6


def account_panel(desk: Desk, account_id: UUID) -> None:
    """Draw it."""
    as_of = day_of(AS_OF)
    account = account_row(desk.engine, account_id, as_of=as_of)
    if account is None:
        parts.missing("There is no such account.")
        return
    parts.title(account.name, TYPES[account.type].badge(), f":gray-badge[{BOOKS[account.book]}]")
    left, right = st.columns([1, 1], gap="small", vertical_alignment="bottom")
    left.metric(f"Balance, end of {day(as_of)}" if as_of else "Balance", money(account.balance, account.currency))
    overdraft = "may be overdrawn" if account.allows_overdraft else "may not be overdrawn"
    right.caption(f"Opened {day(account.opened_on)} · {overdraft}")
    _history(desk, account)
    _latest(desk, account)
    if account.customer_id is not None:
        st.button(
            "Open the customer",
            icon=":material/person:",
            on_click=address.show_customer,
            args=(account.customer_id,),
            key="its_customer",
        )
    st.code(str(account.id), language=None)
    if more := list(parts.metadata(account.metadata, but=("name",))):
        parts.facts(*more)


def _history(desk: Desk, account: AccountRow) -> None:
    span = st.segmented_control(
        "Balance over",
        list(SPANS),
        default="3 months",
        required=True,
        key="span",
        bind="query-params",
        label_visibility="collapsed",
    )
    until = desk.now.date()
    since = until - timedelta(days=SPANS[span or "3 months"])
    points = balance_history(desk.engine, account.id, since=since, until=until)
    st.plotly_chart(
        charts.balance_history(points, account.currency, until=until),
        key="balance_history",
        config=charts.CONFIG,
        alt=f"Balance of {clip(account.name, 60)} at the end of each day",
    )


def _latest(desk: Desk, account: AccountRow) -> None:
    found = entry_page(desk.engine, JournalFilter(account_id=account.id), limit=LATEST, offset=0)
    if not found:
        st.caption("No entry has moved it yet.")
        return
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown("**Latest entries**", width="content")
        st.button(
            "All its entries",
            icon=":material/receipt_long:",
            type="tertiary",
            on_click=address.narrow,
            args=(account.id,),
            kwargs={"view": "Journal"},
            key="its_entries",
        )
    names = names_of(desk.engine, (line.account_id for row in found for line in row.lines))
    with st.container(gap=None):
        for row in found:
            st.button(
                f"{day(row.booked_on)} · **{md(figure(row.change(account.id), account.currency))}** · "
                f"{md(clip(between(row, names), 32))}",
                type="tertiary",
                on_click=address.show_entry,
                args=(row.id,),
                key=f"latest_{row.id}",
            )
