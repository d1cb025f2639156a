"""Deciding about discrepancies, some or all a filter holds: the form, the buttons, and the one call they make."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final

import streamlit as st

from recon.model.people import Action
from recon.model.triage import COMMENT_LIMIT, Command, DiscrepancyStatus, Move, Resolution, Seen, Verdict
from recon.queries.discrepancies import CurrencySum, DiscrepancyFilter, DiscrepancyRow
from recon.queries.write_offs import planned
from recon.ui.format import count
from recon.ui.guard import Desk
from recon.ui.keys import chosen
from recon.ui.pager import fingerprint
from recon.ui.people.allowed import guarded
from recon.ui.triage.answer import as_left, carry_out, command_key, then_redrawn
from recon.ui.triage.books import booking_height, booking_inputs, correction_shown
from recon.ui.triage.opened import open_one
from recon.workflows.assignees import assignees
from recon.workflows.decide_on_filter import decide_on_filter, seen_of
from recon.workflows.post_write_off import BOOKED
from recon.workflows.propose_resolution import propose_resolution
from recon.workflows.resolve_discrepancies import resolve_discrepancies

RESOLUTIONS: Final = {
    Resolution.MATCHED: "Matched by hand",
    Resolution.ADJUSTED: "Adjusted in the books",
    Resolution.WRITTEN_OFF: "Written off",
    Resolution.TIMING: "Timing: follows later",
    Resolution.DATA_ISSUE: "Data issue in an export",
    Resolution.CODE_ISSUE: "Code issue in a system",
    Resolution.FEE: "Fee somebody kept",
    Resolution.FX: "Exchange rate",
    Resolution.ROUNDING: "Rounding",
    Resolution.FRAUD: "Suspected fraud",
    Resolution.DISMISSED: "Dismissed",
}

REASON_KEYS: Final = dict(zip("1234567890-", RESOLUTIONS, strict=True))
"""Key -> reason, as the keys lie side by side."""

_RESOLVE: Final = (Move.RESOLVE, "Resolve", ":material/check:", "E")
_REOPEN: Final = (Move.REOPEN, "Reopen", ":material/undo:", "E")
_COMMENT: Final = (Move.COMMENT, "Comment", ":material/comment:", None)
"""A move, its button's label and icon, and the button's key."""

_COMMENT_HEIGHT: Final = 76
_FORM_HEIGHT: Final = 138
"""Pixels of reason, comment and buttons."""

_LAST_REASON: Final = "decision_reason"
_REASON_TURN: Final = "decision_reason_turn"
QUEUE_KEYS: Final = "queue_keys"
"""Who listens on the page for keys no button can have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Some:
    """These discrepancies, as they are shown. Once one is resolved, `next_id` is opened."""

    rows: tuple[DiscrepancyRow, ...]
    next_id: int | None = None

    @property
    def seen(self) -> tuple[Seen, ...]:
        return tuple(row.seen for row in self.rows)

    @property
    def count(self) -> int:
        return len(self.rows)

    @property
    def is_open(self) -> bool:
        """Whether any of them can be resolved."""
        return any(row.status is DiscrepancyStatus.OPEN for row in self.rows)

    def carry_out(self, desk: Desk, command: Command) -> None:
        seen = as_left(self.seen)
        verdict = carry_out(
            partial(resolve_discrepancies, desk.engine, command, seen, actor=desk.actor),
            propose=partial(propose_resolution, desk.engine, command, seen, actor=desk.actor),
        )
        is_over = verdict and verdict.is_complete and command.move is Move.RESOLVE and self.count == 1
        if is_over and self.next_id is not None:
            open_one(self.next_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class All:
    """All that a filter holds, and what it was shown to come to."""

    wanted: DiscrepancyFilter
    shown: tuple[CurrencySum, ...]

    @property
    def count(self) -> int:
        return sum(part.count for part in self.shown)

    def carry_out(self, desk: Desk, command: Command) -> Verdict | None:
        def propose() -> int:
            seen = seen_of(desk.engine, self.wanted, self.shown)
            return propose_resolution(desk.engine, command, seen, actor=desk.actor)

        return carry_out(
            partial(decide_on_filter, desk.engine, command, self.wanted, self.shown, actor=desk.actor), propose=propose
        )


def form_height(some: Some) -> int:
    """Pixels of the whole form, with what it says of the books."""
    reason = chosen_reason() if some.is_open else None
    return _FORM_HEIGHT + booking_height(reason, len({row.currency for row in some.rows}))


def decision_form(desk: Desk, run_id: int, some: Some) -> None:
    """Reason, what it books, comment and the buttons, for these rows."""
    is_open = some.is_open
    many = f" {count(some.count)}" if some.count > 1 else ""
    if is_open:
        reason = reason_input()
        ids = [row.id for row in some.rows if row.status is DiscrepancyStatus.OPEN]
        booking_inputs(desk, run_id, reason, planned(desk.engine, run_id, ids) if reason in BOOKED else ())

    def decide(move: Move) -> None:
        some.carry_out(desk, drawn_up(move))

    with st.form("decision", border=False, enter_to_submit=False):  # Ctrl+Enter saves what is written, and no more
        left, right = st.columns([62, 38], gap="small")
        with left:
            comment_input(is_many=bool(many))
        buttons = right.container(gap="xxsmall")
        for move, label, icon, shortcut in (_RESOLVE if is_open else _REOPEN, _COMMENT):
            # a key that is on its way while these are drawn again is heard; of others, or said already, it is not
            drawn = fingerprint(command_key() if move is Move.COMMENT else [row.id for row in some.rows])
            buttons.form_submit_button(
                label if move is Move.COMMENT else f"{label}{many}",
                icon=icon,
                type="primary" if move is Move.RESOLVE else "secondary",
                shortcut=shortcut,
                key=f"decide_{move}_{drawn}",
                on_click=then_redrawn(decide),
                args=(move,),
                width="stretch",
                **guarded(desk, Action.TRIAGE),
            )


def reason_input() -> Resolution:
    """The input of the reason; outside the form, because what is booked depends on it."""
    digits = {reason: key for key, reason in REASON_KEYS.items()}
    st.selectbox(
        "Reason",
        list(RESOLUTIONS),
        format_func=lambda reason: f"{digits[reason]} · {RESOLUTIONS[reason]}",
        index=list(RESOLUTIONS).index(chosen_reason()),
        key=_reason_key(),
        label_visibility="collapsed",
    )
    return chosen_reason()


def comment_input(*, is_many: bool) -> None:
    """The input of the comment that `drawn_up` reads."""
    st.text_area(
        "Comment",
        key=f"comment_{command_key()}",
        max_chars=COMMENT_LIMIT,
        height=_COMMENT_HEIGHT,
        placeholder="Comment, added to each" if is_many else "Comment",
        label_visibility="collapsed",
    )


def drawn_up(move: Move) -> Command:
    """The command that the inputs say; the reason is the next one's first."""
    comment = str(st.session_state.get(f"comment_{command_key()}") or "")
    resolution = chosen_reason() if move is Move.RESOLVE else None
    st.session_state[_LAST_REASON] = resolution or st.session_state.get(_LAST_REASON)
    return Command(
        move=move,
        resolution=resolution,
        comment=comment,
        correction=correction_shown(resolution),
        action_key=command_key(),
    )


def assign_buttons(desk: Desk, run_id: int, some: Some) -> None:
    """To me, at one key; to somebody else, or to nobody."""
    is_mine = all(row.assignee == desk.actor for row in some.rows)
    is_nobodys = all(row.assignee is None for row in some.rows)

    def assign(name: str | None) -> None:
        some.carry_out(desk, Command(move=Move.ASSIGN, assignee=name, action_key=command_key()))

    st.button(
        "Take it" if some.count == 1 else f"Take {count(some.count)}",
        icon=":material/person_add:",
        shortcut="A",
        type="tertiary",
        key="assign_to_me",
        **guarded(desk, Action.TRIAGE, disabled=is_mine, help="Assign to yourself"),
        on_click=then_redrawn(assign),
        args=(desk.actor,),
    )
    may = guarded(desk, Action.TRIAGE)
    with st.popover("Assign", icon=":material/group:", type="tertiary", key="assign_to", **may):
        key = f"assignee_{fingerprint((some.seen, command_key()))}"
        st.selectbox(
            "Assign to",
            assignees(desk.engine, run_id, actor=desk.actor),
            index=None,
            key=key,
            accept_new_options=True,
            placeholder="Choose or write a name",
            on_change=then_redrawn(lambda: assign(st.session_state[key])),
        )
        st.button(
            "To nobody",
            icon=":material/person_off:",
            key="assign_to_nobody",
            disabled=is_nobodys,
            on_click=then_redrawn(assign),
            args=(None,),
            width="stretch",
        )


def chosen_reason() -> Resolution:
    """The reason as it stands: by its key, by the input, or the one before.

    A key begins a new input, so that a decision sent before the new one was drawn does not bring the old one's value.
    """
    if pressed := chosen(QUEUE_KEYS):
        st.session_state[_REASON_TURN] = st.session_state.get(_REASON_TURN, 0) + 1
        st.session_state[_LAST_REASON] = REASON_KEYS[pressed]
    return Resolution(st.session_state.get(_reason_key()) or st.session_state.get(_LAST_REASON) or Resolution.TIMING)


def _reason_key() -> str:
    return f"reason_{st.session_state.get(_REASON_TURN, 0)}"
