"""The key `/` puts the cursor into the search of the source, as it does elsewhere: no button can have that key."""

from __future__ import annotations

from typing import Final

import streamlit as st

from recon.model.transactions import Side
from recon.ui.workbench.pane import search_key

_LISTEN: Final = """
export default function ({ data }) {
  const seek = (event) => {
    if (event.key !== "/" || event.target.closest?.("input, textarea, [contenteditable]")) return
    const box = document.querySelector(`.st-key-${data.field} input`)
    if (!box) return
    event.preventDefault()
    box.focus()
    box.select()
  }
  document.addEventListener("keydown", seek)
  return () => document.removeEventListener("keydown", seek)
}
"""


def slash_searches() -> None:
    """Listen for the key while the panes are shown. It takes no room."""
    listener = st.components.v2.component("slash_searches", html="<span></span>", js=_LISTEN)
    listener(data={"field": search_key(Side.SOURCE)}, key="slash_searches")
