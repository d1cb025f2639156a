"""Find partners for the chosen row: the nearest rows of the other side, each with what speaks for and against it."""

from __future__ import annotations

from typing import Final

import streamlit as st

from recon.errors import DiscrepancyNotFound, EvidenceMissing
from recon.model.outcome import DiscrepancyKind
from recon.model.settlement import OpenRow
from recon.model.transactions import Side
from recon.queries.discrepancy_detail import discrepancy_detail
from recon.queries.open_rows import chosen_rows
from recon.ui.format import SIDES, clip, day, md, money
from recon.ui.guard import Desk
from recon.ui.workbench import address
from recon.workflows.explain_row import NearRow, explain_row

_OWN: Final = (DiscrepancyKind.MISSING_IN_SOURCE, DiscrepancyKind.DUPLICATE, DiscrepancyKind.IN_TRANSIT)
"""Kinds of discrepancies that are about one row of the reference alone."""


def partners(desk: Desk, row: OpenRow) -> None:
    """A button that opens them; nothing for a row that is in no discrepancy of its own."""
    is_its_own = row.side is Side.SOURCE or row.kind in _OWN
    if (
        row.discrepancy_id is not None
        and is_its_own
        and st.button(
            "Explain",
            icon=":material/help:",
            shortcut="F",
            key="bench_find",
            help="The nearest rows of the other side, with what speaks against each",
        )
    ):
        st.dialog("Nearest rows", width="medium")(_listed)(desk, row)


def _listed(desk: Desk, row: OpenRow) -> None:
    amount, text = md(money(row.open_amount, row.currency)), md(clip(row.text or row.reference or "", 60))
    st.caption(f"{SIDES[row.side]} · **{amount}** · {day(row.date)} · {text}")
    try:
        assert row.discrepancy_id is not None
        detail = discrepancy_detail(desk.engine, row.discrepancy_id)
        found = explain_row(desk.evidence, detail, limit=5)
    except (DiscrepancyNotFound, EvidenceMissing) as problem:
        st.warning(md(str(problem)))
        return
    if not found:
        st.caption("The other side has no row in this currency, nor one with the same id.")
    run_id = detail.run_id
    free = chosen_rows(desk.engine, run_id, {near.side: [one.candidate.line for one in found] for near in found})
    lines = {one.line for one in free}
    for near in found:
        _one(near, is_free=near.candidate.line in lines)


def _one(near: NearRow, *, is_free: bool) -> None:
    values = near.transaction
    text = md(clip(values["counterparty"] or values["description"] or "", 60))
    with st.container(border=True, gap="xxsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            told = f"**{md(money(values['amount'], values['currency']))}** · {day(values['date'])} · {text}"
            st.markdown(told, width="stretch")
            if is_free and st.button(
                "Choose",
                key=f"near_{near.side}_{near.candidate.line}",
                type="tertiary",
                on_click=address.toggle,
                args=(near.side, near.candidate.line),
            ):
                st.rerun()
        lacks = " ".join(near.candidate.failed) or "Nothing speaks against it: other rows fitted better."
        st.caption(md(lacks))
        for hint in near.hints:
            st.caption(f":orange[:material/lightbulb:] {md(hint)}")
