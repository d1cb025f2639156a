"""The keys of the queue: the menu that tells them, and those that are not a button's own."""

from __future__ import annotations

from typing import Final

import streamlit as st

from recon.ui.keys import listen
from recon.ui.triage.decide import QUEUE_KEYS, REASON_KEYS

KEYS: Final = (
    ("J", "the next one"),
    ("K", "the one before"),
    ("A", "take it"),
    ("1 … 0, -", "choose the reason"),
    ("E", "resolve, or reopen"),
    ("U", "undo"),
    ("M", "match by hand"),
    ("N", "write a comment"),
    ("Ctrl+Enter", "save the comment"),
    ("Esc", "leave the field"),
    ("/", "search"),
    ("?", "these keys"),
)
"""Every key, and what it does."""


def keys_menu() -> None:
    """A button that tells the keys."""
    with st.popover("", icon=":material/keyboard:", type="tertiary", help="Keys, at ?", key="keys", width="content"):
        st.markdown("  \n".join(f"`{key}` {what}" for key, what in KEYS))


def listen_on_queue() -> None:
    """Hear the keys no button has, while the queue is shown."""
    listen(
        QUEUE_KEYS,
        focus={"n": ".st-key-panel textarea", "/": ".st-key-q input"},
        click={"?": ".st-key-keys button"},
        save=".st-key-panel [class*=st-key-decide_commented] button",
        choices=REASON_KEYS,
    )
