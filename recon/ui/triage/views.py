"""Views of the queue: a few that everybody has, and those people save. Choosing one sets the filters, nothing else.

Rule it keeps: the URL holds what is shown. A view is a name for some of it; which one is lit follows from the filters,
not the other way round.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from functools import partial
from typing import Any, Final

import streamlit as st

from recon.errors import TieoutError
from recon.model.outcome import DiscrepancyKind
from recon.model.saved_view import VIEW_NAME_LIMIT, SavedView
from recon.model.triage import DiscrepancyStatus
from recon.queries.discrepancies import Sort
from recon.queries.saved_views import saved_views
from recon.queries.triage_desk import OpenCounts, open_counts
from recon.ui import states
from recon.ui.format import clip, count, md
from recon.ui.guard import Desk
from recon.ui.pager import first_page
from recon.ui.triage.filters import EMPTY, MINE, NOBODY, PAGE, asked
from recon.workflows.save_view import drop_view, save_view

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
_PROBLEM: Final = "view_problem"


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
            format_func=lambda name: f"{name} {count(numbers[name])}" if numbers.get(name) else name,
            key=_VIEW,
            label_visibility="collapsed",
            on_change=_quick,
        )
        views = saved_views(desk.engine, desk.actor)
        lit = next((view for view in views if _restored(view.query) == asked() and asked()), None)
        with st.popover(
            md(clip(lit.name, 14)) if lit and not st.session_state[_VIEW] else "",
            icon=":material/bookmarks:",
            help="Saved views",
            key="saved_views",
            width="content",
        ):
            _saved(desk, views)


def _numbers(counts: OpenCounts) -> dict[str, int]:
    return {
        "Open": counts.total,
        "Mine": counts.mine,
        "Unassigned": counts.unassigned if counts.unassigned != counts.total else 0,
        "Overdue": counts.overdue,
    }


def _quick() -> None:
    name = st.session_state[_VIEW] or "Open"
    _show(QUICK[name], sort=Sort.DUE if name in _WORKED_BY_DUE else None)


def _show(filters: Mapping[str, Any], *, sort: str | None) -> None:
    for key, nothing in EMPTY.items():
        st.session_state[key] = filters.get(key, nothing)
    if sort:
        st.query_params["sort"] = sort
    else:
        st.query_params.pop("sort", None)
    st.query_params.pop("d", None)
    first_page(PAGE)
    st.rerun()  # the filters it sets stand outside


def _saved(desk: Desk, views: Sequence[SavedView]) -> None:
    problem: TieoutError | None = st.session_state.pop(_PROBLEM, None)
    if problem:
        states.failure(problem)
    for view in views:
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            whose = "" if view.owner == desk.actor else f" :gray[· {md(clip(view.owner, 24))}]"
            shared = ":material/group:" if view.is_shared else ":material/person:"
            st.button(
                f"{md(clip(view.name, VIEW_NAME_LIMIT))}{whose}",
                icon=shared,
                type="tertiary",
                key=f"view_{view.id}",
                on_click=_open,
                args=(view,),
            )
            if view.owner == desk.actor:
                with st.container(horizontal=True, horizontal_alignment="right"):
                    st.button(
                        "",
                        icon=":material/delete:",
                        type="tertiary",
                        key=f"drop_view_{view.id}",
                        help="Take this view away",
                        on_click=_try,
                        args=(partial(drop_view, desk.engine, view.id, actor=desk.actor),),
                    )
    if not views:
        st.caption("No view is saved yet. Set filters and a sort, then keep them here under a name.")
    with st.form("save_view", border=False, clear_on_submit=True):
        st.text_input(
            "Keep these filters as",
            key="view_name",
            max_chars=VIEW_NAME_LIMIT,
            placeholder="Large euro fees",
        )
        st.checkbox("Everybody may use it", key="view_shared")
        st.form_submit_button("Save view", key="save_view_button", on_click=_save, args=(desk,), width="stretch")


def _open(view: SavedView) -> None:
    sort = view.query.get("sort")
    _show(_restored(view.query), sort=str(sort) if sort else None)


def _save(desk: Desk) -> None:
    query = {key: _stored(value) for key, value in asked().items()}
    if sort := st.query_params.get("sort"):
        query["sort"] = sort
    name, is_shared = st.session_state["view_name"], st.session_state["view_shared"]
    _try(partial(save_view, desk.engine, name, query, is_shared=is_shared, actor=desk.actor))


def _try(change: Callable[[], object]) -> None:
    try:
        change()
    except TieoutError as problem:
        st.session_state[_PROBLEM] = problem


def _stored(value: Any) -> Any:
    """As JSON holds it."""
    if isinstance(value, date):
        return value.isoformat()
    return [str(part) for part in value] if isinstance(value, list | tuple) else value


def _restored(query: Mapping[str, Any]) -> dict[str, Any]:
    """The filters of a stored view; what a later version would not know any more is left out."""
    found: dict[str, Any] = {}
    for key, value in query.items():
        with suppress(ValueError, TypeError):
            match key:
                case "status":
                    found[key] = [DiscrepancyStatus(part) for part in value]
                case "kinds":
                    found[key] = [DiscrepancyKind(part) for part in value]
                case "from" | "to":
                    found[key] = date.fromisoformat(value)
                case "due":
                    found[key] = bool(value)
                case _ if key in EMPTY:
                    found[key] = str(value)
    return found
