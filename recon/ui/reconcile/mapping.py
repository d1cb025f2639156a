"""The mapping a side's feed goes by: which version, who saved it, and how to change or forget it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from recon.model.feed import feed_name
from recon.model.transactions import Side
from recon.ui.format import SIDES, clip, md, when, words
from recon.ui.guard import Desk
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


def mapping_line(desk: Desk, side: Side, name: str, found: FeedReading) -> None:
    """`Using mapping v3, saved 19 Nov 06:04 by operator`, with what can be done about it."""
    saved = found.mapping
    if saved is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"{side}_mapping"):
        st.caption(
            f":material/bookmark_check: Using mapping v{saved.version}, saved "
            f"{when(saved.created_at, now=desk.now)} by {md(clip(saved.created_by, 24))}",
            width="content",
        )
        columns = found.stored.preview.columns
        if columns and st.button("Change", key=f"{side}_change", type="tertiary", width="content"):
            map_by_hand(desk, side, name, columns, saved.mapping.roles)
        st.button(
            "Forget",
            key=f"{side}_forget",
            type="tertiary",
            width="content",
            help="Read this feed's files as if none had come before. The versions so far stay in the audit log.",
            on_click=forget,
            args=(desk, side, name),
        )


def forget(desk: Desk, side: Side, name: str) -> None:
    """Forget what was decided about this side's files."""
    forget_mapping(desk.engine, feed=feed_name(name, side), actor=desk.actor)


def map_by_hand(
    desk: Desk, side: Side, name: str, columns: Sequence[str], roles: dict[str, str] | object = None
) -> None:
    """Open the form that says which column means what."""
    known = dict(roles) if isinstance(roles, dict) else {}

    @st.dialog(f"Columns of the {SIDES[side].lower()} file", width="medium")
    def form() -> None:
        st.caption("Say what you know; the rest is found by its name, or asked. Saved as the feed's next mapping.")
        with st.form(f"{side}_columns", border=False):
            chosen: dict[str, str | None] = {}
            places = st.columns(2, gap="small")
            for number, role in enumerate(ROLES):
                chosen[role] = places[number % 2].selectbox(
                    _LABELS.get(role, words(role)),
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
