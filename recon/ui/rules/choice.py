"""Which reconciliation the page is about: in the URL, kept by the session, the first one where neither says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from recon.model.saved_rules import SavedRules
from recon.ui.format import clip, md, when
from recon.ui.pager import fingerprint

_CHOSEN: Final = "for"
_KEPT: Final = "rules_for"


def chosen(names: Sequence[str]) -> str:
    """The reconciliation of the page, among at least one."""
    asked = st.query_params.get(_CHOSEN) or st.session_state.get(_KEPT)
    name = next((one for one in names if one == asked), names[0])
    st.query_params[_CHOSEN] = st.session_state[_KEPT] = name
    return name


def choice(place: DeltaGenerator, names: Sequence[str], name: str) -> None:
    """Draw the choice."""
    key = f"{_KEPT}_{fingerprint(name)}"
    place.selectbox(
        "Reconciliation",
        names,
        index=list(names).index(name),
        format_func=lambda one: clip(one, 60),
        label_visibility="collapsed",
        key=key,
        width=230,
        on_change=lambda: st.query_params.update({_CHOSEN: st.session_state[key]}),
    )


def saved_line(newest: SavedRules | None, *, now: datetime) -> str:
    """What its next run starts from, as Markdown."""
    if newest is None:
        return "Nothing saved yet: runs start from the defaults of the settings"
    saved = f"saved {when(newest.created_at, now=now)} by {md(clip(newest.created_by, 24))}"
    return f"Version {newest.version} · {saved} · {md(clip(newest.note, 60))}"
