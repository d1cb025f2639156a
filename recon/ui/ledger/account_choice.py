"""Choosing an account by its name, and the account that journal and events are narrowed to.

Some hundred accounts are offered; where there are more, part of a name or an id may be typed instead, as long as it
means one account.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, Literal
from uuid import UUID

import streamlit as st

from recon.model.ledger import Book
from recon.queries.ledger_accounts import AccountFilter, AccountRow, AccountSort, account_page, account_row
from recon.ui.format import clip
from recon.ui.guard import Desk
from recon.ui.ledger import address
from recon.ui.ledger.look import BOOKS

LabelVisibility = Literal["visible", "collapsed"]

CHOICES: Final = 500
_NARROWED: Final = "narrowed_to"


def offered(desk: Desk, wanted: AccountFilter) -> Mapping[UUID, AccountRow]:
    """The accounts a choice offers, by name: read once for all choices of a form that offer the same."""
    page = account_page(desk.engine, wanted, sort=AccountSort.NAME, limit=CHOICES)
    return {row.id: row for row in page}


def choose_account(
    desk: Desk,
    label: str,
    found: Mapping[UUID, AccountRow],
    *,
    key: str,
    wanted: AccountFilter,
    label_visibility: LabelVisibility = "visible",
) -> AccountRow | None:
    """Draw the choice of one of the accounts found; returns what is chosen, None until it means one account."""
    given = st.selectbox(
        label,
        list(found),
        index=None,
        format_func=lambda id_: account_label(found[id_], wanted),
        key=key,
        placeholder="Choose an account" if len(found) < CHOICES else "Choose, or type part of its name",
        accept_new_options=len(found) == CHOICES,
        label_visibility=label_visibility,
    )
    chosen = chosen_account(desk, key=key, wanted=wanted)
    if given is not None and chosen is None:
        st.caption(":orange[Not the name of one account: type more of it]")
    return chosen


def chosen_account(desk: Desk, *, key: str, wanted: AccountFilter) -> AccountRow | None:
    """What the choice of this key says now, also within a callback."""
    given: UUID | str | None = st.session_state.get(key)
    if given is None:
        return None
    if isinstance(given, UUID):
        return account_row(desk.engine, given)
    fits = account_page(desk.engine, replace(wanted, search=given), sort=AccountSort.NAME, limit=2)
    return fits[0] if len(fits) == 1 else None


def narrowing(desk: Desk, book: Book | None) -> UUID | None:
    """Draw the choice of one account whose entries or events alone are listed; kept in the URL by its id."""
    current = address.narrowed_to()
    found = dict(offered(desk, AccountFilter(book=book)))
    if current is not None and current not in found and (known := account_row(desk.engine, current)):
        found[current] = known
    st.session_state[_NARROWED] = current if current in found else None
    st.selectbox(
        "Account",
        list(found),
        index=None,
        format_func=lambda id_: account_label(found[id_], AccountFilter(book=book)),
        key=_NARROWED,
        placeholder="All accounts",
        label_visibility="collapsed",
        width=190,
        on_change=_narrow,
    )
    chosen: UUID | None = st.session_state[_NARROWED]
    return chosen


def _narrow() -> None:
    address.narrow(st.session_state[_NARROWED])


def account_label(row: AccountRow, wanted: AccountFilter) -> str:
    """Its name, and what the choice leaves open."""
    parts = [clip(row.name, 40)]
    if wanted.currency is None:
        parts.append(row.currency)
    if wanted.book is None:
        parts.append(BOOKS[row.book])
    return " · ".join(parts)
