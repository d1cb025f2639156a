"""The filter bar of the variances: every part of it in the URL, and what it means as a filter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import streamlit as st

from recon.model.checks import CatalogueLine, Category, CheckBook, VarianceClass
from recon.queries.variances import VarianceFilter, VarianceOrder
from recon.ui.integrity.look import BOOKS, category_title, title
from recon.ui.pager import first_page
from recon.ui.variances.look import CLASSES, NOT_SAID

PAGE: Final = "variances_page"
"""Key of the pager, and its name in the URL."""

AGES: Final = {"Over a day": 1, "Over 5 days": 5, "Over 30 days": 30}
ORDERS: Final = {
    VarianceOrder.OLDEST: "Oldest first",
    VarianceOrder.NEWEST: "Newest first",
    VarianceOrder.SIZE: "Largest first",
}

_EMPTY: Final[dict[str, Any]] = {
    "about": "",
    "checks": [],
    "books": [],
    "cats": [],
    "classes": [],
    "units": [],
    "age": None,
    "unexplained": False,
    "fixed": False,
}
"""Each filter's key and what it is when nothing is asked for."""

MORE: Final = ("books", "cats", "units", "age", "unexplained")
"""The filters behind the button: it says how many of them are in use."""


def filter_bar(
    lines: Sequence[CatalogueLine], units: Sequence[str], *, now: datetime
) -> tuple[VarianceFilter, VarianceOrder]:
    """Draw the bar; returns what it asks for, and in which order."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="filters"):
        search = st.text_input(
            "Search",
            key="about",
            type="search",
            live="400ms",
            placeholder="Search customer, transaction or note",
            icon=":material/search:",
            width=270,
            **_bound(),
        )
        checks = st.multiselect(
            "Checks",
            [line.name for line in lines],
            format_func=title,
            key="checks",
            placeholder="All checks",
            width=230,
            **_bound(),
        )
        said = st.multiselect(
            "Class",
            [NOT_SAID, *VarianceClass],
            format_func=lambda name: CLASSES[name].label,
            key="classes",
            placeholder="Any class",
            width=190,
            **_bound(),
        )
        more = _more(units, now=now)
        is_fixed = st.toggle("Fixed", key="fixed", **_bound("visible"))
        if is_filtered():
            st.button(
                "Clear", icon=":material/filter_alt_off:", type="tertiary", key="clear_filters", on_click=clear_filters
            )
        with st.container(horizontal=True, horizontal_alignment="right"):
            order = st.selectbox(
                "Order", list(ORDERS), format_func=ORDERS.__getitem__, key="order", width=140, **_bound()
            )
    classes = tuple(None if name == NOT_SAID else VarianceClass(name) for name in said)
    wanted = VarianceFilter(
        search=search or "", check_names=tuple(checks), classes=classes, is_fixed=bool(is_fixed), **more
    )
    return wanted, VarianceOrder(order)


def is_filtered() -> bool:
    """Whether anything but what is open is asked for."""
    return any(_is_used(key) for key in _EMPTY)


def clear_filters() -> None:
    """Back to everything that is open, from the first page."""
    for key, nothing in _EMPTY.items():
        st.session_state[key] = nothing
    first_page(PAGE)


def show_only(check_name: str) -> None:
    """What a click on the chart asks for."""
    st.session_state["checks"] = [check_name]
    first_page(PAGE)


def _more(units: Sequence[str], *, now: datetime) -> dict[str, Any]:
    used = sum(_is_used(key) for key in MORE)
    with st.popover(f"More · {used}" if used else "More", icon=":material/tune:", key="more", width="content"):
        books = st.multiselect(
            "Books",
            list(CheckBook),
            format_func=BOOKS.__getitem__,
            key="books",
            placeholder="All books",
            **_bound("visible"),
        )
        categories = st.multiselect(
            "Categories",
            list(Category),
            format_func=category_title,
            key="cats",
            placeholder="All categories",
            **_bound("visible"),
        )
        chosen = st.multiselect("Currency or unit", units, key="units", placeholder="Any unit", **_bound("visible"))
        older = st.selectbox(
            "First seen", list(AGES), index=None, key="age", placeholder="At any time", **_bound("visible")
        )
        unexplained = st.toggle("Leave out what is on its way", key="unexplained", **_bound("visible"))
    return {
        "books": tuple(books),
        "categories": tuple(categories),
        "units": tuple(chosen),
        "seen_before": now - timedelta(days=AGES[older]) if older else None,
        "only_unexplained": bool(unexplained),
    }


def _bound(label: str = "collapsed") -> dict[str, Any]:
    return {"bind": "query-params", "label_visibility": label, "on_change": first_page, "args": (PAGE,)}


def _is_used(key: str) -> bool:
    value = st.session_state.get(key, _EMPTY[key])
    return bool(value) and value != _EMPTY[key]
