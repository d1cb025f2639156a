"""Which reconciliation it is: one there is, or a new name. Answers about its files are kept under it.

One there is can be run at once with the newest files.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from recon.model.feed import feed_name
from recon.model.transactions import Side
from recon.queries.newest_files import newest_files
from recon.ui.definition.address import to_definition
from recon.ui.format import clip, md, plain
from recon.ui.guard import Desk
from recon.ui.links import SETTINGS
from recon.ui.newest import newest_button
from recon.ui.reconcile import address

NAME_LIMIT: Final = 120
"""Characters of a name that are kept."""


def name_step(desk: Desk, names: Sequence[str]) -> str | None:
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
        name = plain(chosen or "")[:NAME_LIMIT].strip() or None
        if name is not None and name in names:
            _known(desk, name)
        else:
            st.caption("What you answer about its files is kept under its name.", width="content")
    return name


def _known(desk: Desk, name: str) -> None:
    newest = newest_files(desk.engine, name)
    files = [newest[feed].filename for feed in (feed_name(name, side) for side in Side) if feed in newest]
    st.caption(f"Newest: {md(clip(' and '.join(files), 60))}" if files else "No file yet", width="stretch")
    st.page_link(SETTINGS, label="Definition", icon=":material/description:", query_params=to_definition(name))
    if len(files) == len(Side):
        newest_button(desk, name, key="run_newest")
