"""What resolving would put into the books, shown before it is done, and how something adjusted was corrected.

Rule it keeps: nothing is posted that was not shown, with its accounts and its side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

import streamlit as st

from recon.model.correction import Booking, Correction
from recon.model.triage import Resolution
from recon.queries.ledger import entry
from recon.queries.ledger_accounts import AccountFilter, names_of
from recon.queries.write_offs import Planned
from recon.ui.format import counted, day, md, money
from recon.ui.guard import Desk
from recon.ui.ledger.account_choice import choose_account, offered
from recon.ui.ledger.journal import moved
from recon.ui.triage.answer import command_key

LEDGER: Final = "pages/ledger.py"
WORKBENCH: Final = "pages/workbench.py"

HOW: Final = {
    Booking.POSTED: "Post it now",
    Booking.NAMED: "Name its entry",
    Booking.ELSEWHERE: "Elsewhere",
}
"""How something adjusted was put right."""

LINE_HEIGHT: Final = 26
CHOICE_HEIGHT: Final = 48
_CORRECTION: Final = "decision_correction"
_SHOWN: Final = 3
"""Currencies shown; more are told."""


def booking_height(resolution: Resolution | None, currency_count: int) -> int:
    """Pixels `booking_inputs` takes."""
    lines = min(currency_count, _SHOWN) * LINE_HEIGHT
    match resolution:
        case Resolution.WRITTEN_OFF:
            return lines + LINE_HEIGHT
        case Resolution.ADJUSTED:
            return 2 * CHOICE_HEIGHT + 2 * LINE_HEIGHT + lines
        case _:
            return 0


def booking_inputs(desk: Desk, run_id: int, resolution: Resolution | None, found: Sequence[Planned]) -> None:
    """What is to be booked, and for an adjustment how it was corrected; nothing for other reasons."""
    st.session_state[_CORRECTION] = None
    if resolution is Resolution.WRITTEN_OFF:
        with st.container(gap="xxsmall", key="booking"):
            _write_off(desk, run_id, found)
    elif resolution is Resolution.ADJUSTED:
        with st.container(gap="xsmall", key="booking"):
            st.session_state[_CORRECTION] = _adjustment(desk, found)


def correction_shown(resolution: Resolution | None) -> Correction | None:
    """How it was corrected, as it stands on the page."""
    shown: Correction | None = st.session_state.get(_CORRECTION)
    return shown if resolution is Resolution.ADJUSTED else None


def told_entry(desk: Desk, found: Sequence[Planned], correction: Correction | None = None) -> None:
    """One line a currency: what is posted, and where."""
    places = {part.currency: _places(part, correction) for part in found}
    names = names_of(desk.engine, [id_ for pair in places.values() if pair for id_ in pair])
    for part in found[:_SHOWN]:
        _line(part, places[part.currency], names)
    if len(found) > _SHOWN:
        st.caption(f"and {counted(len(found) - _SHOWN, 'currency', 'currencies')} more")


def _places(part: Planned, correction: Correction | None) -> tuple[UUID, UUID] | None:
    """The accounts chosen, else those named for the currency."""
    if correction is not None and correction.accounts is not None:
        return correction.accounts
    named = part.accounts
    return None if named is None else (named.account_id, named.counter_account_id)


def _write_off(desk: Desk, run_id: int, found: Sequence[Planned]) -> None:
    told_entry(desk, found)
    if any(part.accounts is None and part.net for part in found):
        st.page_link(
            WORKBENCH,
            label="Name accounts for write-offs",
            icon=":material/account_balance:",
            query_params={"run": str(run_id), "view": "Decided"},
        )


def _adjustment(desk: Desk, found: Sequence[Planned]) -> Correction:
    key = command_key()
    how = st.segmented_control(
        "How it was corrected",
        list(HOW),
        default=Booking.POSTED,
        required=True,
        format_func=HOW.__getitem__,
        key=f"how_{key}",
        label_visibility="collapsed",
        width="stretch",
    )
    match how:
        case Booking.NAMED:
            return _named(desk, key)
        case Booking.ELSEWHERE:
            st.caption("Say in the comment where it was corrected. Nothing is posted.")
            return Correction()
        case _:
            return _posted(desk, found, key)


def _posted(desk: Desk, found: Sequence[Planned], key: str) -> Correction:
    """Of one currency the accounts can be chosen; of several each has those that are named for it."""
    if len(found) != 1:
        told_entry(desk, found)
        return Correction(booking=Booking.POSTED)
    (part,) = found
    wanted = AccountFilter(currency=part.currency)
    accounts = offered(desk, wanted)
    named = (part.accounts.account_id, part.accounts.counter_account_id) if part.accounts else (None, None)
    is_gain = part.net < 0
    chosen: list[UUID | None] = []
    labels = ("Credit", "Debit") if is_gain else ("Debit", "Credit")
    for column, label, id_, name in zip(st.columns(2, gap="small"), labels, named, ("account", "counter"), strict=True):
        place = f"adjust_{name}_{part.currency}_{key}"
        if id_ in accounts:
            st.session_state.setdefault(place, id_)
        with column:
            row = choose_account(desk, label, accounts, key=place, wanted=wanted)
        chosen.append(row.id if row else None)
    account, counter = chosen
    if account is None or counter is None:
        st.caption(f":orange[Choose what is debited and what is credited: {md(money(abs(part.net), part.currency))}.]")
        return Correction(booking=Booking.POSTED)
    correction = Correction(booking=Booking.POSTED, accounts=(account, counter))
    told_entry(desk, found, correction)
    return correction


def _named(desk: Desk, key: str) -> Correction:
    left, right = st.columns([2, 3], gap="small", vertical_alignment="center")
    number = left.number_input(
        "Journal entry",
        min_value=1,
        value=None,
        step=1,
        format="%d",
        key=f"corrected_by_{key}",
        placeholder="Entry no.",
        label_visibility="collapsed",
    )
    found = entry(desk.engine, int(number)) if number else None
    if found is not None:
        what = " ".join(moved(found))
        state = " · :orange[reversed]" if found.reversed_by is not None else ""
        right.caption(f"{md(what)} · booked {day(found.booked_on)}{state}")
    elif number:
        right.caption(":orange[There is no such entry.]")
    else:
        right.caption("The entry that corrected it. It stays when this is reopened.")
    return Correction(booking=Booking.NAMED, entry_id=int(number) if number else None)


def _line(part: Planned, accounts: tuple[UUID, UUID] | None, names: Mapping[UUID, str]) -> None:
    held = f" · {counted(part.held_count, 'is', 'are')} written off in another run already" if part.held_count else ""
    if not part.losses and not part.gains:
        st.caption(f"Nothing to post in {part.currency}{held}")
        return
    if accounts is None:
        size = md(money(part.net, part.currency))
        st.caption(f":orange[:material/receipt_long: {size} is kept, and not posted: no accounts are named]{held}")
        return
    account, counter = (md(names.get(id_, str(id_)[:8])) for id_ in accounts)
    debit, credit = (account, counter) if part.net >= 0 else (counter, account)
    both = (
        f" (losses {md(money(part.losses, part.currency))}, gains {md(money(-part.gains, part.currency))})"
        if part.losses and part.gains
        else ""
    )
    size = md(money(abs(part.net), part.currency))
    st.caption(f":material/receipt_long: Posts **{size}**: debit {debit}, credit {credit}{both}{held}")
