"""The way from an entry to where it comes from: the runs whose files have its transaction, and what was decided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from recon.model.ledger import OWN_SYSTEM
from recon.queries.ledger import Entry
from recon.queries.runs_with import LOOKED_THROUGH, RunWith, runs_with
from recon.queries.write_offs import Behind
from recon.ui.format import clip, counted, md
from recon.ui.guard import Desk
from recon.ui.links import RUNS, TRIAGE, WORKBENCH

TOLD: Final = (
    "decision_count",
    "decision_id",
    "decisions",
    "discrepancies",
    "discrepancy_count",
    "posted_later",
    "resolution",
    "runs",
    "takes_back_part_of",
)
"""Metadata of entries of write-offs that their links tell."""


def source_runs(desk: Desk, entry: Entry) -> None:
    """Draw a link for each run; nothing for an entry that no other system asked for."""
    if entry.source_system != OWN_SYSTEM:
        runs_of(desk, entry.source_txn_id)


def decisions_behind(found: Sequence[Behind]) -> None:
    """Draw a link to what an entry was posted for, corrects or takes back, on Triage or the Workbench."""
    if found:
        st.markdown("**Decided in**")
    for one in found:
        _decision(one)


def runs_of(desk: Desk, txn_id: str) -> None:
    """Draw a link for each run whose files have this transaction."""
    st.markdown("**Source transaction**")
    found = runs_with(desk.engine, desk.evidence, txn_id)
    if not found:
        st.caption(f"In none of the newest {LOOKED_THROUGH} runs.")
    for one in found:
        _link(one, txn_id)


def _link(found: RunWith, txn_id: str) -> None:
    label = f"{md(clip(found.reconciliation, 32))}, run {found.run_id}"
    if found.discrepancy_id is not None:
        to = {"run": str(found.run_id), "d": str(found.discrepancy_id)}
        st.page_link(TRIAGE, label=f"{label}: does not tie out", icon=":material/rule:", query_params=to)
    else:
        to = {"run": str(found.run_id), "view": "Matches", "matched_search": txn_id}
        st.page_link(RUNS, label=f"{label}: matched", icon=":material/play_circle:", query_params=to)


def _decision(one: Behind) -> None:
    what = "written off" if one.resolution == "written_off" else "adjusted"
    state = "" if one.is_standing else ", taken back"
    number = one.discrepancy_id if one.discrepancy_id is not None else one.decision_id
    which = f"#{number}" if one.count == 1 else counted(one.count, "row")
    label = f"{md(clip(one.reconciliation, 32))}, run {one.run_id}: {which} {what}{state}"
    if one.discrepancy_id is not None:
        to = {"run": str(one.run_id), "d": str(one.discrepancy_id)}
        st.page_link(TRIAGE, label=label, icon=":material/rule:", query_params=to)
    else:
        to = {"run": str(one.run_id), "view": "Decided"}
        st.page_link(WORKBENCH, label=label, icon=":material/join_inner:", query_params=to)
