"""The list of proposals, the one that is open, and the keys that walk through them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pandas as pd
import streamlit as st

from recon.model.people import Proposal, ProposalState
from recon.queries.proposals import Inbox
from recon.ui.approvals.words import EMERGENCY, EXPIRED, OPENED, STATES, left, state, title
from recon.ui.format import when
from recon.ui.guard import Desk
from recon.ui.pager import ROW_HEIGHT, fingerprint, grid_height

_LOOKS = (*STATES.values(), EXPIRED, EMERGENCY)


def named() -> int | None:
    """The proposal the URL opens."""
    asked = st.query_params.get(OPENED, "")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 16 else None


def close() -> None:
    """Open none by its number: another list is shown, and its first is opened."""
    st.query_params.pop(OPENED, None)


def inbox_list(desk: Desk, found: Sequence[Proposal], inbox: Inbox, *, at: int | None) -> None:
    """Draw the list; `at` is the place in it of the proposal that is open, None where it is not among them."""
    drawn = fingerprint((inbox, found, at))
    config = {
        "What": st.column_config.TextColumn(width=230 if inbox is Inbox.WAITING else 158),
        "State": st.column_config.MultiselectColumn(
            options=[look.label for look in _LOOKS],
            color=[look.color for look in _LOOKS],
            width=164 if any(asked.is_emergency for asked in found) else 104,
        ),
    }
    rows = st.dataframe(
        _frame(desk, found, inbox),
        hide_index=True,
        row_height=ROW_HEIGHT,
        height=grid_height(len(found), at_most=18),
        selection_mode="single-row",
        selection_default=None if at is None else {"selection": {"rows": [at]}},
        on_select="rerun",
        key=f"proposals_{drawn}",
        column_config=config,
        alt="Proposals",
    )["selection"]["rows"]
    if rows and rows[0] != at:
        _open(found[rows[0]])
        st.rerun()


def _frame(desk: Desk, found: Sequence[Proposal], inbox: Inbox) -> pd.DataFrame:
    columns: dict[str, list[object]] = {"What": [title(asked) for asked in found]}
    if inbox is not Inbox.MINE:
        columns["By"] = [asked.proposed_by for asked in found]
    if inbox is Inbox.WAITING:
        columns["Since"] = [when(asked.proposed_at, now=desk.now) for asked in found]
        columns["Expires in"] = [left(asked, desk.now) for asked in found]
        return pd.DataFrame(columns)
    columns["State"] = [
        [state(asked, desk.now).label, *([EMERGENCY.label] if asked.is_emergency else [])] for asked in found
    ]
    columns["When"] = [when(_last(asked), now=desk.now) for asked in found]
    return pd.DataFrame(columns)


def _last(asked: Proposal) -> datetime:
    return asked.decided_at or (asked.proposed_at if asked.state is ProposalState.OPEN else asked.expires_at)


def steps(found: Sequence[Proposal], at: int | None) -> None:
    """The buttons, and keys, that open the one before and the one after."""
    at = -1 if at is None else at
    for label, shortcut, to in (("Previous", "K", at - 1), ("Next", "J", at + 1)):
        is_there = 0 <= to < len(found)
        st.button(
            label,
            shortcut=shortcut,
            key=f"step_{shortcut}",
            type="tertiary",
            disabled=not is_there,
            on_click=_open,
            args=(found[to] if is_there else None,),
        )


def _open(asked: Proposal | None) -> None:
    if asked is not None:
        st.query_params[OPENED] = str(asked.id)
