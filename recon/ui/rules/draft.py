"""The draft: the rules being worked on, each group with what it means, and how it differs from what was saved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from recon.errors import TieoutError
from recon.model.rules import ALL_PASSES, Rules
from recon.ui.format import count, md
from recon.ui.rules.differences import differences_text
from recon.ui.rules.inputs import Base, rules_inputs, start_from
from recon.ui.rules.options import ALIASES, lines_input
from recon.ui.rules.passes import passes_line
from recon.ui.rules.text import rules_sentences

PREFIX: Final = "d_"
"""Before the draft's names in the URL: the figures of the Reconcile page are others."""

_GROUPS: Final = (
    (":material/payments:", "Amounts", "how far apart they may be", 2),
    (":material/date_range:", "Dates", "how long the other side may take", 2),
    (":material/match_word:", "Descriptions", "how alike", 2),
)
"""Icon, title, the question it answers, and how many inputs it has; the last is a popover."""


def draft_card(base: Base, newest: Base, currencies: Sequence[str]) -> Rules | None:
    """Draw the inputs; returns the draft, or None while one of them is no number."""
    with st.container(border=True, key="draft", gap="small"):
        notes: list[DeltaGenerator] = []
        places: list[DeltaGenerator] = []
        columns = st.columns([2.2, 1.9, 1.6], gap="medium")
        for column, (icon, title, question, inputs) in zip(columns, _GROUPS, strict=True):
            column.markdown(f"{icon} **{title}** :gray[· {question}]")
            places += column.columns(inputs, gap="small", vertical_alignment="bottom")
            notes.append(column.container())
        below = st.container(gap=None)
        order = st.container()
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            said, learn_at, way_back = (st.container(width=width) for width in ("stretch", "content", "content"))
        try:
            draft = rules_inputs(places, base.rules, learn_at=learn_at, prefix=PREFIX)
        except TieoutError as problem:
            below.error(md(str(problem)), icon=":material/error:")
            said.markdown("The draft cannot be read yet.")
            _discard(way_back, newest, disabled=False)
            return None
        _explain(draft, currencies, notes, below)
        with places[-1].popover(_names_label(draft), icon=":material/badge:", width="stretch", key="rules_names"):
            lines_input(ALIASES, draft, prefix=PREFIX)
        with order:
            passes_line(draft, prefix=PREFIX)
        if draft == base.rules:
            said.markdown(f":gray[:material/check: The draft is {base.name}, unchanged.]")
        else:
            said.markdown(f":orange[:material/edit:] Against {base.name}: {differences_text(base.rules, draft)}")
        _discard(way_back, newest, disabled=draft == base.rules)
    return draft


def _names_label(draft: Rules) -> str:
    """How many parties have more than one name."""
    return f"Names · {count(len(draft.aliases))}" if draft.aliases else "Names"


def _explain(draft: Rules, currencies: Sequence[str], notes: Sequence[DeltaGenerator], below: DeltaGenerator) -> None:
    """What the draft means: a sentence under each group, or one under all where the figures do not decide."""
    sentences = rules_sentences({**draft.as_dict(), "passes": ALL_PASSES}, currencies)
    if len(sentences) < len(notes):
        below.caption(" ".join(md(sentence) for sentence in sentences))
        return
    for note, sentence in zip(notes, sentences, strict=False):
        note.caption(md(sentence))


def _discard(place: DeltaGenerator, newest: Base, *, disabled: bool) -> None:
    place.button(
        "Discard",
        icon=":material/undo:",
        type="tertiary",
        key="rules_discard",
        help=None if disabled else f"Back to {newest.name}",
        disabled=disabled,
        on_click=start_from,
        args=(newest,),
        kwargs={"prefix": PREFIX},
        width="content",
    )
