"""The run of what is on the page: why it cannot start yet, how far it is, and what it found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from recon.errors import RunNotFound
from recon.model.people import Action
from recon.model.rules import Rules
from recon.model.transactions import Side
from recon.queries.overview import pulse
from recon.queries.runs import LIVE_STATUSES, RunDetail, run_detail
from recon.ui.format import KINDS, SIDES, clip, count, counted, md, when
from recon.ui.guard import Desk
from recon.ui.links import RUNS, TRIAGE
from recon.ui.people.allowed import guarded
from recon.ui.reconcile import address
from recon.ui.reconcile.corrects import corrects
from recon.ui.runs.detail import figures_row, replayed
from recon.ui.runs.live import live_runs
from recon.workflows.read_for_feed import FeedReading
from recon.workflows.read_upload import StoredReading
from recon.workflows.start_run import start_run

_KNOWN = "known_run"


def run_step(
    desk: Desk,
    name: str | None,
    found: Mapping[Side, FeedReading | None],
    rules: Rules | None,
    *,
    actions: DeltaGenerator,
    panel: DeltaGenerator,
) -> None:
    """Draw the button into `actions`, and the run of these very files and rules into `panel`."""
    sides = {side: one.stored for side, one in found.items() if one is not None}
    reason = _reason(name, found, rules)
    if reason is not None or name is None or rules is None:
        actions.caption(reason or "", width="content")
        _run_button(desk, actions, disabled=True)
        return
    detail = _shown(desk, sides, rules)
    wanted = _Wanted(name=name, sides=sides, rules=rules)
    if detail is None:
        rows = " against ".join(count(sides[side].preview.rows_accepted) for side in Side)
        actions.caption(f"Ready: {rows} rows", width="content")
        with panel:
            _sidecar_warning(desk)
            replaces = corrects(desk, name, found)
        if _run_button(desk, actions):
            _start(desk, wanted, rerun_of=replaces)
        return
    with panel:
        if detail.run.status in LIVE_STATUSES:
            _sidecar_warning(desk)
            live_runs(desk, only=detail.run.id)
        elif detail.published_attempt:
            _result(desk, detail, name)
        else:
            _ended(detail)
    _after(desk, actions, wanted, detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """The run the page asks for."""

    name: str
    sides: Mapping[Side, StoredReading]
    rules: Rules


def _run_button(desk: Desk, actions: DeltaGenerator, *, disabled: bool = False) -> bool:
    may = guarded(desk, Action.RUN, disabled=disabled)
    return actions.button("Run", icon=":material/play_arrow:", type="primary", key="run_button", width="content", **may)


def _after(desk: Desk, actions: DeltaGenerator, wanted: _Wanted, detail: RunDetail) -> None:
    """What can be done about a run that is on the page."""
    run = detail.run
    may = guarded(desk, Action.RUN)
    if run.status in LIVE_STATUSES:
        _run_button(desk, actions, disabled=True)
    elif not detail.published_attempt:
        if actions.button(
            "Try again", icon=":material/replay:", type="primary", key="try_again", width="content", **may
        ):
            _start(desk, wanted, rerun_of=run.id if run.rerun_of_id else None)
    elif actions.button("Run again anyway", icon=":material/replay:", key="run_again", width="content", **may):
        _start(desk, wanted, rerun_of=run.id)


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
        if one.standing is not None and one.standing.open_controls:
            return f"Say whether the {label} file's opening balance is accepted first."
    return None if rules else "Put the rules right first."


def _start(desk: Desk, wanted: _Wanted, *, rerun_of: int | None = None) -> None:
    submitted = start_run(
        desk.engine,
        desk.evidence,
        reconciliation=wanted.name,
        sides=wanted.sides,
        rules=wanted.rules,
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


def _result(desk: Desk, detail: RunDetail, name: str) -> None:
    run = detail.run
    with st.container(border=True, key="result", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            whose = f"of {md(clip(run.reconciliation, 40))}, " if run.reconciliation != name else ""
            repeats = f", repeats run {run.rerun_of_id}" if run.rerun_of_id else ""
            finished = f"{whose}finished {when(run.finished_at, now=desk.now)}{repeats}"
            st.markdown(
                f":green[:material/check_circle:] **Run {run.id}** :gray[· {finished}] &nbsp; {_kinds(detail)}",
                width="stretch",
            )
            if st.button("Open the run", icon=":material/play_circle:", key="open_run", width="content"):
                st.switch_page(RUNS, query_params={"run": str(run.id)})
            if st.button("Open in triage", icon=":material/rule:", type="primary", key="triage", width="content"):
                st.switch_page(TRIAGE, query_params={"run": str(run.id)})
        if st.session_state.get(_KNOWN) == run.id:
            st.caption(
                f":material/cached: This is run {run.id}, which was there already: the same files and rules give the "
                "same result, so nothing was run again."
            )
        figures_row(detail)
        replayed(detail)


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


def _ended(detail: RunDetail) -> None:
    """A run that failed or was cancelled, and what it said."""
    run = detail.run
    if run.status == "failed":
        st.error(
            f"{md(run.error_text or 'It ended without saying why.')} Nothing was published.",
            title=f"Run {run.id} failed",
            icon=":material/error:",
        )
    else:
        st.info(f"Run {run.id} was cancelled. Nothing was published.", icon=":material/cancel:")


def _sidecar_warning(desk: Desk) -> None:
    now = pulse(desk.engine, now=desk.now)
    if not now.is_worker_up(desk.now):
        waiting = f" ({counted(now.queued_count, 'run')} waiting)" if now.queued_count else ""
        st.warning(
            f"The sidecar, which does the work, has not been heard of for a minute{waiting}. A run you start now waits "
            "until it is back. If you run Tieout yourself, start it with `make run`.",
            icon=":material/warning:",
        )
