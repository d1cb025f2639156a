"""Beside the suggestions: confirm or reject what is ticked, and see the rows of one, of which one may be taken."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from functools import partial
from typing import Final

import streamlit as st

from recon.model.people import Action
from recon.model.settlement import OpenRow, SettleMove
from recon.model.transactions import Side
from recon.queries.suggested_rows import SuggestedGroup, rows_suggested, suggestion_ids
from recon.ui.format import NONE, SIDES, clip, count, counted, day, md, money
from recon.ui.guard import Desk
from recon.ui.people.allowed import guarded
from recon.ui.workbench import address, doing
from recon.workflows.confirm_suggestions import AT_ONCE, Answered, confirm_suggestions, reject_suggestions
from recon.workflows.propose_confirmation import propose_confirmation

_ROWS_SHOWN: Final = 8


def panel(desk: Desk, run_id: int, ticked: Sequence[SuggestedGroup], total: int) -> None:
    """Draw it; `total`: the suggestions that wait, on all pages."""
    ids = tuple(group.discrepancy_id for group in ticked)
    st.markdown(f"**{counted(len(ids), 'suggestion')} ticked**" if ids else "**Tick what you agree with**")
    st.text_input(
        "Note", key=doing.note_key(), placeholder="Note, kept with each", label_visibility="collapsed", max_chars=500
    )
    many = f" {count(len(ids))}" if len(ids) > 1 else ""
    confirm, reject = st.columns(2, gap="xsmall")
    confirm.button(
        f"Confirm{many}",
        icon=":material/check:",
        type="primary",
        shortcut="M",
        key="suggested_confirm",
        width="stretch",
        **guarded(desk, Action.MATCH, disabled=not ids or (len(ids) == 1 and ticked[0].is_choice)),
        on_click=_confirm,
        args=(desk, run_id, ids),
    )
    reject.button(
        f"Reject{many}",
        icon=":material/close:",
        shortcut="X",
        key="suggested_reject",
        width="stretch",
        **guarded(desk, Action.MATCH, disabled=not ids, help="They are never paired with each other again"),
        on_click=_reject,
        args=(desk, run_id, ids),
    )
    if len(ids) == 1:
        _rows(desk, run_id, ticked[0])
    elif not ids:
        st.button(
            f"Confirm all {count(min(total, AT_ONCE))} that tie out" if total > 1 else "Confirm it",
            icon=":material/done_all:",
            key="suggested_all",
            width="stretch",
            on_click=_confirm_all,
            args=(desk, run_id),
            **guarded(desk, Action.MATCH),
        )
        st.caption("Confirmed are those whose sides tie out within the tolerance of the rules. The others stay here.")


def _rows(desk: Desk, run_id: int, group: SuggestedGroup) -> None:
    """Both sides of one suggestion, line by line; where they are too many, what belongs together is chosen of them."""
    rows = rows_suggested(desk.engine, run_id, [group.discrepancy_id])
    if group.is_choice:
        st.caption("Only one of these belongs to it. Take that one.")
    elif rows and not group.ties_out and len(rows) > 2:
        st.caption("As a whole it does not tie out. Choose which of its rows belong together.")
    one = next((row for row in rows if sum(other.side is row.side for other in rows) == 1), None)
    partners = [row for row in rows if group.is_choice and one is not None and row.side is not one.side]
    for row in rows[:_ROWS_SHOWN]:
        with st.container(gap=None):
            st.markdown(f"{SIDES[row.side]} · **{md(money(row.open_amount, row.currency))}** · {day(row.date)}")
            st.caption(md(clip(f"{row.reference or NONE} · {row.text or NONE}", 80)))
        if one is not None and row in partners:
            _take(desk, run_id, partners.index(row) + 1, one, row)
    if len(rows) > _ROWS_SHOWN:
        st.caption(f"and {counted(len(rows) - _ROWS_SHOWN, 'row')} more")
    if rows and not group.ties_out and len(rows) > 2:
        st.button(
            "Choose among its rows",
            icon=":material/arrow_forward:",
            shortcut="O",
            key="suggested_choose",
            width="stretch",
            help="On the rows, with all that is open beside it",
            on_click=_choose,
            args=(rows[0].side, rows[0].line),
        )


def _take(desk: Desk, run_id: int, place: int, one: OpenRow, partner: OpenRow) -> None:
    """The way to match one row with one of its possible partners."""
    st.button(
        "Match with this one",
        icon=":material/join_inner:",
        shortcut=str(place),
        key=f"suggested_take_{place}",
        on_click=doing.settle,
        args=(desk, run_id, SettleMove.MATCH, (one.seen, partner.seen)),
    )


def _choose(side: Side, line: int) -> None:
    """Go to the rows, with the first of the suggestion chosen and the other side sorted by it."""
    address.only(side, line)
    st.query_params["view"] = "Rows"


def _confirm(desk: Desk, run_id: int, ids: tuple[int, ...]) -> None:
    key = doing.command_key()

    def act() -> str:
        found = confirm_suggestions(desk.engine, run_id, ids, actor=desk.actor, action_key=key)
        return _said(found, "Confirmed", run_id, key)

    ask = partial(propose_confirmation, desk.engine, run_id, ids, actor=desk.actor, action_key=uuid.uuid4().hex)
    doing.carry_out(act, propose_it=ask)


def _confirm_all(desk: Desk, run_id: int) -> None:
    _confirm(desk, run_id, suggestion_ids(desk.engine, run_id, limit=AT_ONCE))


def _reject(desk: Desk, run_id: int, ids: tuple[int, ...]) -> None:
    key, note = doing.command_key(), doing.note()

    def act() -> str:
        found = reject_suggestions(desk.engine, run_id, ids, reason=note, actor=desk.actor, action_key=key)
        return _said(found, "Rejected", run_id, key)

    doing.carry_out(act)


def _said(found: Answered, verb: str, run_id: int, key: str) -> str:
    if found.done_count:
        told = counted(found.done_count, "answer")
        doing.remember(doing.Last(told=told, run_id=run_id, action_key=key))
    parts = [f"{verb} {counted(found.done_count, 'suggestion')}."]
    if found.choice_count:
        parts.append(f"{count(found.choice_count)} do not tie out as a whole: choose among their rows.")
    if found.changed_count:
        parts.append(f"On {count(found.changed_count)} somebody was faster.")
    return " ".join(parts)
