"""The run of what is on the page: why it cannot start yet, how far it is, and what it found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import streamlit as st

from recon.errors import RunNotFound
from recon.model.rules import Rules
from recon.model.transactions import Side
from recon.queries.overview import pulse
from recon.queries.runs import LIVE_STATUSES, RunDetail, run_detail
from recon.ui.format import KINDS, SIDES, count, counted, md, when
from recon.ui.guard import Desk
from recon.ui.links import RUNS, TRIAGE
from recon.ui.live_runs import live_runs
from recon.ui.reconcile import address
from recon.ui.run_detail import figures_row
from recon.ui.run_history import took
from recon.workflows.read_for_feed import FeedReading
from recon.workflows.read_upload import StoredReading
from recon.workflows.start_run import start_run

_KNOWN = "known_run"


def run_step(desk: Desk, name: str | None, found: Mapping[Side, FeedReading | None], rules: Rules | None) -> None:
    """Draw the last step: the button, or the run of these very files and rules."""
    sides = {side: one.stored for side, one in found.items() if one is not None}
    reason = _reason(name, found, rules)
    if reason is not None:
        _button(desk, name or "", sides, rules, reason=reason)
        return
    assert name is not None
    assert rules is not None
    detail = _shown(desk, sides, rules)
    if detail is None:
        _button(desk, name, sides, rules)
    elif detail.run.status in LIVE_STATUSES:
        _sidecar_warning(desk)
        live_runs(desk, only=detail.run.id)
    elif detail.published_attempt:
        _result(desk, name, sides, rules, detail)
    else:
        _ended(desk, name, sides, rules, detail)


def _reason(name: str | None, found: Mapping[Side, FeedReading | None], rules: Rules | None) -> str | None:
    """Why it cannot start, as what to do first."""
    if not name:
        return "Name the reconciliation first."
    for side, one in found.items():
        label = SIDES[side].lower()
        if one is None:
            return f"Choose the {label} file first."
        if one.stored.preview.refused:
            return f"The {label} file was refused: choose another."
        if one.stored.preview.questions:
            return f"Answer what is asked about the {label} file first."
    return None if rules else "Put the rules right first."


def _button(
    desk: Desk,
    name: str,
    sides: Mapping[Side, StoredReading],
    rules: Rules | None,
    *,
    reason: str | None = None,
) -> None:
    if reason is None:
        _sidecar_warning(desk)
    with st.container(horizontal=True, vertical_alignment="center", key="run_step"):
        pressed = st.button(
            "Run", icon=":material/play_arrow:", type="primary", key="run_button", width=132, disabled=bool(reason)
        )
        if reason:
            st.caption(reason, width="content")
        else:
            rows = " against ".join(count(sides[side].preview.rows_accepted) for side in Side)
            st.caption(f"{rows} rows. The same files and rules give the same run back at once.", width="content")
    if pressed and rules:
        _start(desk, name, sides, rules)


def _start(
    desk: Desk, name: str, sides: Mapping[Side, StoredReading], rules: Rules, *, rerun_of: int | None = None
) -> None:
    submitted = start_run(
        desk.engine,
        desk.evidence,
        reconciliation=name,
        sides=sides,
        rules=rules,
        actor=desk.actor,
        rerun_of=rerun_of,
    )
    st.session_state[_KNOWN] = submitted.run_id if submitted.cached else None
    address.show_run(submitted.run_id)
    st.rerun()


def _shown(desk: Desk, sides: Mapping[Side, StoredReading], rules: Rules) -> RunDetail | None:
    """The run in the URL, if it is of these files and rules."""
    number = address.run_id()
    if number is None:
        return None
    try:
        detail = run_detail(desk.engine, number)
    except RunNotFound:
        return None
    keys = {Side(file.side): file.reading_key for file in detail.files}
    is_same = keys == {side: stored.key for side, stored in sides.items()} and detail.rules == rules.as_dict()
    return detail if is_same else None


def _result(desk: Desk, name: str, sides: Mapping[Side, StoredReading], rules: Rules, detail: RunDetail) -> None:
    run = detail.run
    with st.container(border=True, key="result", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            repeats = f", repeats run {run.rerun_of_id}" if run.rerun_of_id else ""
            st.markdown(
                f":green[:material/check_circle:] **Run {run.id}** :gray[· finished "
                f"{when(run.finished_at, now=desk.now)}, took {took(run)}{repeats}]",
                width="stretch",
            )
            if st.button("Run again anyway", icon=":material/replay:", key="run_again", width="content"):
                _start(desk, name, sides, rules, rerun_of=run.id)
            if st.button("Open the run", icon=":material/play_circle:", key="open_run", width="content"):
                st.switch_page(RUNS, query_params={"run": str(run.id)})
            if st.button(
                "Work on them in triage" if detail.open_count else "Open in triage",
                icon=":material/rule:",
                type="primary",
                key="open_triage",
                width="content",
            ):
                st.switch_page(TRIAGE, query_params={"run": str(run.id)})
        if st.session_state.get(_KNOWN) == run.id:
            st.info(
                f"This is run {run.id}, finished {when(run.finished_at, now=desk.now)}: the same files and rules give "
                "the same result, so nothing was run again.",
                icon=":material/cached:",
            )
        figures_row(detail)
        st.markdown(_kinds(detail))


def _kinds(detail: RunDetail) -> str:
    """How many discrepancies of each kind, over all currencies."""
    counts: Counter[str] = Counter()
    for line in detail.proof:
        for kind, number, _ in line.by_kind:
            counts[kind] += number
    if not any(counts.values()):
        return ":green[:material/check_circle:] Everything ties out."
    return " ".join(
        f":{look.color}-badge[{look.label} {count(counts[kind])}]" for kind, look in KINDS.items() if counts[kind]
    )


def _ended(desk: Desk, name: str, sides: Mapping[Side, StoredReading], rules: Rules, detail: RunDetail) -> None:
    """A run that failed or was cancelled: what it said, and another try."""
    run = detail.run
    if run.status == "failed":
        st.error(
            f"{md(run.error_text or 'It ended without saying why.')} Nothing was published.",
            title=f"Run {run.id} failed",
            icon=":material/error:",
        )
    else:
        st.info(f"Run {run.id} was cancelled. Nothing was published.", icon=":material/cancel:")
    if st.button("Try again", icon=":material/replay:", type="primary", key="try_again", width="content"):
        _start(desk, name, sides, rules, rerun_of=run.id if run.rerun_of_id else None)


def _sidecar_warning(desk: Desk) -> None:
    now = pulse(desk.engine, now=desk.now)
    if not now.is_sidecar_up(desk.now):
        waiting = f" ({counted(now.queued_count, 'run')} waiting)" if now.queued_count else ""
        st.warning(
            f"The sidecar, which does the work, has not been heard of for a minute{waiting}. A run you start now waits "
            "until it is back. If you run Tieout yourself, start it with `make run`.",
            icon=":material/warning:",
        )
