"""The top of the triage page: which run, what may be done with it, five figures and two charts to click."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from recon.queries import overview
from recon.queries.overview import AGE_BUCKETS, OLD_AFTER_DAYS, OpenGroup, RunPoint
from recon.queries.owners import owners_of_run
from recon.ui import charts
from recon.ui.format import (
    clip,
    compact_money,
    count,
    counted,
    figure,
    first_of,
    md,
    percent,
    when,
)
from recon.ui.guard import Desk, problems_shown
from recon.ui.header import figures, header
from recon.ui.links import open_run
from recon.ui.runs.report import downloads
from recon.ui.triage.filters import show_only
from recon.ui.triage.run import choose_run
from recon.workflows.submit_run import rerun

CHART_HEIGHT: Final = 132


def page_header(desk: Desk, shown: RunPoint, choices: Sequence[RunPoint]) -> DeltaGenerator:
    """Title, what run this is, and its actions: choose another, export, run again. Returns the place for one more."""
    names = {point.run_id: f"{clip(point.reconciliation, 40)} · run {point.run_id}" for point in (shown, *choices)}
    finished, matched = when(shown.finished_at, now=desk.now), percent(shown.matched_row_count, shown.row_count)
    owners = owners_of_run(desk.engine, shown.run_id)
    owned = f" · owned by {md(first_of(owners))}" if owners else ""
    actions = header(
        "Triage",
        f"{md(clip(shown.reconciliation, 60))} · run {shown.run_id} finished {finished} UTC"
        f" · {count(shown.row_count)} rows · {matched} matched{owned}",
    )
    with actions:
        key = f"run_{shown.run_id}"
        st.selectbox(
            "Run",
            list(names),
            index=list(names).index(shown.run_id),
            format_func=lambda run_id: names.get(run_id, f"run {run_id}"),
            key=key,
            label_visibility="collapsed",
            width=204,
            on_change=lambda: choose_run(st.session_state[key]),
        )
        downloads(desk, shown.run_id, label="Export")
        place = st.container(width="content")
        if st.button(
            "Rerun",
            icon=":material/play_arrow:",
            type="primary",
            key="rerun",
            help="Matches the same files under the same rules again, as a new run",
        ):
            open_run(rerun(desk.engine, desk.evidence, shown.run_id, actor=desk.actor).run_id)
    return place


@st.fragment(key="figures")
def standing(desk: Desk, shown: RunPoint, points: Sequence[RunPoint], *, has_charts: bool) -> None:
    """How the run stands: five figures, and the charts where they are wanted. Read again after each decision."""
    with problems_shown():
        today = desk.now.date()
        groups = overview.open_groups(desk.engine, [shown.run_id], today=today)
        before = next((point for point in reversed(points) if point.finished_at < shown.finished_at), None)
        _figures_row(shown, before, groups)
        if has_charts:
            _charts_row(shown, points, groups, today=today)


def _figures_row(shown: RunPoint, before: RunPoint | None, groups: Sequence[OpenGroup]) -> None:
    """Five figures of the run: what is open, what it comes to, how well it matched, how old, how much is done."""
    opened = sum(group.count for group in groups)
    old = sum(group.count for group in groups if AGE_BUCKETS[group.bucket][1] > OLD_AFTER_DAYS)
    resolved = shown.discrepancy_count - opened
    with figures(5):
        _figure(
            "Open discrepancies",
            count(opened),
            *_change(shown.discrepancy_count, before.discrepancy_count if before else None),
            icon=":material/error:",
            color="inverse",
            help="The change compares what the two runs found, resolved or not.",
        )
        _amount_open(groups)
        _figure(
            "Auto-match rate",
            percent(shown.matched_row_count, shown.row_count),
            *_rate_change(shown, before),
            icon=":material/join_inner:",
            color="normal",
        )
        _figure(
            "Older than 5 days",
            count(old),
            percent(old, opened) if opened else None,
            "of what is open",
            icon=":material/hourglass_bottom:",
        )
        _figure(
            "Resolved",
            count(resolved),
            percent(resolved, shown.discrepancy_count) if shown.discrepancy_count else None,
            "of the queue",
            icon=":material/task_alt:",
        )


def _charts_row(shown: RunPoint, points: Sequence[RunPoint], groups: Sequence[OpenGroup], *, today: date) -> None:
    """What is open by age and kind, and the runs before; a click filters the queue, or opens that run's."""
    left, right = st.columns([5, 7], gap="small")
    with left.container(border=True, height="stretch"):
        st.markdown("**Open by age and kind** :gray[· click a bar to filter]")
        st.plotly_chart(
            charts.ageing(groups, height=CHART_HEIGHT),
            key="ageing",
            on_select=lambda: _filter_by_bar(today),
            selection_mode="points",
            config=charts.CONFIG,
            alt="Open discrepancies by age and kind",
        )
    with right.container(border=True, height="stretch"):
        st.markdown(f"{charts.RUN_HISTORY_LEGEND} :gray[· last {counted(len(points), 'run')} · click one to open it]")
        st.plotly_chart(
            charts.run_history(points, height=CHART_HEIGHT),
            key="runs",
            on_select=lambda: _open_run_of_bar(shown.run_id),
            selection_mode="points",
            config=charts.CONFIG,
            alt="Discrepancies per run and rows matched",
        )


def _figure(
    label: str, value: str, delta: str | None, description: str | None, *, icon: str, color: Any = "off", help: str = ""
) -> None:
    st.metric(
        label,
        value,
        delta=delta,
        delta_color=color if delta else "off",
        delta_arrow="auto" if color != "off" else "off",
        delta_description=description if delta else None,
        icon=icon,
        border=True,
        height="stretch",
        help=help or None,
    )


def _amount_open(groups: Sequence[OpenGroup]) -> None:
    by_currency: dict[str, tuple[int, int]] = {}
    for group in groups:
        number, gross = by_currency.get(group.currency, (0, 0))
        by_currency[group.currency] = (number + group.count, gross + group.gross)
    main, *others = sorted(by_currency, key=lambda currency: (-by_currency[currency][0], currency)) or [""]
    lines = [f"{md(figure(gross, currency))} {currency} in {count(n)}" for currency, (n, gross) in by_currency.items()]
    _figure(
        "Amount open",
        compact_money(by_currency[main][1], main) if main else "0",
        f"{len(others)} more" if others else None,
        "currency" if len(others) == 1 else "currencies",
        icon=":material/account_balance_wallet:",
        help=f"Sizes of what is open: {'; '.join(lines)}." if lines else "",
    )


def _change(now: int, before: int | None) -> tuple[str | None, str]:
    """Against the run before, with the sign a person reads; nothing where there was none."""
    if before is None:
        return None, ""
    change = now - before
    return f"{'-' if change < 0 else ''}{count(abs(change))}", "vs. run before"


def _rate_change(shown: RunPoint, before: RunPoint | None) -> tuple[str | None, str]:
    if before is None or not before.row_count or not shown.row_count:
        return None, ""
    points = [10_000 * run.matched_row_count // run.row_count for run in (shown, before)]
    change = points[0] - points[1]
    sign = "-" if change < 0 else ""
    return f"{sign}{abs(change) // 100}.{abs(change) % 100:02d} pp", "vs. run before"


def _filter_by_bar(today: date) -> None:
    points = st.session_state["ageing"].selection.points
    kind, bucket = charts.kind_of(points[0]) if points else (None, None)
    show_only(kind=kind, bucket=bucket, today=today)
    st.rerun()


def _open_run_of_bar(shown_id: int) -> None:
    points = st.session_state["runs"].selection.points
    run_id = int(points[0]["customdata"][0]) if points else shown_id
    if run_id != shown_id:
        choose_run(run_id)
        st.rerun()
