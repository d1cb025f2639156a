"""Search and filters of one side of the workbench, in the URL under names of that side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import streamlit as st

from recon.model.outcome import DiscrepancyKind
from recon.model.transactions import Side
from recon.queries.open_rows import PaneFilter
from recon.ui.format import KINDS
from recon.ui.pager import first_page
from recon.ui.typed_size import typed_size
from recon.ui.workbench.address import key
from recon.workflows.unmatch_rows import UNMATCHED

SHORT: Final[Mapping[str, str]] = {
    DiscrepancyKind.MISSING_IN_REFERENCE: "No counterpart",
    DiscrepancyKind.MISSING_IN_SOURCE: "No counterpart",
    UNMATCHED: "Taken apart",
}
"""Beside its own side, a row needs fewer words."""

_EMPTY: Final[Mapping[str, Any]] = {"q": "", "ccy": None, "kinds": [], "min": "", "max": "", "from": None, "to": None}


def filters(run_id: int, side: Side, currencies: Sequence[str]) -> PaneFilter:
    """Draw them; returns what is asked for."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        search = st.text_input(
            f"Search the {side}",
            key=key(side, "q"),
            type="search",
            live="400ms",
            placeholder="Amount, day, id or text",
            icon=":material/search:",
            width="stretch",
            **_common(side),
        )
        currency = None
        if len(currencies) > 1:
            currency = st.selectbox(
                f"Currency of the {side}",
                currencies,
                index=None,
                key=key(side, "ccy"),
                placeholder="Any",
                width=92,
                **_common(side),
            )
        used = sum(bool(st.session_state.get(key(side, name))) for name in _EMPTY if name not in ("q", "ccy"))
        label = f"Filters · {used}" if used else "Filters"
        with st.popover(label, icon=":material/tune:", key=key(side, "more"), width="content"):
            more = _more(side)
    return PaneFilter(run_id=run_id, side=side, search=search or "", currency=currency, **more)


def clear_filters(side: Side) -> None:
    """Back to everything that is open."""
    for name, nothing in _EMPTY.items():
        st.session_state[key(side, name)] = nothing
    first_page(key(side, "page"))


def _more(side: Side) -> dict[str, Any]:
    left, right = st.columns(2, gap="small")
    dates: list[date | None] = [
        column.date_input(label, value=None, key=key(side, name), format="YYYY-MM-DD", **_common(side, "visible"))
        for column, label, name in ((left, "Dated from", "from"), (right, "Dated to", "to"))
    ]
    sizes = [
        typed_size(column.text_input(label, key=key(side, name), placeholder="any", **_common(side, "visible")), column)
        for column, label, name in ((left, "Amount from", "min"), (right, "Amount to", "max"))
    ]
    kinds = st.multiselect(
        "Open as",
        _kinds(side),
        format_func=lambda kind: SHORT.get(kind) or KINDS[DiscrepancyKind(kind)].label,
        key=key(side, "kinds"),
        placeholder="Anything",
        **_common(side, "visible"),
    )
    st.button("Clear", icon=":material/filter_alt_off:", key=key(side, "clear"), on_click=clear_filters, args=(side,))
    return {
        "date_from": dates[0],
        "date_to": dates[1],
        "amount_min": sizes[0],
        "amount_max": sizes[1],
        "kinds": tuple(str(kind) for kind in kinds),
    }


def _kinds(side: Side) -> list[str]:
    missing = DiscrepancyKind.MISSING_IN_REFERENCE if side is Side.SOURCE else DiscrepancyKind.MISSING_IN_SOURCE
    return [
        missing,
        DiscrepancyKind.SUGGESTION,
        DiscrepancyKind.AMOUNT_MISMATCH,
        DiscrepancyKind.DUPLICATE,
        DiscrepancyKind.INCOMPLETE_GROUP,
        DiscrepancyKind.FEE_VARIANCE,
        DiscrepancyKind.FX_VARIANCE,
        DiscrepancyKind.IN_TRANSIT,
        UNMATCHED,
    ]


def _common(side: Side, label: str = "collapsed") -> dict[str, Any]:
    return {
        "bind": "query-params",
        "label_visibility": label,
        "on_change": first_page,
        "args": (key(side, "page"),),
    }
