"""Audit: who did what, when and why; whether anything was changed since. Everything shown is in the URL."""

from __future__ import annotations

from functools import partial

import streamlit as st

from recon.ui import states
from recon.ui.audit.chain import begin, chain, on_demand, summary
from recon.ui.audit.filters import filter_bar
from recon.ui.audit.listing import listing
from recon.ui.guard import require
from recon.ui.header import header
from recon.workflows.read_audit import export_audit, may_read_audit

desk = require()
if not may_read_audit(desk.engine, desk.actor):
    header("Audit")
    states.empty(
        "You may not read the audit log",
        "Auditors and administrators may. The Settings page says who they are.",
        icon=":material/lock:",
        height=420,
    )
    st.stop()

actions = header("Audit", summary(desk))
chain(desk)
wanted = filter_bar(desk)
actions.download_button(
    "Export CSV",
    data=partial(export_audit, desk.engine, wanted, actor=desk.actor),
    file_name=f"audit-{desk.now:%Y-%m-%d}.csv",
    mime="text/csv",
    icon=":material/download:",
    key="export",
    on_click="ignore",
)
actions.button(
    "Verify",
    icon=":material/verified_user:",
    type="primary",
    key="verify",
    disabled=on_demand().state().is_live,
    help="Checks the seals of the logs and every kept file, and does the newest run again.",
    on_click=begin,
    args=(desk,),
)
listing(desk, wanted)
