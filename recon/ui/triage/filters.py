"""The filter bar of the triage queue: one line, every part of it in the URL, and what it means as a filter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

import streamlit as st

from recon.model.outcome import WORK, DiscrepancyKind
from recon.model.triage import DUE_AFTER, DiscrepancyStatus
from recon.queries.discrepancies import DiscrepancyFilter
from recon.queries.overview import AGE_BUCKETS
from recon.queries.triage_desk import currencies, is_owner
from recon.ui.format import DISCREPANCY_STATUS, KINDS
from recon.ui.guard import Desk
from recon.ui.pager import first_page
from recon.ui.triage.opened import open_none
from recon.ui.typed_size import typed_size
from recon.workflows.assignees import assignees

PAGE: Final = "page"
"""Key of the pager, and its name in the URL."""

MINE: Final = "@me"
NOBODY: Final = "@nobody"
"""Whose discrepancies, where it is no one's name: whoever looks, and nobody's. Who owns the reconciliation has both."""

EMPTY: Final[dict[str, Any]] = {
    "q": "",
    "status": [DiscrepancyStatus.OPEN],
    "who": None,
    "due": False,
    "kinds": [],
    "ccy": None,
    "from": None,
    "to": None,
    "min": "",
    "max": "",
}
"""Each filter's key and what it is when nothing is asked for."""

DUE_HELP: Final = "Due {} days after its date; from a size of {} on {}; from {} on {}.".format(
    DUE_AFTER[-1][1], *(f"{part:,}" for size in reversed(DUE_AFTER[:-1]) for part in size)
)
"""How the day is reckoned by which a discrepancy should be resolved."""

MORE: Final = ("status", "due", "ccy", "from", "to", "min", "max")
"""The filters behind the button: it says how many of them are in use."""


def filter_bar(desk: Desk, run_id: int, views: Callable[[], None]) -> tuple[DiscrepancyFilter, bool]:
    """Draw the bar; returns what it asks for of that run, and whether the charts above are wanted.

    `views` draws the quick views, once it is known what is asked for, in their place at the beginning.
    """
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="filters"):
        place = st.container(width="content")
        search = st.text_input(
            "Search",
            key="q",
            type="search",
            live="400ms",
            placeholder="Search, at /",
            icon=":material/search:",
            width=152,
            **_common(),
        )
        kinds = st.multiselect(
            "Kinds",
            list(WORK),
            format_func=lambda kind: KINDS[kind].label,
            key="kinds",
            placeholder="All kinds",
            width=124,
            **_common(),
        )
        people = _people(desk, run_id)
        more = _more(desk, currencies(desk.engine, run_id))
        if is_filtered():
            st.button(
                "",
                icon=":material/filter_alt_off:",
                type="tertiary",
                key="clear_filters",
                help="Clear the filters: show everything that is open",
                on_click=clear_filters,
            )
        has_charts = st.toggle("Charts", value=True, key="charts", bind="query-params")
        with place:
            views()
    wanted = DiscrepancyFilter(
        run_id=run_id, search=search or "", kinds=tuple(str(kind) for kind in kinds), **people, **more
    )
    return wanted, has_charts


def is_filtered() -> bool:
    """Whether anything but the queue's own beginning is asked for."""
    return any(not _is_empty(key) for key in EMPTY)


def clear_filters() -> None:
    """Back to everything that is open, from the first page."""
    for key, nothing in EMPTY.items():
        st.session_state[key] = nothing
    first_page(PAGE)


def show(filters: Mapping[str, Any], *, sort: str | None) -> None:
    """Ask for these filters and no others, in that order, from the first page."""
    for key, nothing in EMPTY.items():
        st.session_state[key] = filters.get(key, nothing)
    if sort:
        st.query_params["sort"] = sort
    else:
        st.query_params.pop("sort", None)
    open_none()
    first_page(PAGE)


def show_only(*, kind: DiscrepancyKind | None, bucket: int | None, today: date) -> None:
    """What a click on the chart asks for: one kind and age, or (both None) any again."""
    st.session_state["kinds"] = [kind] if kind else []
    _, youngest, oldest = AGE_BUCKETS[bucket] if bucket is not None else ("", 0, None)
    st.session_state["to"] = today - timedelta(days=youngest) if youngest else None
    st.session_state["from"] = today - timedelta(days=oldest) if oldest is not None else None
    if kind:
        st.session_state["status"] = [DiscrepancyStatus.OPEN]
    first_page(PAGE)


def show_overdue() -> None:
    """Only what is past its day."""
    st.session_state["due"] = True
    first_page(PAGE)


def asked() -> dict[str, Any]:
    """What the bar asks for as it stands: each filter that is in use, and its value."""
    return {key: st.session_state[key] for key in EMPTY if not _is_empty(key)}


def _people(desk: Desk, run_id: int) -> dict[str, Any]:
    labels = {MINE: "Mine", NOBODY: "Unassigned"}
    who = st.selectbox(
        "Assigned to",
        [*labels, *assignees(desk.engine, run_id, actor=desk.actor)],
        index=None,
        format_func=lambda name: labels.get(name, name),
        key="who",
        placeholder="Anyone",
        width=104,
        **_common(),
    )
    return {
        "assignee": desk.actor if who == MINE else who if who != NOBODY else None,
        "or_unassigned": who == MINE and is_owner(desk.engine, run_id, actor=desk.actor),
        "is_unassigned": who == NOBODY,
    }


def _more(desk: Desk, known: Sequence[str]) -> dict[str, Any]:
    used = sum(not _is_empty(key) for key in MORE)
    with st.popover(f"More · {used}" if used else "More", icon=":material/tune:", key="more", width="content"):
        statuses = st.pills(
            "Status",
            list(DiscrepancyStatus),
            selection_mode="multi",
            default=EMPTY["status"],
            format_func=lambda status: DISCREPANCY_STATUS[status].label,
            key="status",
            **_common(label="visible"),
        )
        is_overdue = st.toggle("Overdue only", key="due", help=DUE_HELP, **_common(label="visible"))
        currency = st.selectbox(
            "Currency", known, index=None, key="ccy", placeholder="All currencies", **_common(label="visible")
        )
        left, right = st.columns(2, gap="small")
        dates = [
            column.date_input(label, value=None, key=key, format="YYYY-MM-DD", **_common(label="visible"))
            for column, label, key in ((left, "Dated from", "from"), (right, "Dated to", "to"))
        ]
        sizes = [
            typed_size(column.text_input(label, key=key, placeholder="any", **_common(label="visible")), column)
            for column, label, key in ((left, "Size from", "min"), (right, "Size to", "max"))
        ]
        st.caption("Sizes are of the difference without its sign, in each row's own currency.")
    return {
        "statuses": tuple(statuses),
        "due_before": desk.now.date() if is_overdue else None,
        "currency": currency,
        "date_from": dates[0],
        "date_to": dates[1],
        "amount_min": sizes[0],
        "amount_max": sizes[1],
    }


def _common(label: str = "collapsed") -> dict[str, Any]:
    return {"bind": "query-params", "label_visibility": label, "on_change": first_page, "args": (PAGE,)}


def _is_empty(key: str) -> bool:
    value = st.session_state.get(key, EMPTY[key])
    return value == EMPTY[key] or not (value or EMPTY[key])
