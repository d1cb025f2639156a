"""What of a run came after its period was signed off: the run itself, and what was decided about it since."""

from __future__ import annotations

import streamlit as st

from recon.queries.after_close import decided_after_close, run_after_close
from recon.ui.after_close import MARK, after_close
from recon.ui.format import counted
from recon.ui.guard import Desk


def changed_since(desk: Desk, run_id: int) -> None:
    """Draw it; nothing where no closed period is touched."""
    after_close(run_after_close(desk.engine, desk.evidence, run_id), "Published into a closed period")
    if late := decided_after_close(desk.engine, run_id):
        st.markdown(f"{MARK} {counted(late, 'discrepancy', 'discrepancies')} decided since the period was signed off")
