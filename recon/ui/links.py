"""Ways from one page to another, with what to show there in the URL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Never

import streamlit as st

from recon.model.outcome import DiscrepancyKind
from recon.queries.overview import AGE_BUCKETS, OpenGroup

RECONCILE = "pages/reconcile.py"
RUNS = "pages/runs.py"
TRIAGE = "pages/triage.py"


def open_run(run_id: int) -> Never:
    """Go to one run."""
    st.switch_page(RUNS, query_params={"run": str(run_id)})


def open_triage(groups: Sequence[OpenGroup], *, kind: DiscrepancyKind, bucket: int, today: date) -> Never:
    """Go to the open discrepancies of one kind and age, of the run that has most of them."""
    wanted = [group for group in groups if group.kind == kind and group.bucket == bucket]
    counts: dict[int, int] = {}
    for group in wanted:
        counts[group.run_id] = counts.get(group.run_id, 0) + group.count
    st.switch_page(
        TRIAGE, query_params=triage_query(max(counts, key=lambda run: (counts[run], run)), kind, bucket, today)
    )


def triage_query(run_id: int, kind: DiscrepancyKind, bucket: int, today: date) -> dict[str, str]:
    """The filters of the triage page for one run, kind and age; dates are inclusive."""
    _, first, last = AGE_BUCKETS[bucket]
    query = {"run": str(run_id), "kinds": kind.value}
    if first > 0:
        query["to"] = (today - timedelta(days=first)).isoformat()
    if last is not None:
        query["from"] = (today - timedelta(days=last)).isoformat()
    return query
