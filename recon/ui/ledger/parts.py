"""What the panels have in common: the title with its close button, facts as lines, metadata, and events."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from recon.model.ledger import LedgerEvent
from recon.ui.format import clip, md, when, words
from recon.ui.ledger import address
from recon.ui.ledger.look import event_label
from recon.ui.ledger.sentences import sentence

METADATA_SHOWN: Final = 12
_LENGTH: Final = 200


def title(text: str, *badges: str) -> DeltaGenerator:
    """`text` is plain, badges are Markdown. Returns the place for what can be done, before the close button."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.subheader(md(clip(text, 40)), anchor=False, width="content")
        st.markdown(" ".join(badges), width="content")
        with st.container(horizontal=True, horizontal_alignment="right", gap="xsmall"):
            actions = st.container(horizontal=True, width="content")
            st.button(
                "", icon=":material/close:", type="tertiary", on_click=address.close, key="close_panel", help="Close"
            )
    return actions


def facts(*lines: tuple[str, str]) -> None:
    """One line each: a label, and Markdown."""
    st.markdown("  \n".join(f":gray[{label}] {value}" for label, value in lines))


def metadata(found: Mapping[str, Any], *, but: Sequence[str] = ()) -> Iterator[tuple[str, str]]:
    """What whoever posted it said beside, as lines for `facts`; text from outside stays text."""
    shown = [(name, value) for name, value in sorted(found.items()) if name not in but]
    for name, value in shown[:METADATA_SHOWN]:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        yield md(clip(words(name), 40)), md(clip(text, _LENGTH))
    if len(shown) > METADATA_SHOWN:
        yield "and", f"{len(shown) - METADATA_SHOWN} more"


def history(events: Sequence[LedgerEvent], names: Mapping[UUID, str], *, now: datetime) -> None:
    """What was recorded, oldest first."""
    st.markdown("**Events**")
    for event in events:
        kind = event_label(type(event.fact).__name__)
        said = md(clip(sentence(event.fact, names), 160))
        st.caption(f"**{event.id}** {kind} · {md(clip(event.actor, 40))}, {when(event.at, now=now)}  \n{said}")


def missing(text: str) -> None:
    """What the URL opens is not there."""
    st.warning(f"{text} Its number in the address may be wrong.", icon=":material/search_off:")
    st.button("Close", icon=":material/close:", on_click=address.close, key="close_missing")
