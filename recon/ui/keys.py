"""Keys no button can have: those that put the cursor into a field, punctuation, and choices by digit.

Rule they keep: a key means something only while nobody is typing; Escape leaves the field one types in. What a key
chose travels as a state, with everything that is pressed after it: no later key overtakes it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any, Final

import streamlit as st

_LISTEN: Final = """
const listening = new WeakMap()

export default function ({ data, parentElement, setStateValue }) {
  listening.get(parentElement)?.abort()  // called again at each drawing
  const over = new AbortController()
  listening.set(parentElement, over)

  const press = (event) => {
    const typed = event.composedPath().find((part) => part.matches?.("input, textarea, select, [contenteditable]"))
    const isSave = event.key === "Enter" && (event.ctrlKey || event.metaKey)
    if (typed && isSave && typed.tagName === "TEXTAREA") return document.querySelector(data.save || "none")?.click()
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
    if (typed) {
      if (event.key === "Escape") typed.blur()
      return
    }
    if (data.choices.includes(event.key)) {
      event.preventDefault()
      setStateValue("chosen", { key: event.key, at: Date.now() })
      return
    }
    const found = document.querySelector(data.focus[event.key] ?? data.click[event.key] ?? "none")
    if (!found) return
    event.preventDefault()
    if (event.key in data.click) return found.click()
    found.focus()
    found.setSelectionRange?.(found.value.length, found.value.length)
  }

  document.addEventListener("keydown", press, { signal: over.signal })
  return () => over.abort()
}
"""


def listen(
    key: str, *, focus: Mapping[str, str], click: Mapping[str, str], save: str = "", choices: Collection[str] = ()
) -> None:
    """Listen while this is on the page: it is not seen.

    `focus` and `click` name, by key, the CSS selector of what gets the cursor, or is clicked; `save` that of the button
    Ctrl+Enter presses while somebody writes. `choices` are keys that `chosen` tells of.
    """
    told = {"focus": dict(focus), "click": dict(click), "save": save, "choices": list(choices)}
    _listener()(key=key, data=told, height=1, on_chosen_change=_nothing)


def chosen(key: str) -> str | None:
    """The choice pressed since this was last asked, by whoever listens under `key`; None when there is none."""
    state = st.session_state.get(key) or {}
    pressed = state.get("chosen")
    if not pressed or pressed["at"] == st.session_state.get(f"{key}_taken"):
        return None
    st.session_state[f"{key}_taken"] = pressed["at"]
    return str(pressed["key"])


@cache
def _listener() -> Any:
    return st.components.v2.component("keys", html="<span></span>", js=_LISTEN)


def _nothing() -> None:
    """A component keeps only state that somebody asks to hear of."""
