"""The draft: the rules being worked on, each group with what it means, and how it differs from what was saved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from recon.errors import TieoutError
from recon.model.rules import Rules
from recon.ui.format import md
from recon.ui.rules.differences import differences_text
from recon.ui.rules_inputs import Base, rules_inputs, start_from
from recon.ui.rules_text import rules_sentences

PREFIX: Final = "d_"
"""Before the draft's names in the URL: the figures of the Reconcile page are others."""

_GROUPS: Final = (
    (":material/payments:", "Amounts", "how far apart they may be", 2),
    (":material/date_range:", "Dates", "how long the other side may take", 2),
    (":material/match_word:", "Descriptions", "how alike", 1),
)
"""Icon, title, the question it answers, and how many inputs it has."""


def draft_card(base: Base, newest: Base, currencies: Sequence[str]) -> Rules | None:
    """Draw the inputs; returns the draft, or None while one of them is no number."""
    with st.container(border=True, key="draft", gap="small"):
        notes: list[DeltaGenerator] = []
        places: list[DeltaGenerator] = []
        columns = st.columns([2, 2, 1.35], gap="medium")
        for column, (icon, title, question, count) in zip(columns, _GROUPS, strict=True):
            column.markdown(f"{icon} **{title}** :gray[· {question}]")
            places += column.columns(count, gap="small")
            notes.append(column.container())
        try:
            draft = rules_inputs(places, base.rules, prefix=PREFIX)
        except TieoutError as problem:
            st.error(md(str(problem)), icon=":material/error:")
            _changes("The draft cannot be read yet.", newest)
            return None
        for note, sentence in zip(notes, rules_sentences(draft.as_dict(), currencies), strict=False):
            note.caption(md(sentence))
        if draft == base.rules:
            _changes(f":gray[:material/check: The draft is {base.name}, unchanged.]", None)
        else:
            _changes(f":orange[:material/edit:] Against {base.name}: {differences_text(base.rules, draft)}", newest)
    return draft


def _changes(text: str, newest: Base | None) -> None:
    """What the draft changes, and the way back, if there is one."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(text, width="stretch")
        st.button(
            "Discard",
            icon=":material/undo:",
            type="tertiary",
            key="rules_discard",
            help=f"Back to {newest.name}" if newest else None,
            disabled=newest is None,
            on_click=start_from,
            args=(newest,),
            kwargs={"prefix": PREFIX},
            width="content",
        )
