"""Keys no button can have, and the way out of a field: left with Enter or Escape, or chosen in, it gives the keys back.

`/` and `.` put the cursor into the search of the source and of the reference, `D` where one says what the difference
is, `T` into the note.
"""

from __future__ import annotations

from typing import Final

import streamlit as st

from recon.model.transactions import Side
from recon.ui.workbench.address import key

_LISTEN: Final = """
export default function ({ data }) {
  const typing = "input, textarea, select, [contenteditable]"
  const ours = (field) => data.leaves.some((name) => field?.closest(`.st-key-${name}`))
  const picked = () => {
    const field = document.activeElement
    if (field?.role === "combobox" && field.ariaExpanded !== "true" && ours(field)) field.blur()
  }
  const click = () => setTimeout(picked, 100)
  const seek = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const field = event.target.closest?.(typing)
    const isOurs = field && ours(field)
    if (isOurs && event.key === "Escape") event.stopPropagation() // it would also clear what is chosen
    if (isOurs && (event.key === "Enter" || event.key === "Escape")) setTimeout(() => field.blur(), 0)
    if (field || !data.fields[event.key.toLowerCase()]) return
    const box = document.querySelector(`.st-key-${data.fields[event.key.toLowerCase()]} input`)
    if (!box || box.disabled) return
    event.preventDefault()
    box.focus()
    box.select()
  }
  window.addEventListener("keydown", seek, true)
  window.addEventListener("click", click)
  return () => {
    window.removeEventListener("keydown", seek, true)
    window.removeEventListener("click", click)
  }
}
"""


def listen(*, reason: str, note: str) -> None:
    """Listen while the rows are shown; `reason` and `note` are the keys of those fields. It takes no room."""
    searches = {side: key(side, "q") for side in Side}
    fields = {"/": searches[Side.SOURCE], ".": searches[Side.REFERENCE], "d": reason, "t": note}
    listener = st.components.v2.component("bench_keys", html="<span></span>", js=_LISTEN)
    chosen = [key(side, "ccy") for side in Side]
    listener(data={"fields": fields, "leaves": [*searches.values(), *chosen, reason, note]}, key="bench_keys")
