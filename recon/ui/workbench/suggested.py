"""Suggestions, many at a time: what the engine would not book by itself is confirmed or rejected by ticks."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from functools import partial
from typing import Final

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from recon.model.people import Action
from recon.model.settlement import OpenRow, SettleMove
from recon.model.transactions import Side
from recon.queries.suggested_rows import (
    SuggestedGroup,
    rows_suggested,
    suggestion_count,
    suggestion_ids,
    suggestions,
)
from recon.ui.format import NONE, SIDES, clip, count, counted, day, figure, md, money
from recon.ui.guard import Desk
from recon.ui.pager import ROW_HEIGHT, fingerprint, pager
from recon.ui.people.allowed import guarded
from recon.ui.workbench import address, doing
from recon.workflows.confirm_suggestions import AT_ONCE, Answered, confirm_suggestions, reject_suggestions
from recon.workflows.propose_confirmation import propose_confirmation

PAGE_SIZE: Final = 50
GRID_KEY: Final = "suggested_grid_key"
_HEIGHT: Final = 17 * ROW_HEIGHT + 2
_PAGE: Final = "suggested_page"
_AT: Final = "suggested_at"
_REVISION: Final = "suggested_revision"
_ROWS_SHOWN: Final = 8


def suggested(desk: Desk, run_id: int, *, top: DeltaGenerator) -> None:
    """Draw them, with what may be done beside them; `top` is the row for what moves on to others."""
    total = suggestion_count(desk.engine, run_id)
    left, right = st.columns([74, 26], gap="small")
    with left:
        summary, place = st.container(), st.container()
        offset = pager(total, key=_PAGE, page_size=PAGE_SIZE)
        summary.caption(f"**{counted(total, 'suggestion')}** · those that tie out first, the surest on top")
        groups = suggestions(desk.engine, run_id, limit=PAGE_SIZE, offset=offset)
        with place:
            ticked = _grid(groups, offset) if groups else _nothing()
    with right.container(border=True, key="suggested_panel", gap="small", height=_HEIGHT + 40):
        doing.show_answer(desk)
        if total:
            _panel(desk, run_id, ticked, total)
    with top:
        _steps(total)


def _grid(groups: Sequence[SuggestedGroup], offset: int) -> list[SuggestedGroup]:
    drawn = [group.discrepancy_id for group in groups], doing.command_key(), st.session_state.get(_REVISION, 0)
    key = f"suggested_{fingerprint(drawn)}"
    st.session_state[GRID_KEY] = key
    at = st.session_state.get(_AT)
    here = None if at is None else max(min(at - offset, len(groups) - 1), 0)
    text = st.column_config.TextColumn
    event = st.dataframe(
        frame(groups),
        key=key,
        on_select=lambda: st.session_state.pop(_AT, None),
        selection_mode="multi-row",
        selection_default=None if here is None else {"selection": {"rows": [here]}},
        hide_index=True,
        height=_HEIGHT,
        row_height=ROW_HEIGHT,
        placeholder=NONE,
        alt="Suggestions on this page",
        column_config={
            "Rows": text(width=52, help="Source rows : reference rows"),
            "Date": st.column_config.DateColumn(format="DD MMM", width=62),
            **{name: text(alignment="right", width=96) for name in ("Source", "Reference", "Difference")},
            "Ccy": text(width=46),
            "Sure": text(alignment="right", width=52),
            "Source text": text(width=170),
            "Reference text": text(width=170),
        },
    )
    return [groups[place] for place in event.selection.rows if place < len(groups)]


def frame(groups: Sequence[SuggestedGroup]) -> pd.DataFrame:
    """The grid's cells."""
    return pd.DataFrame(
        {
            "Rows": [f"{group.source_count}:{group.reference_count}" for group in groups],
            "Date": [group.date for group in groups],
            "Source": [_sum(group, group.source) for group in groups],
            "Reference": [_sum(group, group.reference) for group in groups],
            "Difference": [
                "choose" if group.is_choice else _sum(group, group.difference) if group.difference else NONE
                for group in groups
            ],
            "Ccy": ["mixed" if group.is_mixed else group.currency for group in groups],
            "Sure": [NONE if group.confidence is None else f"{group.confidence:.2f}" for group in groups],
            "Source text": [clip(group.text or NONE, 80) for group in groups],
            "Reference text": [clip(group.reference_text or NONE, 80) for group in groups],
        }
    )


def _sum(group: SuggestedGroup, amount: int) -> str:
    return NONE if group.is_mixed else figure(amount, group.currency)


def _panel(desk: Desk, run_id: int, ticked: Sequence[SuggestedGroup], total: int) -> None:
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


def _steps(total: int) -> None:
    """The keys that tick one suggestion after another."""
    at = st.session_state.get(_AT)
    for label, shortcut, to in (
        ("Previous", "K", None if at is None else at - 1),
        ("Next", "J", 0 if at is None else at + 1),
    ):
        st.button(
            label,
            shortcut=shortcut,
            key=f"suggested_step_{shortcut}",
            type="tertiary",
            disabled=to is None or not 0 <= to < total,
            on_click=_step,
            args=(to,),
        )


def _step(to: int) -> None:
    st.session_state[_AT] = to
    st.session_state[_PAGE] = to // PAGE_SIZE + 1
    st.session_state[_REVISION] = st.session_state.get(_REVISION, 0) + 1


def _choose(side: Side, line: int) -> None:
    """Go to the rows, with the first of the suggestion chosen and the other side sorted by it."""
    address.only(side, line)
    st.query_params["view"] = "Rows"


def _nothing() -> list[SuggestedGroup]:
    with st.container(
        border=True, height=_HEIGHT, horizontal_alignment="center", vertical_alignment="center", key="suggested_nothing"
    ):
        st.markdown("##### :material/task_alt: No suggestion waits", width="content")
        st.caption("Each is confirmed or rejected. What is still open is among the rows.", width="content")
    return []


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
