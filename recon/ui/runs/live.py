"""Runs at work and waiting, with how far they are; it looks again every second while there is something to see."""

from __future__ import annotations

import streamlit as st

from recon.model.people import Action
from recon.queries import runs
from recon.queries.runs import RunRow
from recon.ui.format import clip, count, counted, duration, md
from recon.ui.guard import Desk, problems_shown, require
from recon.ui.pass_words import stage_words
from recon.ui.people.allowed import guarded
from recon.workflows.cancel_run import cancel_run

EVERY = "1s"


def live_runs(desk: Desk, *, only: int | None = None) -> None:
    """Draw what runs or waits, all of it or one run; draws the whole page again when one of them ended."""
    known = {run.id for run in _wanted(desk, only)}
    if known:
        st.fragment(_panel, run_every=EVERY)(known, only)


def _panel(known: set[int], only: int | None) -> None:
    with problems_shown():
        desk = require()
        live = _wanted(desk, only)
        if known - {run.id for run in live}:
            st.rerun()
        with st.container(border=True, key="live_runs"):
            for run in live:
                _line(desk, run)


def _wanted(desk: Desk, only: int | None) -> list[RunRow]:
    return [run for run in runs.live_runs(desk.engine) if only in (None, run.id)]


def _line(desk: Desk, run: RunRow) -> None:
    name, bar, button = st.columns([3, 7, 1.2], vertical_alignment="center", gap="small")
    name.markdown(f"**{md(clip(run.reconciliation, 40))}** :gray[run {run.id}]")
    share = min(run.rows_done / run.rows_total, 1.0) if run.rows_total else 0.0
    bar.progress(share, text=progress_text(desk, run))
    if run.cancel_requested_at:
        button.button("Cancelling …", key=f"cancel_{run.id}", disabled=True, width="stretch")
    elif button.button(
        "Cancel", key=f"cancel_{run.id}", icon=":material/close:", width="stretch", **guarded(desk, Action.RUN)
    ):
        cancel_run(desk.engine, run.id, actor=desk.actor)
        st.rerun()


def progress_text(desk: Desk, run: RunRow) -> str:
    """`Scoring near matches · 400 of 1,000 rows · 3.2 s`, or how long it has been waiting."""
    if run.status == "queued":
        return f"Waiting for a worker · {duration(desk.now - run.requested_at)}"
    parts = [stage_words(run.stage or "starting")]
    if run.rows_total:
        parts.append(f"{count(run.rows_done)} of {counted(run.rows_total, 'row')}")
    if run.started_at:
        parts.append(duration(desk.now - run.started_at))
    return " · ".join(parts)
