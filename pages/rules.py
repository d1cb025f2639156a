"""Rules: when two rows may be one movement, tried out on a past run before they are saved, in versions."""

from __future__ import annotations

import streamlit as st

from recon.queries.rules import newest_rules
from recon.queries.runs import reconciliation_names
from recon.ui import states
from recon.ui.guard import require
from recon.ui.header import header
from recon.ui.links import RECONCILE
from recon.ui.rules.choice import choice, chosen, saved_line
from recon.ui.rules.draft import PREFIX, draft_card
from recon.ui.rules.inputs import Base, follow
from recon.ui.rules.lessons import lessons
from recon.ui.rules.saving import draft_actions, overtaken
from recon.ui.rules.try_out import run_to_try, try_out
from recon.ui.rules.versions import versions

VIEWS = {
    "Try-out": "What the draft would have made of a past run",
    "Suggestions": "Changes that people's matches ask for; none is made by itself",
    "Versions": "Every version that was saved, and what it changed",
}

desk = require()
names = reconciliation_names(desk.engine)

if not names:
    header("Rules", "When two rows may be one movement")
    if states.empty(
        "No reconciliation yet",
        "Rules belong to a reconciliation. Reconcile two files once; then its rules are kept and tried out here.",
        icon=":material/tune:",
        action="Reconcile two files",
        height=420,
    ):
        st.switch_page(RECONCILE)
    st.stop()

name = chosen(names)
saved = newest_rules(desk.engine, name)
actions = header("Rules", saved_line(saved, now=desk.now))
choice(actions, names, name)

newest = Base.of(name, saved, desk.settings.default_rules())
base = follow(newest, prefix=PREFIX)
overtaken(base, newest, saved)
detail = run_to_try(desk, name)
draft = draft_card(base, newest, [line.currency for line in detail.proof] if detail else ())
draft_actions(desk, actions, base, draft, detail)

with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    view = st.segmented_control(
        "View",
        list(VIEWS),
        default="Try-out",
        required=True,
        key="rules_view",
        bind="query-params",
        label_visibility="collapsed",
    )
    st.caption(VIEWS[view or "Try-out"], width="stretch")
    bar = st.container(horizontal=True, width="content", vertical_alignment="center")
if view == "Versions":
    versions(desk, name)
elif view == "Suggestions":
    lessons(desk, name, draft, detail)
else:
    try_out(desk, name, detail, draft, base, bar=bar)
