"""One event beside the list: who, when, why, what was before and what is after."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd
import streamlit as st

from recon.queries.audit import AuditEvent
from recon.ui.audit.filters import only_about
from recon.ui.audit.look import action_label
from recon.ui.audit.sentences import sentence
from recon.ui.format import NONE, clip, md, plain
from recon.ui.pager import ROW_HEIGHT, grid_height

TOLD: Final = ("before", "after", "reason")
_PAGES: Final = {
    "run": ("pages/runs.py", "run"),
    "proposal": ("pages/approvals.py", "proposal"),
    "close": ("pages/reports.py", "close"),
}
"""A subject's noun -> the page that shows one, and its parameter."""

_INSIDE: Final = ("action_key",)
"""What tells a double click from two, and nobody anything."""

_WIDEST: Final = 300


def event_panel(event: AuditEvent | None) -> None:
    """Draw the event; without one, what to do."""
    if event is None:
        st.markdown("##### :material/touch_app: Pick an event")
        st.caption("Click a line for what it changed, from what and into what, and why.")
        return
    st.markdown(f"##### {md(action_label(event.action))}")
    st.caption(f"Event {event.id} · {event.at:%Y-%m-%d %H:%M:%S} UTC")
    st.markdown(f"**{md(clip(event.actor, 80))}** {md(sentence(event))}.")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="event_actions"):
        st.button(
            "Only this subject", icon=":material/filter_alt:", key="only", on_click=only_about, args=(event.subject,)
        )
        _way(event.subject)
    if event.detail.get("reason"):
        st.markdown(f"> {md(clip(event.detail['reason'], 2000))}")
    changed = changes(event.detail)
    if changed:
        _table(pd.DataFrame(changed, columns=["Field", "Before", "After"]), key="changes")
    rest = {key: value for key, value in event.detail.items() if key not in (*TOLD, *_INSIDE)}
    if rest:
        rows = [(label(key), _said(value)) for key, value in rest.items()]
        _table(pd.DataFrame(rows, columns=["Detail", "Value"]), key="rest")
    if not changed and not rest:
        st.caption("Nothing else was recorded with it.")


def _way(subject: str) -> None:
    """The link to what the event is about, where a page shows it by its number."""
    noun, _, number = subject.partition(" ")
    if noun in _PAGES and number.isascii() and number.isdecimal():
        page, parameter = _PAGES[noun]
        st.page_link(page, label=f"Open {noun} {number}", query_params={parameter: number})


def changes(detail: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(field, before, after) of every field that differs; without `before`, of all there is after."""
    before, after = (detail.get(name) for name in ("before", "after"))
    if before is None and after is None:
        return []
    if not isinstance(before or {}, dict) or not isinstance(after or {}, dict):
        return [("Value", _said(before), _said(after))]
    before, after = before or {}, after or {}
    fields = dict.fromkeys([*before, *after])
    return [
        (label(field), _said(before.get(field)), _said(after.get(field)))
        for field in fields
        if before.get(field) != after.get(field)
    ]


def label(field: str) -> str:
    """`is_active` -> `Is active`."""
    return clip(field.replace("_", " "), 60).capitalize()


def _said(value: Any) -> str:
    if value is None or value == "":
        return NONE
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
    return clip(plain(text), _WIDEST)


def _table(frame: pd.DataFrame, *, key: str) -> None:
    st.dataframe(frame, hide_index=True, row_height=ROW_HEIGHT, height=grid_height(len(frame), at_most=12), key=key)
