"""The way to say that a duplicate is none: it is a movement of its own, here and in every later run."""

from __future__ import annotations

import streamlit as st

from recon.errors import TieoutError
from recon.model.outcome import DiscrepancyKind
from recon.queries.discrepancy_detail import DiscrepancyDetail
from recon.ui.format import md
from recon.ui.guard import Desk
from recon.workflows.say_no_duplicate import say_no_duplicate


def no_duplicate(desk: Desk, detail: DiscrepancyDetail) -> None:
    """The button, or that it was said; nothing where no copy is told of."""
    if detail.row.kind != DiscrepancyKind.DUPLICATE:
        return
    if detail.denied_by is not None:
        st.markdown(
            ":gray-badge[:material/check: Not a duplicate]",
            width="content",
            help="The next run looks for its counterpart. It is taken back on the Workbench, under Decided.",
        )
        return
    if not st.button(
        "Not a duplicate",
        icon=":material/content_copy:",
        type="tertiary",
        key="no_duplicate",
        help="It is a movement of its own: the next run looks for its counterpart.",
    ):
        return
    key = f"no-duplicate-{detail.row.id}-{detail.row.version}"
    try:
        say_no_duplicate(desk.engine, desk.evidence, detail.run_id, [detail.row.id], actor=desk.actor, action_key=key)
    except TieoutError as problem:
        st.error(md(str(problem)), icon=":material/error:")
        return
    st.rerun()
