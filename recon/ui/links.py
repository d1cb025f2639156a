"""Ways from one page to another, with what to show there in the URL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final, Never

import streamlit as st

from recon.model.outcome import DiscrepancyKind
from recon.queries.discrepancy_detail import DiscrepancyDetail
from recon.queries.overview import AGE_BUCKETS, OpenGroup, RunPoint
from recon.ui.format import KINDS, clip, count, counted, md
from recon.ui.triage.filters import clear_filters, show_only, show_overdue

FEEDS = "pages/feeds.py"
OPEN_ITEMS = "pages/open_items.py"
RECONCILE = "pages/reconcile.py"
RULES = "pages/rules.py"
RUNS = "pages/runs.py"
SETTINGS = "pages/settings.py"
TRIAGE = "pages/triage.py"
WORKBENCH = "pages/workbench.py"

_LIST_ROWS: Final = 14
_LIST_HEIGHT: Final = 360


def open_run(run_id: int) -> Never:
    """Go to one run."""
    st.switch_page(RUNS, query_params={"run": str(run_id), "view": "Summary"})


def open_triage(
    run_id: int,
    *,
    kind: DiscrepancyKind | None = None,
    bucket: int | None = None,
    today: date | None = None,
    is_overdue: bool = False,
) -> Never:
    """Go to the open discrepancies of one run, or of it one kind and age, or what is overdue.

    Filters of an earlier visit are put away.
    """
    clear_filters()
    if is_overdue:
        show_overdue()
    if kind is not None and today is not None:
        show_only(kind=kind, bucket=bucket, today=today)
    st.switch_page(TRIAGE, query_params={"run": str(run_id)})


def match_button(detail: DiscrepancyDetail) -> None:
    """To the workbench, with its rows chosen there, to find the counterpart by hand."""
    if st.button(
        "Match",
        icon=":material/join_inner:",
        shortcut="M",
        type="tertiary",
        key="match",
        help="Find the counterpart on the workbench",
    ):
        sides = {"source": detail.source.line, "reference": detail.reference.line}
        lines = {side: str(line) for side, line in sides.items() if line is not None}
        near = "-".join(next(iter(lines.items())))
        st.switch_page(WORKBENCH, query_params={"run": str(detail.run_id), **lines, "near": near})


def choose_run(
    current: Sequence[RunPoint], groups: Sequence[OpenGroup], *, kind: DiscrepancyKind, bucket: int, today: date
) -> None:
    """Go to the open discrepancies of one kind and age; where several runs have some, ask which."""
    counts: dict[int, int] = {}
    for group in groups:
        if group.kind == kind and group.bucket == bucket:
            counts[group.run_id] = counts.get(group.run_id, 0) + group.count
    if len(counts) == 1:
        open_triage(next(iter(counts)), kind=kind, bucket=bucket, today=today)
    if counts:
        found = [(point, counts[point.run_id]) for point in current if point.run_id in counts]
        runs = sorted(found, key=lambda run: -run[1])  # most first, and of as many the newest
        st.dialog(f"{KINDS[kind].label}, {AGE_BUCKETS[bucket][0]}")(_choices)(runs, kind, bucket, today)


def _choices(runs: Sequence[tuple[RunPoint, int]], kind: DiscrepancyKind, bucket: int, today: date) -> None:
    found = sum(number for _, number in runs)
    st.caption(f"{counted(found, 'discrepancy', 'discrepancies')} in {counted(len(runs), 'run')}. Choose one.")
    with st.container(gap=None, height=_LIST_HEIGHT if len(runs) > _LIST_ROWS else "content", border=False):
        for point, number in runs:
            label = f"**{count(number)}** · {md(clip(point.reconciliation, 36))}, run {point.run_id}"
            if st.button(label, icon=":material/rule:", type="tertiary", key=f"choose_{point.run_id}"):
                open_triage(point.run_id, kind=kind, bucket=bucket, today=today)
