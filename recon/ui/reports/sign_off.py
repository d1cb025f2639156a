"""Sign a period off: choose it, see all that would be signed, say why, sign. And open a closed one again."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Final

import pandas as pd
import streamlit as st
from sqlalchemy.exc import DBAPIError

from recon.errors import TieoutError
from recon.model.close import Cell, Close, Section
from recon.model.people_refusals import SecondPersonNeeded
from recon.money import Money, to_display
from recon.queries.closes import standing_close
from recon.ui import states
from recon.ui.after_close import MARK
from recon.ui.approvals.offer import offer, show_offer, take_back
from recon.ui.format import count, counted, md
from recon.ui.guard import Desk
from recon.ui.header import figures as headline
from recon.ui.pager import ROW_HEIGHT, grid_height
from recon.workflows.close_period import close_period, reopen_period
from recon.workflows.gather_close import Gathered, gather_close
from recon.workflows.propose_reopening import propose_reopening

SHOWN: Final = 200
_ANSWER: Final = "close_answer"
_OFFER: Final = "reopening"
_PREVIEW: Final = "close_preview"
Asked = tuple[int, date, date]


def sign_off(desk: Desk, names: dict[int, str], *, may_sign: bool) -> None:
    """Draw the form and, once asked for, what would be signed."""
    last = desk.now.date().replace(day=1) - timedelta(days=1)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="close_form"):
        chosen = st.selectbox(
            "Reconciliation", list(names), format_func=names.__getitem__, key="close_of", width=280, bind="query-params"
        )
        first_on = st.date_input(
            "From", value=last.replace(day=1), key="close_from", format="YYYY-MM-DD", width=150, bind="query-params"
        )
        last_on = st.date_input("To", value=last, key="close_to", format="YYYY-MM-DD", width=150, bind="query-params")
        if first_on > last_on:
            st.caption("The period ends before it begins.")
            return
        asked = (chosen, first_on, last_on)
        if st.button("Preview", icon=":material/visibility:", key="close_preview_button"):
            _gather(desk, names, asked)
    kept = st.session_state.get(_PREVIEW)
    if kept is None or kept[0] != asked:
        states.empty(
            "Nothing is shown yet",
            "Choose a reconciliation and a period, and look at what would be signed.",
            icon=":material/task:",
            height=320,
        )
        return
    _preview(desk, names, asked, kept[1], may_sign=may_sign)


def reopen(desk: Desk, close: Close) -> None:
    """The button that takes a close back."""
    with st.popover("Open again", icon=":material/lock_open:", key=f"reopen_{close.id}"):
        reason = st.text_input("Why", key=f"reopen_why_{close.id}", max_chars=500)
        st.button(
            "Open the period again",
            key=f"reopen_do_{close.id}",
            disabled=not reason.strip(),
            on_click=_answer,
            args=(lambda: _reopened(desk, close, reason),),
        )


def show_answer() -> None:
    """What became of the last click."""
    answer = st.session_state.pop(_ANSWER, None)
    show_offer(_OFFER)
    if isinstance(answer, str):
        if answer:
            st.toast(answer, icon=":material/check_circle:")
    elif answer is not None:
        states.failure(answer)


def _gather(desk: Desk, names: dict[int, str], asked: Asked) -> None:
    number, first_on, last_on = asked
    st.session_state.pop(_PREVIEW, None)
    try:
        found = gather_close(
            desk.engine,
            desk.evidence,
            reconciliation_id=number,
            name=names[number],
            first_on=first_on,
            last_on=last_on,
        )
    except TieoutError as problem:
        states.failure(problem)
        return
    st.session_state[_PREVIEW] = (asked, found, uuid.uuid4().hex)


def _preview(desk: Desk, names: dict[int, str], asked: Asked, found: Gathered, *, may_sign: bool) -> None:
    row = headline(4)
    row.metric("Runs", count(len(found.run_ids)), border=True)
    row.metric("Open items", count(found.open_count), border=True)
    row.metric("Written off or adjusted", count(found.write_off_count), border=True)
    left = {currency: amount for currency, amount in found.unexplained.items() if amount}
    row.metric(
        "Unexplained", " + ".join(to_display(amount, currency) for currency, amount in left.items()) or "0", border=True
    )
    tabs = st.tabs([section.title for section in found.pack.sections])
    for tab, section in zip(tabs, found.pack.sections, strict=True):
        with tab:
            _table(section)
    if not may_sign:
        st.caption(f"{md(desk.actor)} may look. Approvers sign; the Settings page says who they are.")
        return
    number, first_on, last_on = asked
    standing = standing_close(desk.engine, number, first_on=first_on, last_on=last_on)
    if standing is not None:
        days = f"{standing.first_on} to {standing.last_on}"
        st.markdown(
            f":orange-badge[:material/lock: Closed] {md(standing.signed_by)} signed {days} off. Open it again under "
            "Closes, or choose other days."
        )
        return
    _notes(desk, found)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        reason = st.text_input("Why this may be signed", key="close_reason", max_chars=500, width=520)
        st.button(
            "Sign off",
            type="primary",
            icon=":material/draw:",
            key="close_sign",
            disabled=not reason.strip() or bool(left),
            on_click=_answer,
            args=(lambda: _signed(desk, names, asked, found, reason),),
        )
    st.caption(f"Signed is exactly this: sha256 `{found.pack.digest}`.")


def _notes(desk: Desk, found: Gathered) -> None:
    """What whoever signs should know of themselves and of earlier closes."""
    if found.change_count:
        st.markdown(f"{MARK} {counted(found.change_count, 'change')} of signed days since the last sign-off")
    if desk.actor in found.deciders:
        st.caption("You decided some of this yourself; beside your signature the pack says so.")


def _table(section: Section) -> None:
    if section.rows:
        shown = [[_said(cell) for cell in row] for row in section.rows[:SHOWN]]
        frame = pd.DataFrame(shown, columns=list(section.columns))
        figures = [name for place, name in enumerate(section.columns) if section.is_figure(place)]
        config = {name: st.column_config.TextColumn(alignment="right") for name in figures}
        height = grid_height(len(frame), at_most=10)
        st.dataframe(frame, hide_index=True, row_height=ROW_HEIGHT, height=height, column_config=config)
    more = f"The first {count(SHOWN)} of {count(len(section.rows))} rows." if len(section.rows) > SHOWN else ""
    if note := section.note or more:
        st.caption(note)


def _said(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case Money():
            return to_display(cell.amount, cell.currency)
        case int():
            return count(cell)
        case _:
            return str(cell)


def _signed(desk: Desk, names: dict[int, str], asked: Asked, found: Gathered, reason: str) -> str:
    number, first_on, last_on = asked
    close_period(
        desk.engine,
        desk.evidence,
        reconciliation_id=number,
        name=names[number],
        first_on=first_on,
        last_on=last_on,
        shown_digest=found.pack.digest,
        reason=reason,
        action_key=f"close-{st.session_state[_PREVIEW][2]}",
        actor=desk.actor,
    )
    st.session_state.pop(_PREVIEW, None)
    return "Signed off. The pack is under Closes."


def _reopened(desk: Desk, close: Close, reason: str) -> str:
    try:
        reopen_period(desk.engine, close.id, reason=reason, action_key=f"reopen-{close.id}", actor=desk.actor)
    except SecondPersonNeeded as problem:
        key = f"reopen-{close.id}-{uuid.uuid4().hex}"  # one that was rejected can be proposed again
        ask = partial(propose_reopening, desk.engine, close.id, reason=reason, action_key=key, actor=desk.actor)
        offer(_OFFER, problem, ask)
        return ""
    return "The period is open again."


def _answer(do: Callable[[], str]) -> None:
    take_back(_OFFER)
    try:
        st.session_state[_ANSWER] = do()
    except (TieoutError, DBAPIError) as problem:
        st.session_state[_ANSWER] = problem
