"""Runs: what is at work, the history, and one run in full (`?run=`)."""

from __future__ import annotations

import streamlit as st

from recon.model.people import Action
from recon.queries import runs
from recon.queries.runs import RunDetail
from recon.queries.settled_rows import decided_since
from recon.ui import states
from recon.ui.format import clip, counted, instant, md
from recon.ui.guard import Desk, require
from recon.ui.header import header
from recon.ui.links import RECONCILE, open_triage
from recon.ui.newest import newer_files, nothing_new
from recon.ui.people.allowed import guarded
from recon.ui.runs.after_close import changed_since
from recon.ui.runs.carried import carried
from recon.ui.runs.detail import figures_row, files_and_rules, replayed, summary
from recon.ui.runs.history import history
from recon.ui.runs.live import live_runs
from recon.ui.runs.matched import matched
from recon.ui.runs.report import downloads
from recon.workflows.submit_run import rerun

VIEWS = ("Summary", "Matches", "Files")


def show_history(desk: Desk) -> None:
    """Everything that ran, newest first; a click opens a run."""
    total = runs.run_count(desk.engine, runs.RunFilter())
    actions = header("Runs", f"{counted(total, 'run')} · click one to open it" if total else "No run yet")
    if actions.button("Reconcile two files", icon=":material/compare_arrows:", type="primary", width="content"):
        st.switch_page(RECONCILE)
    if not total:
        states.empty_box(
            "Nothing has been reconciled yet",
            "Upload two exports and match them; every run stays here, with its proof.",
            icon=":material/play_circle:",
            height=420,
        )
        return
    live_runs(desk)
    chosen = history(desk)
    if chosen:
        st.query_params["run"] = str(chosen)
        st.rerun()


def show_run(desk: Desk, detail: RunDetail) -> None:
    """One run: what it is and may become, then its results."""
    run = detail.run
    repeats = f" · repeats run {run.rerun_of_id}" if run.rerun_of_id else ""
    actions = header(
        f"Run {run.id}",
        f"{md(clip(run.reconciliation, 60))} · {instant(run.requested_at)} · by {md(run.requested_by)}{repeats}",
    )
    with actions:
        if st.button("All runs", icon=":material/arrow_back:", key="back", width="content"):
            st.query_params.pop("run", None)
            st.rerun()
        if detail.published_attempt:
            downloads(desk, run.id, label="Download")
        if run.status not in runs.LIVE_STATUSES and st.button(
            "Run again", icon=":material/replay:", key="rerun", width="content", **guarded(desk, Action.RUN)
        ):
            again = rerun(desk.engine, desk.evidence, run.id, actor=desk.actor)
            st.query_params["run"] = str(again.run_id)
            st.rerun()
        if detail.published_attempt and st.button(
            "Open in triage", icon=":material/rule:", type="primary", key="triage", width="content"
        ):
            open_triage(run.id)
    nothing_new(run.id)
    newer_files(desk, run.reconciliation, {file.side: file.sha256 for file in detail.files})
    if detail.published_attempt:
        show_results(desk, detail)
    else:
        show_unfinished(desk, detail)


def show_results(desk: Desk, detail: RunDetail) -> None:
    """What a published run found, in one of three views."""
    figures_row(detail)
    changed_since(desk, detail.run.id)
    replayed(detail)
    carried(desk, detail)
    view = st.segmented_control(
        "View",
        VIEWS,
        default=VIEWS[0],
        required=True,
        key="view",
        bind="query-params",
        label_visibility="collapsed",
    )
    match view:
        case "Matches":
            matched(desk, detail)
        case "Files":
            files_and_rules(detail)
        case _:
            summary(detail, decided_since(desk.engine, detail.run.id))


def show_unfinished(desk: Desk, detail: RunDetail) -> None:
    """A run that waits, works, failed or was cancelled: what is known of it."""
    run = detail.run
    if run.status == "failed":
        st.error(
            f"{md(run.error_text or 'It ended without saying why.')} Nothing was published.",
            title="The run failed",
            icon=":material/error:",
        )
    elif run.status == "cancelled":
        st.info("The run was cancelled. Nothing was published.", icon=":material/cancel:")
    live_runs(desk, only=run.id)
    files_and_rules(detail)


desk = require()
asked = st.query_params.get("run", "")
if asked.isdecimal():
    show_run(desk, runs.run_detail(desk.engine, int(asked)))
else:
    show_history(desk)
