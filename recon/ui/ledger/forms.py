"""The forms of the panel: transfer between two accounts, and open an account. `recon.ui.ledger.post` has the third."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import streamlit as st

from recon.model.ledger import AccountOpened, AccountType, Book, LedgerEvent, OpenAccount, Transfer
from recon.money import exponents
from recon.queries.ledger_accounts import AccountFilter, AccountRow
from recon.ui.format import figure
from recon.ui.guard import Desk
from recon.ui.ledger import address
from recon.ui.ledger.account_choice import choose_account, chosen_account, offered
from recon.ui.ledger.look import BOOKS, TYPES
from recon.ui.ledger.sending import FormIncomplete, command_key, field, refusal, send

NOTE_LIMIT: Final = 200
OFTEN: Final = ("USD", "EUR", "AED", "INR", "GBP")
"""Currencies offered first."""


def form_title(text: str) -> None:
    """The form's name, and a way out."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(text, anchor=False, width="content")
        with st.container(horizontal=True, horizontal_alignment="right"):
            st.button("Cancel", type="tertiary", on_click=address.close, key="cancel_form")


def submit(label: str, icon: str, send_it: Callable[[], None], *, key: str) -> None:
    """The one button that changes something."""
    st.button(label, icon=icon, type="primary", key=f"submit_{key}", on_click=send_it, width="stretch")


def described(note: str | None) -> dict[str, Any]:
    """Metadata of what a person wrote beside."""
    return {"description": note} if note else {}


def transfer_form(desk: Desk) -> None:
    """Draw the form."""
    key = command_key("transfer")
    form_title("Transfer")
    anywhere = AccountFilter()
    found = offered(desk, anywhere)
    source = choose_account(desk, "From", found, key=f"from_{key}", wanted=anywhere)
    if source:
        st.caption(f"{BOOKS[source.book]} · balance {figure(source.balance, source.currency)} {source.currency}")
    beside = _beside(source)
    fitting = offered(desk, beside) if source else found
    choose_account(desk, "Into", fitting, key=f"into_{key}", wanted=beside)
    left, right = st.columns(2, gap="small")
    left.text_input(f"Amount, {source.currency}" if source else "Amount", key=f"amount_{key}")
    right.date_input("Booked on", value=desk.now.date(), key=f"day_{key}", format="YYYY-MM-DD")
    st.text_input("Description", key=f"note_{key}", max_chars=NOTE_LIMIT)
    refusal(desk, "transfer")
    done = partial(send, desk, "transfer", _transfer, said="Posted as entry {id}.", then=_show_entry)
    submit("Transfer", ":material/swap_horiz:", done, key=key)


def account_form(desk: Desk) -> None:
    """Draw the form."""
    key = command_key("open_account")
    form_title("Open an account")
    st.text_input("Name", key=f"name_{key}", max_chars=NOTE_LIMIT)
    left, right = st.columns(2, gap="small")
    left.selectbox("Book", list(BOOKS), format_func=BOOKS.__getitem__, key=f"book_{key}")
    right.selectbox("Currency", [*OFTEN, *sorted(set(exponents()) - {*OFTEN})], key=f"currency_{key}")
    st.selectbox("Type", list(TYPES), format_func=lambda type_: TYPES[type_].label, key=f"type_{key}")
    st.toggle("May be overdrawn", key=f"overdraft_{key}")
    refusal(desk, "open_account")
    done = partial(send, desk, "open_account", _open_account, said="The account is open.", then=_show_account)
    submit("Open the account", ":material/add_card:", done, key=key)


def _transfer(desk: Desk, key: str) -> Transfer:
    source = chosen_account(desk, key=f"from_{key}", wanted=AccountFilter())
    destination = chosen_account(desk, key=f"into_{key}", wanted=_beside(source))
    if source is None or destination is None:
        raise FormIncomplete("Choose the account the money leaves and the one it goes into.")
    return Transfer(
        key=key,
        source_account_id=source.id,
        destination_account_id=destination.id,
        amount=field("amount", key) or "",
        currency=source.currency,
        booked_on=field("day", key),
        metadata=described(field("note", key)),
    )


def _beside(source: AccountRow | None) -> AccountFilter:
    """The accounts that money can go to from there."""
    return AccountFilter(book=source.book, currency=source.currency) if source else AccountFilter()


def _open_account(_desk: Desk, key: str) -> OpenAccount:
    name = field("name", key)
    if not name:
        raise FormIncomplete("Give the account a name, so that others find it.")
    return OpenAccount(
        key=key,
        book=Book(field("book", key)),
        currency=field("currency", key),
        type=AccountType(field("type", key)),
        allows_overdraft=field("overdraft", key),
        metadata={"name": name},
    )


def _show_entry(event: LedgerEvent) -> None:
    address.show_entry(event.id)


def _show_account(event: LedgerEvent) -> None:
    assert isinstance(event.fact, AccountOpened)
    address.show_account(event.fact.account_id)
