"""Which reconciliation it is: one there is, or a new name. Answers about its files are kept under it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from recon.ui.format import clip, plain
from recon.ui.reconcile import address

NAME_LIMIT: Final = 120
"""Characters of a name that are kept."""


def name_step(names: Sequence[str]) -> str | None:
    """Draw the choice; returns the name, on one line, or None while there is none."""
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="name_step"):
        st.markdown("**Reconciliation**", width="content")
        chosen = st.selectbox(
            "Reconciliation",
            names,
            index=None,
            format_func=lambda name: clip(name, 60),
            placeholder="Type a new name, or choose one",
            accept_new_options=True,
            label_visibility="collapsed",
            key=address.NAME,
            bind="query-params",
            width=380,
        )
        st.caption("What you answer about its files is kept under its name.", width="content")
    return plain(chosen or "")[:NAME_LIMIT].strip() or None
