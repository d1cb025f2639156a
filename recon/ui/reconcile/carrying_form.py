"""Whether what stays open lives on in the reconciliation's next run, and when counterparts are due.

Unlike the rules beside it this is kept with the reconciliation, not with the page: it says how runs follow each other.
"""

from __future__ import annotations

import streamlit as st

from recon.calendar import MAX_DAYS
from recon.errors import TieoutError
from recon.model.people import Action
from recon.model.transactions import Side
from recon.queries.carrying import CarrySettings, carrying
from recon.ui.format import SIDES, md
from recon.ui.guard import Desk
from recon.ui.people.allowed import guarded
from recon.workflows.save_carrying import CarryChange, save_carrying

_SAVED = "carrying_saved"


def carrying_form(desk: Desk, name: str | None) -> None:
    """Draw what holds for the reconciliation of that name as a menu, and keep what is changed in it."""
    now = carrying(desk.engine, name) if name else None
    if st.session_state.pop(_SAVED, False):
        st.toast("Saved. The next run goes by it.", icon=":material/check_circle:")
    label = "Open items" if now is None else "Open items: carried" if now.is_on else "Open items: not carried"
    with st.popover(label, icon=":material/redo:", width="content", key="carrying_menu"):
        if name is None or now is None:
            st.caption("Name the reconciliation first: this is kept with it.")
            return
        _form(desk, name, now)


def _form(desk: Desk, name: str, now: CarrySettings) -> None:
    with st.form("carrying_form", border=False, enter_to_submit=False):
        wanted = _inputs(now, f"{name} {_said(now)}")
        may = guarded(desk, Action.RULES)
        if not st.form_submit_button("Save", icon=":material/save:", type="primary", key="carrying_save", **may):
            return
    try:
        save_carrying(desk.engine, reconciliation=name, change=wanted, actor=desk.actor)
    except TieoutError as problem:
        st.error(md(str(problem)), icon=":material/error:")
        return
    st.session_state[_SAVED] = True
    st.rerun()


def _inputs(now: CarrySettings, of: str) -> CarryChange:
    """`of` makes the inputs new ones when they are about something else, or something else holds."""
    is_on = st.toggle(
        "Carry open items forward",
        value=now.is_on,
        key=f"carrying_on {of}",
        help="What finds no counterpart in one run is held against the next run's files too, until it is cleared.",
    )
    calendar = st.text_input(
        "Holiday calendar",
        value=now.calendar,
        max_chars=20,
        placeholder="Monday to Friday",
        key=f"carrying_calendar {of}",
        help="A country (DE), one of its parts (DE-BY) or a market (XNYS, ECB). Empty: Monday to Friday, no holidays.",
    )
    st.caption("Business days until a row's counterpart is due. Until then it is in transit; empty: due at once.")
    days = {}
    for side, column in zip(Side, st.columns(2, gap="small"), strict=True):
        key = f"carrying_{side} {of}"
        st.session_state.setdefault(key, now.due_days[side])  # an input that begins with a value cannot be emptied
        days[side] = column.number_input(
            f"{SIDES[side]} rows",
            min_value=0,
            max_value=MAX_DAYS,
            value=None,
            step=1,
            placeholder="At once",
            key=key,
        )
    return CarryChange(
        is_on=is_on,
        calendar=calendar.strip(),
        source_due_days=days[Side.SOURCE],
        reference_due_days=days[Side.REFERENCE],
        forgets=frozenset(side for side in Side if days[side] is None),
    )


def _said(now: CarrySettings) -> str:
    return f"{now.is_on} {now.calendar} {[now.due_days[side] for side in Side]}"
