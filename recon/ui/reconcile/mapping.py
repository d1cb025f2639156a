"""The mapping a side's feed goes by: which version, who saved it, and how to change or forget it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from recon.model.feed import feed_name
from recon.model.transactions import Side
from recon.ui.format import SIDES, clip, md, when, words
from recon.ui.guard import Desk
from recon.ui.pager import ROW_HEIGHT, grid_height
from recon.workflows.read_for_feed import FeedReading
from recon.workflows.save_mapping import ROLES, forget_mapping, map_columns

_LABELS: Final = {
    "date": "Booking date",
    "value_date": "Value date",
    "indicator": "Debit/credit mark",
    "txn_id": "Transaction ID",
    "payment_ref": "Reference",
    "group_id": "Group (payout, batch)",
    "kind": "Type",
}
_FOUND_BY_NAME: Final = "By its name, if there is one"


def mapping_note(desk: Desk, found: FeedReading) -> str | None:
    """`Using mapping v3, saved 19 Nov 06:04 by operator`, as Markdown; None without one."""
    saved = found.mapping
    if saved is None:
        return None
    by = f"saved {when(saved.created_at, now=desk.now)} by {md(clip(saved.created_by, 24))}"
    return f":material/bookmark_check: Using mapping v{saved.version}, {by}"


def mapping_menu(desk: Desk, place: DeltaGenerator, side: Side, name: str, found: FeedReading) -> None:
    """What each column means, and how to change or forget it."""
    assert found.mapping is not None
    reading, saved = found.stored.preview, found.mapping
    with place.popover("Mapping", icon=":material/bookmark_check:", width="content", key=f"{side}_mapping"):
        st.caption(mapping_note(desk, found) or "")
        meanings = {role_label(role): column for role, column in saved.mapping.roles.items()}
        frame = pd.DataFrame({"Is read as": list(meanings), "Column": list(meanings.values())})
        st.dataframe(
            frame, hide_index=True, height=grid_height(len(frame), at_most=8), row_height=ROW_HEIGHT, width=360
        )
        if saved.mapping.answers:
            st.text("Answers: " + ", ".join(f"{code} = {value}" for code, value in saved.mapping.answers.items()))
        with st.container(horizontal=True, gap="xsmall"):
            if reading.columns and st.button("Change columns", icon=":material/edit:", key=f"{side}_change"):
                map_by_hand(desk, side, name, reading.columns, saved.mapping.roles)
            st.button(
                "Forget",
                icon=":material/bookmark_remove:",
                key=f"{side}_forget",
                help="Read the next file as if none had come before. All versions stay on record.",
                on_click=forget,
                args=(desk, side, name),
            )


def forget(desk: Desk, side: Side, name: str) -> None:
    """Forget what was decided about this side's files."""
    forget_mapping(desk.engine, feed=feed_name(name, side), actor=desk.actor)


def map_by_hand(desk: Desk, side: Side, name: str, columns: Sequence[str], known: Mapping[str, str]) -> None:
    """Open the form that says which column means what; `known` (role -> column) is filled in."""

    @st.dialog(f"Columns of the {SIDES[side].lower()} file", width="medium")
    def form() -> None:
        st.caption("Say what you know; the rest is found by its name, or asked. Saved as the feed's next mapping.")
        with st.form(f"{side}_columns", border=False):
            chosen: dict[str, str | None] = {}
            places = st.columns(2, gap="small")
            for number, role in enumerate(ROLES):
                chosen[role] = places[number % 2].selectbox(
                    role_label(role),
                    columns,
                    index=columns.index(known[role]) if known.get(role) in columns else None,
                    placeholder=_FOUND_BY_NAME,
                    key=f"{side}_role_{role}",
                )
            if st.form_submit_button("Save and read again", type="primary"):
                map_columns(
                    desk.engine,
                    feed=feed_name(name, side),
                    columns=columns,
                    roles={role: column for role, column in chosen.items() if column},
                    actor=desk.actor,
                )
                st.rerun()

    form()


def role_label(role: str) -> str:
    """What a role is called."""
    return _LABELS.get(role, words(role))
