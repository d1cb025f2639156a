"""Feeds: where files come from, whether they come, follow from each other and mean what they meant."""

from __future__ import annotations

import streamlit as st

from recon.queries.feeds import mapping_versions
from recon.ui import states
from recon.ui.feeds import address
from recon.ui.feeds.arrival import arrival_view, missing_banner
from recon.ui.feeds.editor import editor
from recon.ui.feeds.history import history
from recon.ui.feeds.listing import STATES, State, listing, state_of
from recon.ui.feeds.versions import versions
from recon.ui.format import clip, counted, md
from recon.ui.guard import require
from recon.ui.header import header
from recon.ui.links import RECONCILE
from recon.workflows.feed_standings import feed_standings

HINTS = {
    "Files": "Every file that came, and whether one follows from the other",
    "Mapping": "Which column means what, in versions",
    "Arrival": "When the next file is due, and the zone of its times",
}

desk = require()
standings = feed_standings(desk.engine, now=desk.now)

if not standings:
    header("Feeds", "Where files come from")
    if states.empty(
        "No feed yet",
        "A feed is one side of a reconciliation. It is made with the first file you read for it on the Reconcile page.",
        icon=":material/rss_feed:",
        action="Reconcile two files",
        height=420,
    ):
        st.switch_page(RECONCILE)
    st.stop()

order = list(State)
standings = tuple(sorted(standings, key=lambda one: (order.index(state_of(one)), one.feed.name)))
name = address.chosen_feed([one.feed.name for one in standings]) or standings[0].feed.name
chosen = next(one for one in standings if one.feed.name == name)
missing_count = sum(state_of(one) is State.MISSING for one in standings)
missing = f" · {counted(missing_count, 'file is', 'files are')} missing" if missing_count else ""
header("Feeds", f"{counted(len(standings), 'feed')}{missing} · what comes in, from where, and whether it adds up")

listing(standings, opened=name, now=desk.now)

with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    look = STATES[state_of(chosen)]
    st.markdown(f"**{md(clip(name, 60))}**", width="content")
    st.markdown(look.badge(), width="content")
    view = st.segmented_control(
        "View",
        list(address.VIEWS),
        default=address.VIEWS[0],
        required=True,
        key=address.VIEW,
        bind="query-params",
        label_visibility="collapsed",
    )
    st.caption(HINTS[view or "Files"], width="stretch")
missing_banner(desk, chosen)

newest = next(iter(mapping_versions(desk.engine, chosen.feed.id)), None)
saved = None if newest is None or newest.is_forgotten else newest
if view == "Mapping":
    editor(desk, chosen, saved)
    versions(desk, chosen.feed.id)
elif view == "Arrival":
    arrival_view(desk, chosen, saved)
else:
    history(desk, chosen)
