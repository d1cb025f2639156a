"""The rules of the run: five figures in the URL, what they mean in one line, and a file to keep them in.

They start from the newest version saved for the reconciliation, else from the settings' defaults; what is changed here
is for this run alone.
"""

from __future__ import annotations

import streamlit as st

from recon.errors import TieoutError
from recon.model.rules import Rules
from recon.queries.rules import newest_rules
from recon.ui.format import md
from recon.ui.guard import Desk
from recon.ui.links import RULES
from recon.ui.reconcile.carrying_form import carrying_form
from recon.ui.rules.file import rules_file
from recon.ui.rules.inputs import Base, follow, put_rules, rules_inputs
from recon.ui.rules.text import rules_sentences


def rules_form(desk: Desk, name: str | None, currencies: tuple[str, ...]) -> Rules | None:
    """Draw the rules; returns them, or None while one of them is no number."""
    default = desk.settings.default_rules()
    base = follow(Base.of(name, newest_rules(desk.engine, name) if name else None, default))
    with st.container(border=True, key="rules", gap="small"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown("**Rules** :gray[· when two rows may be one movement]", width="content")
            menu = st.container(horizontal=True, vertical_alignment="center", width="content", gap="small")
            learn_at = menu.container(width="content")
        try:
            rules = rules_inputs(st.columns(5, gap="small"), base.rules, learn_at=learn_at)
        except TieoutError as problem:
            st.error(md(str(problem)), icon=":material/error:")
            return None
        st.caption(" ".join(md(sentence) for sentence in rules_sentences(rules.as_dict(), currencies)))
        with menu:
            _menu(desk, rules, base, default)
            carrying_form(desk, name)
    return rules


def _menu(desk: Desk, rules: Rules, base: Base, default: Rules) -> None:
    """Where the rules come from, the way to those that are kept, and what can be done with these."""
    if base.version:
        changed = " · changed for this run" if rules != base.rules else ""
        st.caption(f"Version {base.version} of this reconciliation{changed}", width="content")
        if st.button("Open rules", icon=":material/tune:", type="tertiary", key="open_rules"):
            st.switch_page(RULES, query_params={"for": base.reconciliation or ""})
    with st.popover("Rules file", icon=":material/settings:", width="content", key="rules_menu"):
        rules_file(desk, rules, default)
        st.button(
            f"Back to {base.name}",
            icon=":material/restart_alt:",
            key="rules_reset",
            on_click=put_rules,
            args=(base.rules,),
            width="stretch",
        )
