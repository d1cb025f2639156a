"""Deciding about all that a filter holds: first what is to be done, then what that would change, then it is done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from recon.model.correction import Booking, Correction
from recon.model.people import Action
from recon.model.triage import Command, DiscrepancyStatus, Move
from recon.queries.discrepancies import CurrencySum, DiscrepancyFilter, totals
from recon.queries.write_offs import Planned, planned_sums
from recon.ui.format import clip, count, counted, figure, md
from recon.ui.guard import Desk
from recon.ui.pager import fingerprint
from recon.ui.people.allowed import guarded
from recon.ui.triage.answer import command_key, then_redrawn
from recon.ui.triage.books import booking_inputs, told_entry
from recon.ui.triage.decide import RESOLUTIONS, All, comment_input, drawn_up, reason_input
from recon.workflows.assignees import assignees
from recon.workflows.decide_on_filter import AT_ONCE, can_change
from recon.workflows.post_write_off import BOOKED

_CURRENCIES: Final = 6
"""Lines of figures; the rest is counted."""

_CHOSEN: Final = "queue_whole"
_PENDING: Final = "queue_whole_command"
_VERBS: Final = {Move.RESOLVE: "Resolve", Move.REOPEN: "Reopen", Move.ASSIGN: "Assign", Move.COMMENT: "Comment on"}


def is_chosen(wanted: DiscrepancyFilter) -> bool:
    """Whether the person wants to decide about all of this filter, and not of another."""
    return bool(st.session_state.get(_CHOSEN) == fingerprint(wanted))


def choose_button(wanted: DiscrepancyFilter, total: int) -> None:
    """The way to it, where there is more than one."""
    if total > 1:
        st.button(
            f"Decide on all {count(total)}",
            icon=":material/select_all:",
            key="choose_all",
            help="All pages of what the filters leave",
            on_click=_choose,
            args=(fingerprint(wanted),),
        )


def all_panel(desk: Desk, wanted: DiscrepancyFilter, found: Sequence[CurrencySum]) -> None:
    """Asks what to do with all of it, or shows what that would change and does it."""
    pending: Command | None = st.session_state.get(_PENDING)
    if pending is None:
        _ask(desk, wanted, found)
    else:
        _preview(desk, wanted, pending, found)


def figures(found: Sequence[CurrencySum]) -> None:
    """What they come to, a line a currency."""
    with st.container(gap=None):
        for part in found[:_CURRENCIES]:
            st.caption(
                f"{part.currency}: net **{md(figure(part.net, part.currency))}** · gross "
                f"**{md(figure(part.gross, part.currency))}** · {count(part.count)}"
            )
        if rest := found[_CURRENCIES:]:
            st.caption(
                f"{counted(len(rest), 'more currency', 'more currencies')} · {count(sum(p.count for p in rest))}"
            )


def _ask(desk: Desk, wanted: DiscrepancyFilter, found: Sequence[CurrencySum]) -> None:
    total = sum(part.count for part in found)
    st.subheader(f"All {count(total)} of this filter", anchor=False)
    figures(found)
    if total > AT_ONCE:
        st.caption(f":orange[No more than {count(AT_ONCE)} are done at once. Narrow the filter.]")
    is_open = DiscrepancyStatus.OPEN in (wanted.statuses or tuple(DiscrepancyStatus))
    if is_open:
        booking_inputs(desk, wanted.run_id, reason_input(), _planned(desk, wanted, found))
    with st.form("decision_all", border=False):
        comment_input(is_many=True)
        for column, move in zip(st.columns(2), (Move.RESOLVE if is_open else Move.REOPEN, Move.COMMENT), strict=True):
            column.form_submit_button(
                f"{_VERBS[move]} all …",
                key=f"all_{move}",
                type="primary" if move is Move.RESOLVE else "secondary",
                on_click=lambda move=move: _pend(drawn_up(move)),
                width="stretch",
                **guarded(desk, Action.TRIAGE),
            )
    if is_open:
        key = f"assign_all_{command_key()}"
        st.selectbox(
            "Assign all to",
            assignees(desk.engine, wanted.run_id, actor=desk.actor),
            index=None,
            key=key,
            accept_new_options=True,
            placeholder="Assign all to …",
            label_visibility="collapsed",
            **guarded(desk, Action.TRIAGE),
            on_change=lambda: _pend(
                Command(move=Move.ASSIGN, assignee=st.session_state[key], action_key=command_key())
            ),
        )
    st.button("Back to single ones", icon=":material/arrow_back:", type="tertiary", key="leave_all", on_click=_leave)


def _preview(desk: Desk, wanted: DiscrepancyFilter, command: Command, found: Sequence[CurrencySum]) -> None:
    changed = can_change(command, wanted)
    every = All(wanted=changed, shown=totals(desk.engine, changed))
    what = f"{_VERBS[command.move]} {counted(every.count, 'discrepancy', 'discrepancies')}"
    st.subheader(f"{what}?", anchor=False)
    if command.resolution:
        st.markdown(f"Reason: **{RESOLUTIONS[command.resolution]}**")
    if command.assignee:
        st.markdown(f"To: **{md(command.assignee)}**")
    if command.comment.strip():
        st.caption(f"Comment: {md(clip(command.comment, 200))}")
    figures(every.shown)
    if command.resolution in BOOKED and _is_posted(command.correction):
        with st.container(gap="xxsmall"):
            told_entry(desk, _planned(desk, wanted, every.shown), command.correction)
    if rest := sum(part.count for part in found) - every.count:
        st.caption(f"{counted(rest, 'other')} of the filter stay as they are.")
    if every.count > AT_ONCE:
        st.caption(f":orange[No more than {count(AT_ONCE)} are done at once. Go back and narrow the filter.]")
    st.button(
        f"{_VERBS[command.move]} {count(every.count)}",
        icon=":material/check:",
        type="primary",
        shortcut="Ctrl+Enter",
        key=f"confirm_all_{fingerprint(every.shown)}",
        disabled=not 0 < every.count <= AT_ONCE,
        on_click=then_redrawn(_carry_out),
        args=(desk, every, command),
        width="stretch",
    )
    st.button("Back", icon=":material/arrow_back:", type="tertiary", key="back_to_all", on_click=_pend, args=(None,))


def _is_posted(correction: Correction | None) -> bool:
    """A write-off says nothing of how; an adjustment does."""
    return correction is None or correction.booking is Booking.POSTED


def _planned(desk: Desk, wanted: DiscrepancyFilter, found: Sequence[CurrencySum]) -> tuple[Planned, ...]:
    return planned_sums(desk.engine, wanted.run_id, [(part.currency, part.net) for part in found])


def _carry_out(desk: Desk, every: All, command: Command) -> None:
    if every.carry_out(desk, command):
        _leave()


def _choose(chosen: str) -> None:
    st.session_state[_CHOSEN] = chosen
    _pend(None)


def _pend(command: Command | None) -> None:
    st.session_state[_PENDING] = command


def _leave() -> None:
    _choose("")
