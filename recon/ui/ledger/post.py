"""The form that posts an entry by hand: lines with an account and a debit or a credit, and what is left over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Final
from uuid import UUID

import streamlit as st

from recon.model.ledger import Book, PostEntry, WantedLine
from recon.queries.ledger_accounts import AccountFilter, AccountRow
from recon.ui.format import md
from recon.ui.guard import Desk
from recon.ui.ledger import address
from recon.ui.ledger.account_choice import choose_account, chosen_account, offered
from recon.ui.ledger.forms import NOTE_LIMIT, described, form_title, submit
from recon.ui.ledger.look import BOOKS
from recon.ui.ledger.sending import FormIncomplete, command_key, field, refusal, send

LINES_AT_FIRST: Final = 2
LINES_AT_MOST: Final = 20
"""By hand; longer entries are imported."""

SIDES: Final = ("Debit", "Credit")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    account: AccountRow | None
    debit: str
    credit: str

    @property
    def is_blank(self) -> bool:
        return self.account is None and not self.debit and not self.credit

    @property
    def amount(self) -> str:
        """As a command has it: a credit is minus."""
        return self.debit or f"-{self.credit}"


def post_form(desk: Desk) -> None:
    """Draw the form."""
    key = command_key("post")
    form_title("Post an entry")
    left, right = st.columns(2, gap="small")
    left.selectbox("Book", list(BOOKS), format_func=BOOKS.__getitem__, key=f"book_{key}")
    right.date_input("Booked on", value=desk.now.date(), key=f"day_{key}", format="YYYY-MM-DD")
    wanted = AccountFilter(book=Book(field("book", key)))
    found = offered(desk, wanted)
    for number in range(1, _line_count(key) + 1):
        _draw_line(desk, number, key, found, wanted)
    _left_over(_lines(desk, key), key)
    st.text_input("Description", key=f"note_{key}", max_chars=NOTE_LIMIT)
    with st.expander("Where it comes from"):
        st.text_input("Source system", key=f"system_{key}", max_chars=NOTE_LIMIT, placeholder="tieout")
        st.text_input("Its transaction", key=f"txn_{key}", max_chars=NOTE_LIMIT)
    refusal(desk, "post")
    done = partial(
        send, desk, "post", _entry, said="Posted as entry {id}.", then=lambda event: address.show_entry(event.id)
    )
    submit("Post the entry", ":material/receipt_long:", done, key=key)


def _entry(desk: Desk, key: str) -> PostEntry:
    return PostEntry(
        key=key,
        book=Book(field("book", key)),
        lines=_wanted(_lines(desk, key)),
        booked_on=field("day", key),
        source_system=field("system", key) or None,
        source_txn_id=field("txn", key) or None,
        metadata=described(field("note", key)),
    )


def _line_count(key: str) -> int:
    return int(st.session_state.setdefault(f"lines_{key}", LINES_AT_FIRST))


def _draw_line(desk: Desk, number: int, key: str, found: Mapping[UUID, AccountRow], wanted: AccountFilter) -> None:
    with st.container(gap="xxsmall"):
        account = choose_account(
            desk,
            f"Account of line {number}",
            found,
            key=f"account{number}{wanted.book}_{key}",
            wanted=wanted,
            label_visibility="collapsed",
        )
        for place, side in zip(st.columns(2, gap="small"), SIDES, strict=True):
            place.text_input(
                f"{side} of line {number}",
                key=f"{side}{number}_{key}",
                placeholder=f"{side}, {account.currency}" if account else side,
                label_visibility="collapsed",
            )


def _lines(desk: Desk, key: str) -> list[_Line]:
    """What the fields of the lines say now."""
    book = Book(field("book", key))
    wanted = AccountFilter(book=book)
    lines = []
    for number in range(1, _line_count(key) + 1):
        account = chosen_account(desk, key=f"account{number}{book}_{key}", wanted=wanted)
        debit, credit = (field(f"{side}{number}", key) or "" for side in SIDES)
        lines.append(_Line(account=account, debit=debit, credit=credit))
    return lines


def _left_over(lines: Sequence[_Line], key: str) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption(_balance(lines), width="content")
        if len(lines) < LINES_AT_MOST:
            st.button("Add a line", icon=":material/add:", type="tertiary", key="add_line", on_click=_add, args=(key,))


def _balance(lines: Sequence[_Line]) -> str:
    """What the lines come to so far, in each currency; the ledger itself decides."""
    totals: dict[str, Decimal] = {}
    for line in lines:
        if line.account is not None and (line.debit or line.credit):
            try:
                totals[line.account.currency] = totals.get(line.account.currency, Decimal(0)) + Decimal(line.amount)
            except InvalidOperation:
                return ":orange[An amount is not a number]"
    over = [f"{md(f'{total:,}')} {currency}" for currency, total in sorted(totals.items()) if total]
    if over:
        return f":orange[Left over: {', '.join(over)}]"
    return ":green[:material/check_circle: Debits equal credits]" if totals else "Debits must equal credits"


def _wanted(lines: Sequence[_Line]) -> tuple[WantedLine, ...]:
    wanted = []
    for number, line in enumerate(lines, start=1):
        if line.is_blank:
            continue
        if line.account is None:
            raise FormIncomplete(f"Choose the account of line {number}, or clear its amount.")
        if bool(line.debit) == bool(line.credit):
            raise FormIncomplete(f"Give line {number} either a debit or a credit.")
        wanted.append(WantedLine(account_id=line.account.id, amount=line.amount, currency=line.account.currency))
    return tuple(wanted)


def _add(key: str) -> None:
    st.session_state[f"lines_{key}"] += 1
