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
from recon.workflows.post_write_off import BOOKED

LEDGER: Final = "pages/ledger.py"
WORKBENCH: Final = "pages/workbench.py"

HOW: Final = {
    Booking.POSTED: "Post it now",
    Booking.NAMED: "Name its entry",
    Booking.ELSEWHERE: "Elsewhere",
}
"""How something adjusted was put right."""

_LINE_HEIGHT: Final = 38
_CORRECTION: Final = "decision_correction"
_SHOWN: Final = 3
"""Currencies shown; more are told."""


def booking_height(resolution: Resolution | None, currency_count: int) -> int:
    """Pixels `booking_inputs` takes."""
    if resolution not in BOOKED:
        return 0
    beside = _LINE_HEIGHT // 2 if resolution is Resolution.ADJUSTED else 0  # lines wrap beside the way to change them
    return min(currency_count, _SHOWN) * (_LINE_HEIGHT + beside)


def booking_inputs(desk: Desk, run_id: int, resolution: Resolution | None, found: Sequence[Planned]) -> None:
    """What is to be booked, and for an adjustment how it was corrected; nothing for other reasons."""
    st.session_state[_CORRECTION] = None
    if resolution is Resolution.WRITTEN_OFF:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="booking"):
            _write_off(desk, run_id, found)
    elif resolution is Resolution.ADJUSTED:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="booking"):
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
    with st.container(gap="xxsmall", width="stretch"):
        told_entry(desk, found)
    if any(part.accounts is None and (part.losses or part.gains) for part in found):
        st.page_link(
            WORKBENCH,
            label="Name them",
            icon=":material/account_balance:",
            query_params={"run": str(run_id), "view": "Decided"},
        )


def _adjustment(desk: Desk, found: Sequence[Planned]) -> Correction:
    """What is done in a line, and the way to change it."""
    told = st.container(gap="xxsmall", width="stretch")
    with st.popover("How", icon=":material/tune:", type="tertiary", key="how_corrected", width="content"):
        correction = _choice(desk, found)
    with told:
        _told(desk, found, correction)
    return correction


def _choice(desk: Desk, found: Sequence[Planned]) -> Correction:
    key = command_key()
    how = st.segmented_control(
        "How it was corrected",
        list(HOW),
        default=Booking.POSTED,
        required=True,
        format_func=HOW.__getitem__,
        key=f"how_{key}",
        width="stretch",
    )
    match how:
        case Booking.NAMED:
            return Correction(booking=Booking.NAMED, entry_id=_entry_number(key))
        case Booking.ELSEWHERE:
            st.caption("Nothing is posted here. Say in the comment where it was corrected.")
            return Correction()
        case _:
            return Correction(booking=Booking.POSTED, accounts=_accounts(desk, found, key))


def _told(desk: Desk, found: Sequence[Planned], correction: Correction) -> None:
    match correction.booking:
        case Booking.NAMED:
            st.caption(_told_name(desk, correction.entry_id))
        case Booking.ELSEWHERE:
            st.caption("Corrected elsewhere: the comment says where")
        case _:
            told_entry(desk, found, correction)


def _told_name(desk: Desk, entry_id: int | None) -> str:
    if entry_id is None:
        return ":orange[Give the number of the entry that corrected it]"
    found = entry(desk.engine, entry_id)
    if found is None:
        return f":orange[There is no entry {entry_id}]"
    if found.reversed_by is not None:
        return f":orange[Entry {entry_id} is reversed]"
    what = " ".join(moved(found))
    return f"Corrected by entry {entry_id}: **{md(what)}**, booked {day(found.booked_on)}"


def _entry_number(key: str) -> int | None:
    number = st.number_input(
        "Journal entry", min_value=1, value=None, step=1, format="%d", key=f"corrected_by_{key}", placeholder="Number"
    )
    st.caption("It stays when this is reopened: it was not posted for it.")
    return int(number) if number else None


def _accounts(desk: Desk, found: Sequence[Planned], key: str) -> tuple[UUID, UUID] | None:
    """Of one currency they can be chosen; of several each has those that are named for it."""
    if len(found) != 1:
        st.caption("Each currency is posted to the accounts named for it.")
        return None
    (part,) = found
    wanted = AccountFilter(currency=part.currency)
    offers = offered(desk, wanted)
    named = (part.accounts.account_id, part.accounts.counter_account_id) if part.accounts else (None, None)
    chosen: list[UUID | None] = []
    labels = ("Credit", "Debit") if part.net < 0 else ("Debit", "Credit")
    for label, id_, name in zip(labels, named, ("account", "counter"), strict=True):
        place = f"adjust_{name}_{part.currency}_{key}"
        if id_ in offers:
            st.session_state.setdefault(place, id_)
        row = choose_account(desk, label, offers, key=place, wanted=wanted)
        chosen.append(row.id if row else None)
    account, counter = chosen
    return None if account is None or counter is None else (account, counter)


def told_booking(
    losses: int, gains: int, currency: str, accounts: tuple[UUID, UUID] | None, names: Mapping[UUID, str]
) -> str:
    """What is posted in one currency, and where, as Markdown."""
    net = losses + gains
    if not losses and not gains:
        return f"Nothing to post in {currency}"
    if accounts is None:
        return f":orange[:material/receipt_long: {md(money(net, currency))}: no accounts are named]"
    account, counter = (md(names.get(id_, str(id_)[:8])) for id_ in accounts)
    debit, credit = (account, counter) if net >= 0 else (counter, account)
    both = f" (losses {md(money(losses, currency))}, gains {md(money(-gains, currency))})" if losses and gains else ""
    return f":material/receipt_long: Posts **{md(money(abs(net), currency))}**: debit {debit}, credit {credit}{both}"


def _line(part: Planned, accounts: tuple[UUID, UUID] | None, names: Mapping[UUID, str]) -> None:
    held = f" · {counted(part.held_count, 'is', 'are')} written off in another run already" if part.held_count else ""
    st.caption(told_booking(part.losses, part.gains, part.currency, accounts, names) + held)
