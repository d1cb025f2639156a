"""Views of the queue everybody has. Choosing one sets the filters, nothing else.

Rule they keep: the URL holds what is shown. A view is a name for some of it; which one is lit follows from the filters,
not the other way round.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

from recon.model.triage import DiscrepancyStatus
from recon.queries.discrepancies import Sort
from recon.queries.triage_desk import OpenCounts, open_counts
from recon.ui.format import compact
from recon.ui.guard import Desk
from recon.ui.triage.filters import MINE, NOBODY, asked, show
from recon.ui.triage.saved import saved_menu

QUICK: Final[Mapping[str, Mapping[str, Any]]] = {
    "Open": {},
    "Mine": {"who": MINE},
    "Unassigned": {"who": NOBODY},
    "Overdue": {"due": True},
    "Resolved": {"status": [DiscrepancyStatus.RESOLVED]},
}
"""The views everybody has: a label, and the filters in use."""

_WORKED_BY_DUE: Final = ("Mine", "Unassigned", "Overdue")
"""Views to work through: what is due first comes first."""

_VIEW: Final = "view"


@st.fragment(key="views")
def quick_views(desk: Desk, run_id: int) -> None:
    """The quick views with how many each holds, and the menu of saved ones. Counted again after each decision."""
    counts = open_counts(desk.engine, run_id, actor=desk.actor, today=desk.now.date())
    numbers = _numbers(counts)
    st.session_state[_VIEW] = next((name for name, query in QUICK.items() if query == asked()), None)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="views"):
        st.segmented_control(
            "View",
            list(QUICK),
            format_func=lambda name: f"{name} {compact(numbers[name])}" if numbers.get(name) else name,
            key=_VIEW,
            label_visibility="collapsed",
            on_change=_quick,
        )
        saved_menu(desk, is_quick=st.session_state[_VIEW] is not None)


def _numbers(counts: OpenCounts) -> dict[str, int]:
    return {
        "Open": counts.total,
        "Mine": counts.mine,
        "Unassigned": counts.unassigned if counts.unassigned != counts.total else 0,
        "Overdue": counts.overdue,
    }


def _quick() -> None:
    name = st.session_state[_VIEW] or "Open"
    show(QUICK[name], sort=Sort.DUE if name in _WORKED_BY_DUE else None)
    st.rerun()  # the filters it sets stand outside of what is drawn again by itself
