"""Ways from one page to another, with what to show there in the URL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Never

import streamlit as st

from recon.model.outcome import DiscrepancyKind
from recon.queries.overview import AGE_BUCKETS, OpenGroup, RunPoint
from recon.ui.format import KINDS, clip, count, md

RECONCILE = "pages/reconcile.py"
RUNS = "pages/runs.py"
TRIAGE = "pages/triage.py"


def open_run(run_id: int) -> Never:
    """Go to one run."""
    st.switch_page(RUNS, query_params={"run": str(run_id)})


def open_triage(
    current: Sequence[RunPoint], groups: Sequence[OpenGroup], *, kind: DiscrepancyKind, bucket: int, today: date
) -> None:
    """Go to the open discrepancies of one kind and age; where several runs have some, ask which."""
    counts: dict[int, int] = {}
    for group in groups:
        if group.kind == kind and group.bucket == bucket:
            counts[group.run_id] = counts.get(group.run_id, 0) + group.count
    if len(counts) == 1:
        st.switch_page(TRIAGE, query_params=triage_query(next(iter(counts)), kind, bucket, today))
    if counts:
        title = f"{KINDS[kind].label}, {AGE_BUCKETS[bucket][0]}: {count(sum(counts.values()))} in {len(counts)} runs"
        queries = {run_id: triage_query(run_id, kind, bucket, today) for run_id in counts}
        st.dialog(title)(_choose_run)(
            [(point, counts[point.run_id]) for point in current if point.run_id in counts], queries
        )


def _choose_run(runs: Sequence[tuple[RunPoint, int]], queries: Mapping[int, Mapping[str, str]]) -> None:
    with st.container(gap="xsmall", height=min(len(runs), 10) * 34 + 8, border=False):
        for point, number in runs:
            st.page_link(
                TRIAGE,
                label=f"**{count(number)}** · {md(clip(point.reconciliation, 36))}, run {point.run_id}",
                icon=":material/rule:",
                query_params=queries[point.run_id],
                width="stretch",
            )


def triage_query(run_id: int, kind: DiscrepancyKind, bucket: int, today: date) -> dict[str, str]:
    """The filters of the triage page for one run, kind and age; dates are inclusive."""
    _, first, last = AGE_BUCKETS[bucket]
    query = {"run": str(run_id), "kinds": KINDS[kind].label}
    if first > 0:
        query["to"] = (today - timedelta(days=first)).isoformat()
    if last is not None:
        query["from"] = (today - timedelta(days=last)).isoformat()
    return query
