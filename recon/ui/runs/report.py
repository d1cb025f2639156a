"""The downloads of a published run, each made when it is clicked."""

from __future__ import annotations

from functools import partial

import streamlit as st

from recon.ui.guard import Desk
from recon.workflows.record_export import exported
from recon.workflows.report_run import MIME, ReportForm, report_run

LABELS = {
    ReportForm.WORKBOOK: "Report (XLSX)",
    ReportForm.DISCREPANCIES: "Discrepancies (CSV)",
    ReportForm.MATCHES: "Matched rows (CSV)",
    ReportForm.NETTED: "Cancelled rows (CSV)",
    ReportForm.REJECTS: "Rejected rows (CSV)",
    ReportForm.SUMMARY: "Summary (JSON)",
}


def downloads(desk: Desk, run_id: int, *, label: str) -> None:
    """A menu of everything that can be taken away of a published run."""
    with st.popover(label, icon=":material/download:", width="content", key="downloads"):
        for form in ReportForm:
            st.download_button(
                LABELS[form],
                data=partial(
                    exported,
                    desk.engine,
                    partial(report_run, desk.engine, desk.evidence, run_id, form),
                    subject=f"run {run_id}",
                    file=form.value,
                    actor=desk.actor,
                ),
                file_name=f"run-{run_id}-{form.value}",
                mime=MIME[form],
                key=f"download_{form.name.lower()}",
                on_click="ignore",
                width="stretch",
            )
