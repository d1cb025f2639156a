"""The filter bar of the triage queue: one line, every part of it in the URL, and what it means as a filter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import streamlit as st

from recon.model.outcome import WORK, DiscrepancyKind
from recon.model.triage import DiscrepancyStatus
from recon.queries.discrepancies import DiscrepancyFilter
from recon.queries.overview import AGE_BUCKETS
from recon.ui.format import DISCREPANCY_STATUS, KINDS
from recon.ui.pager import first_page

PAGE: Final = "page"
"""Key of the pager, and its name in the URL."""

_EMPTY: Final[dict[str, Any]] = {
    "q": "",
    "status": [DiscrepancyStatus.OPEN],
    "kinds": [],
    "ccy": None,
    "from": None,
    "to": None,
    "min": "",
    "max": "",
}
"""Each filter's key and what it is when nothing is asked for."""

MORE: Final = ("ccy", "from", "to", "min", "max")
"""The filters behind the button: it says how many of them are in use."""


def filter_bar(run_id: int, currencies: Sequence[str]) -> tuple[DiscrepancyFilter, bool]:
    """Draw the bar; returns what it asks for of that run, and whether the charts above are wanted."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="filters"):
        search = st.text_input(
            "Search",
            key="q",
            type="search",
            live="400ms",
            placeholder="Search id, reference or counterparty",
            icon=":material/search:",
            width=264,
            **_common(),
        )
        statuses = st.pills(
            "Status",
            list(DiscrepancyStatus),
            selection_mode="multi",
            default=_EMPTY["status"],
            format_func=lambda status: DISCREPANCY_STATUS[status].label,
            key="status",
            **_common(),
        )
        kinds = st.multiselect(
            "Kinds",
            list(WORK),
            format_func=lambda kind: KINDS[kind].label,
            key="kinds",
            placeholder="All kinds",
            width=216,
            **_common(),
        )
        more = _more(currencies)
        if is_filtered():
            st.button(
                "Clear", icon=":material/filter_alt_off:", type="tertiary", key="clear_filters", on_click=clear_filters
            )
        with st.container(horizontal=True, horizontal_alignment="right"):
            has_charts = st.toggle("Charts", value=True, key="charts", bind="query-params")
    wanted = DiscrepancyFilter(
        run_id=run_id, search=search or "", statuses=tuple(statuses), kinds=tuple(str(kind) for kind in kinds), **more
    )
    return wanted, has_charts


def is_filtered() -> bool:
    """Whether anything but the queue's own beginning is asked for."""
    return any(not _is_empty(key) for key in _EMPTY)


def clear_filters() -> None:
    """Back to everything that is open, from the first page."""
    for key, nothing in _EMPTY.items():
        st.session_state[key] = nothing
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


def _more(currencies: Sequence[str]) -> dict[str, Any]:
    used = sum(not _is_empty(key) for key in MORE)
    with st.popover(f"More · {used}" if used else "More", icon=":material/tune:", key="more", width="content"):
        currency = st.selectbox(
            "Currency", currencies, index=None, key="ccy", placeholder="All currencies", **_common(label="visible")
        )
        left, right = st.columns(2, gap="small")
        dates = [
            column.date_input(label, value=None, key=key, format="YYYY-MM-DD", **_common(label="visible"))
            for column, label, key in ((left, "Dated from", "from"), (right, "Dated to", "to"))
        ]
        sizes = [
            _size(column.text_input(label, key=key, placeholder="any", **_common(label="visible")), column)
            for column, label, key in ((left, "Size from", "min"), (right, "Size to", "max"))
        ]
        st.caption("Sizes are of the difference without its sign, in each row's own currency.")
    return {
        "currency": currency,
        "date_from": dates[0],
        "date_to": dates[1],
        "amount_min": sizes[0],
        "amount_max": sizes[1],
    }


def _common(label: str = "collapsed") -> dict[str, Any]:
    return {"bind": "query-params", "label_visibility": label, "on_change": first_page, "args": (PAGE,)}


def _size(text: str | None, place: Any) -> Decimal | None:
    """A size as a person types it; what is not one is said and left out."""
    if not text or not text.strip():
        return None
    try:
        size = Decimal(text.strip().replace(",", "").replace(" ", ""))
    except InvalidOperation:
        size = Decimal("NaN")
    if not size.is_finite() or size < 0:
        place.caption(":orange[Not an amount: write it like 1,250.00]")
        return None
    return size


def _is_empty(key: str) -> bool:
    value = st.session_state.get(key, _EMPTY[key])
    return value == _EMPTY[key] or not (value or _EMPTY[key])
