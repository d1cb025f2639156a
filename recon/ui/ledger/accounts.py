"""The accounts, each with its balance at the end of a day or now: filters in the URL, one page as a grid, and sums."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import pandas as pd
import streamlit as st

from recon.model.ledger import AccountType, Book
from recon.queries.ledger_accounts import (
    AccountFilter,
    AccountRow,
    AccountSort,
    AccountSum,
    account_page,
    account_sums,
    currencies,
)
from recon.ui.format import clip, count, counted, day, figure, md
from recon.ui.guard import Desk
from recon.ui.header_sort import HeaderSort
from recon.ui.ledger import address
from recon.ui.ledger.address import PAGE
from recon.ui.ledger.listing import PAGE_SIZE, amount, badges, bound, clear_button, day_of, grid, nothing
from recon.ui.ledger.look import BOOKS, TYPES
from recon.ui.pager import first_page, pager

GRID: Final = "accounts"
AS_OF: Final = "as_of"

_EMPTY: Final[dict[str, Any]] = {"account_q": "", "book": None, "types": [], "currency": None, AS_OF: None}
_SORT: Final = HeaderSort(
    state="accounts_sort",
    page=PAGE,
    headers={
        "Opened": AccountSort.OPENED,
        "Account": AccountSort.NAME,
        "Book": AccountSort.BOOK,
        "Type": AccountSort.TYPE,
        "Balance": AccountSort.BALANCE,
        "Ccy": AccountSort.CURRENCY,
    },
)
_SUMS_SHOWN: Final = 3


def accounts(desk: Desk, wanted: AccountFilter) -> None:
    """Draw the list."""
    summary, place = st.container(), st.container()
    sums = account_sums(desk.engine, wanted)
    totals = [line for line in sums if line.type is None]
    total = sum(line.account_count for line in totals)
    offset = pager(total, key=PAGE, page_size=PAGE_SIZE)
    summary.caption(_summary(total, totals, wanted.as_of))
    with place:
        if not total:
            nothing("account", _EMPTY, "Open the first one.")
            return
        sort, is_descending = _SORT.order()
        rows = account_page(desk.engine, wanted, sort=sort, is_descending=is_descending, limit=PAGE_SIZE, offset=offset)
        _grid(rows)


def show_accounts(*, book: Book, currency: str, type_: AccountType | None) -> None:
    """Go to the accounts of a line of the trial balance, at the end of the same day."""
    wanted = {"account_q": "", "book": book, "types": [type_] if type_ else [], "currency": currency}
    for key, value in wanted.items():
        st.session_state[key] = value
    st.session_state[address.VIEW] = address.VIEWS[0]
    first_page(PAGE)


def as_of_input() -> date | None:
    """The day whose end counts; None for now. One for every view that has one."""
    chosen = day_of(AS_OF)
    label = f"As of {day(chosen)}" if chosen else "As of now"
    with st.popover(label, icon=":material/event:", key="as_of_choice", width="content"):
        given: date | None = st.date_input(
            "At the end of", value=None, key=AS_OF, format="YYYY-MM-DD", **bound("visible")
        )
        st.caption("Balances of a day are summed from journal lines.")
    return given


def book_input() -> Book | None:
    """The book, or None for both. One for every view."""
    chosen: Book | None = st.selectbox(
        "Book",
        list(Book),
        index=None,
        format_func=BOOKS.__getitem__,
        key="book",
        placeholder="All books",
        width=124,
        **bound(),
    )
    return chosen


def account_frame(rows: Sequence[AccountRow]) -> pd.DataFrame:
    """The grid's cells: one line an account."""
    return pd.DataFrame(
        {
            "Account": [clip(row.name, 60) for row in rows],
            "Type": [[TYPES[row.type].label] for row in rows],
            "Balance": [figure(row.balance, row.currency) for row in rows],
            "Ccy": [row.currency for row in rows],
            "Book": [BOOKS[row.book] for row in rows],
            "Overdraft": ["Allowed" if row.allows_overdraft else "Refused" for row in rows],
            "Opened": [row.opened_on for row in rows],
        }
    )


def account_filters(desk: Desk) -> AccountFilter:
    """Draw the bar."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        search = st.text_input(
            "Search",
            key="account_q",
            type="search",
            live="400ms",
            placeholder="Search name, id or metadata",
            icon=":material/search:",
            width=244,
            **bound(),
        )
        book = book_input()
        types = st.multiselect(
            "Types",
            list(AccountType),
            format_func=lambda type_: TYPES[type_].label,
            key="types",
            placeholder="All types",
            width=180,
            **bound(),
        )
        currency = st.selectbox(
            "Currency",
            currencies(desk.engine),
            index=None,
            key="currency",
            placeholder="All currencies",
            width=148,
            **bound(),
        )
        as_of = as_of_input()
        clear_button(_EMPTY)
    return AccountFilter(search=search or "", book=book, types=tuple(types), currency=currency, as_of=as_of)


def _summary(total: int, totals: Sequence[AccountSum], as_of: date | None) -> str:
    parts = [
        f"{BOOKS[line.book]} {line.currency} net **{md(figure(line.net, line.currency))}**"
        for line in totals[:_SUMS_SHOWN]
    ]
    more = f" and {count(len(totals) - len(parts))} more" if len(totals) > len(parts) else ""
    then = f" at the end of {day(as_of)}" if as_of else ""
    return f"**{count(total)}** {counted(total, 'account').split(' ', 1)[1]}{then} · {' · '.join(parts)}{more}"


def _grid(rows: Sequence[AccountRow]) -> None:
    text = st.column_config.TextColumn
    grid(
        account_frame(rows),
        [row.id for row in rows],
        name=GRID,
        opened=address.open_account(),
        on_open=address.show_account,
        sort=_SORT,
        config={
            "Account": text(width=220),
            "Type": badges(TYPES, 92),
            "Balance": amount(136),
            "Ccy": text(width=52),
            "Book": text(width=68),
            "Overdraft": text(width=84),
            "Opened": st.column_config.DateColumn(format="DD MMM YYYY", width=92),
        },
    )
