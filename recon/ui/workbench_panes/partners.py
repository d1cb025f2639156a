"""Find partners for the chosen row: the nearest rows of the other side, each with what speaks for and against it."""

from __future__ import annotations

import streamlit as st

from recon.errors import DiscrepancyNotFound, EvidenceMissing
from recon.model.settlement import OpenRow
from recon.queries.discrepancy_detail import discrepancy_detail
from recon.ui.format import SIDES, clip, day, md, money
from recon.ui.guard import Desk
from recon.ui.workbench_panes import address
from recon.workflows.explain_row import NearRow, explain_row


def partners(desk: Desk, row: OpenRow) -> None:
    """A button that opens them; nothing for a row that is in no discrepancy."""
    if row.discrepancy_id is not None and st.button(
        "Find partners",
        icon=":material/person_search:",
        shortcut="F",
        key="bench_find",
        width="stretch",
        help="The nearest rows of the other side, with what speaks against each",
    ):
        st.dialog("Nearest rows", width="medium")(_listed)(desk, row)


def _listed(desk: Desk, row: OpenRow) -> None:
    amount, text = md(money(row.open_amount, row.currency)), md(clip(row.text or row.reference or "", 60))
    st.caption(f"{SIDES[row.side]} · **{amount}** · {day(row.date)} · {text}")
    try:
        assert row.discrepancy_id is not None
        found = explain_row(desk.evidence, discrepancy_detail(desk.engine, row.discrepancy_id), limit=5)
    except (DiscrepancyNotFound, EvidenceMissing) as problem:
        st.warning(md(str(problem)))
        return
    if not found:
        st.caption("The other side has no row in this currency, nor one with the same id.")
    for near in found:
        _one(near)


def _one(near: NearRow) -> None:
    values = near.transaction
    text = md(clip(values["counterparty"] or values["description"] or "", 60))
    with st.container(border=True, gap="xxsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{md(money(values['amount'], values['currency']))}** · {day(values['date'])} · {text}")
            if st.button("Choose", key=f"near_{near.side}_{near.candidate.line}", type="tertiary"):
                address.toggle(near.side, near.candidate.line)
                st.rerun()
        lacks = " ".join(near.candidate.failed) or "Nothing speaks against it: other rows fitted better."
        st.caption(md(lacks))
        for hint in near.hints:
            st.caption(f":orange[:material/lightbulb:] {md(hint)}")
