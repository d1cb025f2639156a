"""Every version that was saved, newest first, each with why, and what it changed of the one before."""

from __future__ import annotations

from typing import Final

import streamlit as st

from recon.model.saved_rules import SavedRules
from recon.queries.rules import RulesUse, rule_versions, rules_in_use
from recon.ui import states
from recon.ui.format import clip, count, instant, md
from recon.ui.guard import Desk
from recon.ui.rules.differences import differences_text
from recon.ui.rules.draft import PREFIX
from recon.ui.rules.inputs import put_rules
from recon.ui.rules.text import rules_sentences

PAGE_SIZE: Final = 8
_SHOWN: Final = "rule_versions_shown"


def versions(desk: Desk, reconciliation: str) -> None:
    """Draw the history."""
    shown = st.session_state.get(_SHOWN, PAGE_SIZE)
    found = rule_versions(desk.engine, reconciliation, limit=shown + 1)
    if not found:
        states.empty(
            "No version yet",
            "Change a rule above and save it: every version stays here, with why it was made.",
            icon=":material/history:",
            height=240,
        )
        return
    uses = {use.rules: use for use in rules_in_use(desk.engine, reconciliation)}
    with st.container(border=True, key="versions", gap="small"):
        for place, version in enumerate(found[:shown]):
            if place:
                st.space(1)
            before = found[place + 1] if place + 1 < len(found) else None
            _line(version, before, uses.get(version.rules), is_newest=place == 0)
    if len(found) > shown:
        st.button("Show earlier versions", icon=":material/expand_more:", key="earlier", on_click=_more, args=(shown,))


def used(use: RulesUse | None) -> str:
    """How far a version is used, which is why none ever changes."""
    if use is None:
        return "no run yet"
    if use.run_count == 1:
        return f"run {use.newest_run_id} was made with it"
    return f"{count(use.run_count)} runs were made with it, the newest is run {use.newest_run_id}"


def _line(version: SavedRules, before: SavedRules | None, use: RulesUse | None, *, is_newest: bool) -> None:
    text, action = st.columns([7, 1], vertical_alignment="center", gap="small")
    mark = " :green-badge[In use]" if is_newest else ""
    saved = f"{instant(version.created_at)} · {md(clip(version.created_by, 24))}"
    changed = (
        differences_text(before.rules, version.rules)
        if before
        else " ".join(md(sentence) for sentence in rules_sentences(version.rules.as_dict()))
    )
    with text.container(gap=None):
        st.markdown(f"**Version {version.version}**{mark} :gray[· {saved} · {used(use)}]")
        st.markdown(f"{md(version.note)}")
        st.caption(changed)
    action.button(
        "To the draft",
        icon=":material/edit:",
        key=f"take_v{version.version}",
        help="Puts these rules into the draft above; nothing is saved by it",
        on_click=put_rules,
        args=(version.rules,),
        kwargs={"prefix": PREFIX},
        width="stretch",
    )


def _more(shown: int) -> None:
    st.session_state[_SHOWN] = shown + PAGE_SIZE
