"""One write-off or adjustment: how much, why, by whom, and the ways to its entry and to where it was decided."""

from __future__ import annotations

from typing import Final

import streamlit as st

from recon.model.correction import Booking
from recon.queries.write_off_list import Listed, matched_in
from recon.queries.write_offs import Booked
from recon.ui.format import NONE, clip, instant, md, money
from recon.ui.guard import Desk
from recon.ui.ledger import address, parts
from recon.ui.links import TRIAGE, WORKBENCH

RESOLVED: Final = {"written_off": "Written off", "adjusted": "Adjusted"}


def write_off_panel(desk: Desk, found: Listed) -> None:
    """Draw it."""
    booked = found.booked
    with parts.title(RESOLVED[booked.resolution], _state(booked)):
        pass
    st.metric("Source less reference", money(booked.amount, booked.currency))
    parts.facts(
        ("Of", md(clip(found.text, 80)) or source(found)),
        ("Why", md(clip(found.reason, 300)) or NONE),
        ("Decided", f"{instant(booked.at)} by {md(clip(booked.actor, 60))}"),
        *_back(booked),
    )
    if booked.taken_back_at is None and (run_id := matched_in(desk.engine, booked.id)) is not None:
        st.markdown(f":orange-badge[Counterpart came] in run {run_id}: reopen it, and its entry is reversed")
    for label, entry_id in (("Entry", booked.entry_id), ("Reversed by entry", booked.reversal_id)):
        if entry_id is not None:
            st.button(
                f"{label} {entry_id}",
                icon=":material/receipt_long:",
                key=f"written_{entry_id}",
                on_click=address.show_entry,
                args=(entry_id,),
            )
    _where(found)


def source(found: Listed) -> str:
    """The number of what it was decided about."""
    booked = found.booked
    return f"Decision {booked.decision_id}" if booked.decision_id is not None else f"#{booked.discrepancy_id}"


def _state(booked: Booked) -> str:
    if booked.taken_back_at is not None:
        return ":gray-badge[Taken back]"
    if booked.waits:
        return ":orange-badge[Not posted]"
    match booked.booking:
        case Booking.ELSEWHERE:
            return ":gray-badge[Elsewhere]"
        case _:
            return ":green-badge[In the books]" if booked.entry_id else ":gray-badge[Nothing to post]"


def _back(booked: Booked) -> list[tuple[str, str]]:
    if booked.taken_back_at is None:
        return []
    return [("Taken back", f"{instant(booked.taken_back_at)} by {md(clip(booked.taken_back_by or '', 60))}")]


def _where(found: Listed) -> None:
    booked, place = found.booked, f"{md(clip(found.reconciliation, 32))}, run {found.booked.run_id}"
    if booked.discrepancy_id is not None:
        to = {"run": str(booked.run_id), "d": str(booked.discrepancy_id)}
        st.page_link(TRIAGE, label=f"{place}: #{booked.discrepancy_id}", icon=":material/rule:", query_params=to)
    else:
        to = {"run": str(booked.run_id), "view": "Decided"}
        label = f"{place}: decision {booked.decision_id}"
        st.page_link(WORKBENCH, label=label, icon=":material/join_inner:", query_params=to)
