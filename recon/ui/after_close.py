"""The mark of what was changed after the period it is about was signed off: the same words wherever it is looked at."""

from __future__ import annotations

from typing import Final

import streamlit as st

from recon.model.close import Close
from recon.ui.format import md

REPORTS: Final = "pages/reports.py"
MARK: Final = ":orange-badge[:material/history: After close]"


def after_close(close: Close | None, said: str = "") -> None:
    """Draw the mark, who signed what, and the way to it; nothing without a close. `said`: what came after, in words."""
    if close is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap=None, key=f"after_close_{close.id}"):
        signed = f"{md(close.signed_by)} signed {close.first_on} to {close.last_on} off on {close.at:%Y-%m-%d}"
        st.markdown(f"{MARK} :small[{f'{said}: ' if said else ''}{signed}]", width="content")
        st.page_link(REPORTS, label=f"Close {close.id}", query_params={"close": str(close.id)})
