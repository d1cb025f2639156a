"""The customers, each with what they have: filters in the URL, one page as a grid, a customer to open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

import pandas as pd
import streamlit as st

from recon.queries.customers import CustomerFilter, CustomerRow, customer_count, customer_page
from recon.ui.format import NONE, age, clip, count, counted, money
from recon.ui.guard import Desk
from recon.ui.ledger import address
from recon.ui.ledger.accounts import book_input
from recon.ui.ledger.address import PAGE
from recon.ui.ledger.listing import PAGE_SIZE, amount, bound, clear_button, grid, nothing
from recon.ui.ledger.look import BOOKS
from recon.ui.pager import pager

GRID: Final = "customers"

_EMPTY: Final[dict[str, Any]] = {"customer_q": "", "book": None, "on_its_way": False}


def customers(desk: Desk, wanted: CustomerFilter) -> None:
    """Draw the list."""
    summary, place = st.container(), st.container()
    total = customer_count(desk.engine, wanted)
    offset = pager(total, key=PAGE, page_size=PAGE_SIZE)
    summary.caption(f"**{count(total)}** {counted(total, 'customer').split(' ', 1)[1]} · sorted by name ↑")
    with place:
        if not total:
            nothing("customer", _EMPTY, "Customers come with the commands and imports of other systems.")
            return
        _grid(customer_page(desk.engine, wanted, limit=PAGE_SIZE, offset=offset), today=desk.now.date())


def customer_filters(desk: Desk) -> CustomerFilter:
    """Draw the bar."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        search = st.text_input(
            "Search",
            key="customer_q",
            type="search",
            live="400ms",
            placeholder="Search name, reference or metadata",
            icon=":material/search:",
            width=270,
            **bound(),
        )
        book = book_input()
        has_open_flow = st.toggle("Money on its way", key="on_its_way", **bound("visible"))
        clear_button(_EMPTY)
    return CustomerFilter(search=search or "", book=book, has_open_flow=has_open_flow)


def customer_frame(rows: Sequence[CustomerRow], *, today: date) -> pd.DataFrame:
    """The grid's cells: one line a customer."""
    return pd.DataFrame(
        {
            "Customer": [clip(row.name, 60) for row in rows],
            "Reference": [clip(row.external_ref, 40) for row in rows],
            "Book": [BOOKS[row.book] for row in rows],
            "Cash": [" · ".join(money(int(cash), code) for code, cash in sorted(row.cash.items())) for row in rows],
            "Holdings": [count(row.holding_count) for row in rows],
            "On its way": [count(row.open_flow_count) if row.open_flow_count else NONE for row in rows],
            "Since": [_since(row.oldest_flow_at, today=today) for row in rows],
        }
    )


def _since(at: datetime | None, *, today: date) -> str:
    return age(at.astimezone(UTC).date(), today=today) if at else NONE


def _grid(rows: Sequence[CustomerRow], *, today: date) -> None:
    text = st.column_config.TextColumn
    grid(
        customer_frame(rows, today=today),
        [row.id for row in rows],
        name=GRID,
        opened=address.open_customer(),
        on_open=address.show_customer,
        config={
            "Customer": text(width=180),
            "Reference": text(width=110),
            "Book": text(width=64),
            "Cash": amount(150),
            "Holdings": amount(76),
            "On its way": amount(84),
            "Since": amount(76),
        },
    )
