"""Where write-offs of a reconciliation are posted: a table by currency, and the form that names the accounts."""

from __future__ import annotations

from uuid import UUID

import streamlit as st

from recon.model.ledger import Book
from recon.model.people import Action
from recon.queries.ledger_accounts import AccountFilter, AccountRow, names_of
from recon.queries.open_rows import currencies_of
from recon.queries.write_offs import write_off_accounts
from recon.ui.format import md
from recon.ui.guard import Desk
from recon.ui.ledger.account_choice import choose_account, offered
from recon.ui.ledger.look import BOOKS
from recon.ui.people.allowed import guarded
from recon.ui.workbench import doing
from recon.workflows.name_write_off_accounts import name_write_off_accounts


def accounts(desk: Desk, run_id: int) -> None:
    """Draw both."""
    named = write_off_accounts(desk.engine, run_id)
    with st.container(border=True, gap="xsmall", key="write_off_accounts"):
        st.markdown("**Accounts for write-offs**")
        names = names_of(desk.engine, [id_ for one in named for id_ in (one.account_id, one.counter_account_id)])
        for one in named:
            st.caption(
                f"**{one.currency}** · {md(names[one.account_id])} against {md(names[one.counter_account_id])}"
                f" · {md(BOOKS[Book(one.book)])}"
            )
        missing = [code for code in currencies_of(desk.engine, run_id) if code not in {one.currency for one in named}]
        if missing:
            st.caption(f"None for {', '.join(missing)}: a write-off is recorded there, and not posted.")
        may = guarded(desk, Action.LEDGER)
        icon = ":material/account_balance:"
        with st.popover("Name accounts", icon=icon, key="name_accounts", width="content", **may):
            _form(desk, run_id)


def _form(desk: Desk, run_id: int) -> None:
    left, right = st.columns(2, gap="small")
    currency = left.selectbox("Currency", currencies_of(desk.engine, run_id), key="write_off_currency")
    book = right.selectbox("Book", list(BOOKS), format_func=BOOKS.__getitem__, key="write_off_book")
    wanted = AccountFilter(book=Book(book), currency=currency)
    found = offered(desk, wanted)
    account = choose_account(desk, "Losses are a debit of", found, key=f"write_off_to_{currency}_{book}", wanted=wanted)
    counter = choose_account(desk, "Against", found, key=f"write_off_from_{currency}_{book}", wanted=wanted)
    st.button(
        "Save",
        key="write_off_save",
        type="primary",
        disabled=account is None or counter is None,
        on_click=_save,
        args=(desk, run_id, currency, book, account, counter),
    )


def _save(
    desk: Desk, run_id: int, currency: str, book: str, account: AccountRow | None, counter: AccountRow | None
) -> None:
    def act() -> str:
        assert account is not None
        assert counter is not None
        ids: tuple[UUID, UUID] = (account.id, counter.id)
        name_write_off_accounts(desk.engine, run_id, currency=currency, book=Book(book), accounts=ids, actor=desk.actor)
        return f"Write-offs in {currency} are posted from now on."

    doing.carry_out(act)
