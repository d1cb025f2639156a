"""The trial balance: of each book and currency what stands on either side, and the proof that it sums to zero."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Final

import pandas as pd
import streamlit as st

from recon.queries.ledger_accounts import AccountFilter, AccountSum, account_sums
from recon.ui.format import NONE, count, counted, day, figure, md
from recon.ui.guard import Desk
from recon.ui.ledger.accounts import as_of_input, book_input, show_accounts
from recon.ui.ledger.listing import amount, clear_button, grid, nothing
from recon.ui.ledger.look import BOOKS, TYPES

_EMPTY: Final = {"book": None, "as_of": None}
_CARD_WIDTH: Final = 420


def trial_balance(desk: Desk) -> None:
    """Draw a card for each book and currency."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        wanted = AccountFilter(book=book_input(), as_of=as_of_input())
        clear_button(_EMPTY)
    sums = account_sums(desk.engine, wanted)
    if not sums:
        nothing("account", _EMPTY, "Open the first one.")
        return
    st.caption(_verdict([line for line in sums if line.type is None], wanted.as_of))
    cards = st.grid(2, min_column_width=_CARD_WIDTH, gap="small")
    for _, lines in groupby(sums, key=lambda line: (line.book, line.currency)):
        with cards.container(border=True, gap="small"):
            _card(list(lines))


def trial_frame(lines: Sequence[AccountSum]) -> pd.DataFrame:
    """A line for each type of account, and the totals; a side on which nothing stands is left blank."""
    return pd.DataFrame(
        {
            "Type": [TYPES[line.type].label if line.type else "Total" for line in lines],
            "Accounts": [count(line.account_count) for line in lines],
            "Debit": [figure(line.debit, line.currency) if line.debit or not line.type else NONE for line in lines],
            "Credit": [figure(line.credit, line.currency) if line.credit or not line.type else NONE for line in lines],
        }
    )


def _verdict(totals: Sequence[AccountSum], as_of: date | None) -> str:
    then = f"At the end of {day(as_of)}: " if as_of else ""
    wrong = [line for line in totals if line.net]
    number = counted(len(totals), "trial balance")
    if wrong:
        return f":red[:material/error:] {then}{count(len(wrong))} of {number} does not sum to zero."
    return f":green[:material/check_circle:] {then}{number}, debits equal to credits. Click a line for its accounts."


def _card(lines: Sequence[AccountSum]) -> None:
    total = lines[-1]
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(f"**{BOOKS[total.book]} · {total.currency}**", width="content")
        if total.net:
            st.markdown(f":red-badge[Out by {md(figure(total.net, total.currency))}]", width="content")
        else:
            st.markdown(":green-badge[Proves zero]", width="content")
    grid(
        trial_frame(lines),
        [line.type for line in lines],
        name=f"trial_{total.book}_{total.currency}",
        opened=None,
        on_open=lambda type_: show_accounts(book=total.book, currency=total.currency, type_=type_),
        config={name: amount() for name in ("Accounts", "Debit", "Credit")},
        alt=f"Trial balance of {BOOKS[total.book]} in {total.currency}",
    )
