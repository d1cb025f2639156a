"""What stands in the books for a discrepancy: the entry, the way to it, or why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from recon.model.correction import Booking
from recon.queries.write_off_list import matched_in
from recon.queries.write_offs import Booked, booked_of
from recon.ui.format import md, money, when
from recon.ui.guard import Desk
from recon.ui.triage.books import LEDGER

_SHOWN: Final = 3
WORDS: Final = {"written_off": "Written off", "adjusted": "Adjusted"}


def booked(desk: Desk, discrepancy_id: int, run_id: int) -> None:
    """Nothing where nothing was ever written off or adjusted."""
    found = [one for one in booked_of(desk.engine, discrepancy_id) if one.booking is not Booking.FOLLOWS]
    for one in _to_show(found):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"booked_{one.id}"):
            st.markdown(_told(one, run_id), width="stretch")
            _links(one)
        if one.taken_back_at is None and (came_in := matched_in(desk.engine, one.id)) is not None:
            st.markdown(f":orange-badge[Counterpart came] in run {came_in}: reopen this, and its entry is reversed")
        if one.taken_back_at is not None:
            st.caption(f"Taken back by **{md(one.taken_back_by)}** {when(one.taken_back_at, now=desk.now)}")


def entry_link(entry_id: int, label: str | None = None) -> None:
    """To an entry on the Ledger page."""
    to = {"tab": "Journal", "entry": str(entry_id)}
    st.page_link(LEDGER, label=label or f"Entry {entry_id}", icon=":material/receipt_long:", query_params=to)


def _to_show(found: Sequence[Booked]) -> Sequence[Booked]:
    """What stands; else what was taken back last."""
    standing = [one for one in found if one.taken_back_at is None]
    return (standing or list(found[:1]))[:_SHOWN]


def _told(one: Booked, run_id: int) -> str:
    what = f"{WORDS[one.resolution]} **{md(money(one.amount, one.currency))}**"
    where = f" in run {one.run_id}" if one.run_id != run_id else ""
    if one.waits:
        return f":orange-badge[Not posted] {what}{where}"
    if one.booking is Booking.ELSEWHERE:
        return f":gray-badge[Elsewhere] {what}{where}: the comment says where"
    badge = ":gray-badge[Reversed]" if one.reversal_id else ":green-badge[In the books]"
    return f"{badge} {what}{where}" if one.entry_id else f":gray-badge[Nothing to post] {what}{where}"


def _links(one: Booked) -> None:
    if one.entry_id is not None:
        entry_link(one.entry_id)
    if one.reversal_id is not None:
        entry_link(one.reversal_id, f"Reversed by {one.reversal_id}")
    if one.waits:
        to = {"tab": "Write-offs", "written_off": "Without an entry"}
        st.page_link(LEDGER, label="No accounts named", icon=":material/account_balance:", query_params=to)
