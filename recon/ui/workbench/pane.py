"""One side of the workbench: search and filters, one page of its open rows to tick, and its pager."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any, Final

import pandas as pd
import streamlit as st

from recon.model.outcome import DiscrepancyKind
from recon.model.settlement import OpenRow
from recon.model.transactions import Side
from recon.queries.open_rows import PaneFilter, PaneSum, pane_rows, pane_sums
from recon.ui.format import KINDS, NONE, SIDES, clip, count, counted, figure, md
from recon.ui.guard import Desk
from recon.ui.pager import ROW_HEIGHT, fingerprint, first_page, pager
from recon.ui.workbench import address
from recon.ui.workbench.nearness import why_near
from recon.workflows.unmatch_rows import UNMATCHED

PAGE_SIZE: Final = 50
GRID_HEIGHT: Final = 19 * ROW_HEIGHT + 2
_SHOWN_SUMS: Final = 2
_FILTERS: Final = ("q", "ccy", "kinds", "min", "max", "from", "to")
_SHORT: Final = {
    DiscrepancyKind.MISSING_IN_REFERENCE: "No counterpart",
    DiscrepancyKind.MISSING_IN_SOURCE: "No counterpart",
    UNMATCHED: "Taken apart",
}
"""Beside its own side, a row needs fewer words."""


def pane(
    desk: Desk, run_id: int, side: Side, currencies: Sequence[str], *, near: OpenRow | None
) -> tuple[OpenRow, ...]:
    """Draw it; returns the rows of the page. With `near` a row of the other side, the rows most like it come first."""
    heading, bar, place = st.container(), st.container(), st.container()
    with bar:
        wanted = _filters(run_id, side, currencies)
    sums = pane_sums(desk.engine, wanted)
    total = sum(one.count for one in sums)
    offset = pager(total, key=_key(side, "page"), page_size=PAGE_SIZE)
    with heading:
        _heading(side, sums, total, near)
    with place:
        if not total:
            _nothing(side, wanted)
            return ()
        rows = pane_rows(desk.engine, wanted, near=near, limit=PAGE_SIZE, offset=offset)
        _grid(side, rows, near)
    return rows


def grid_key(side: Side) -> str:
    """Where the session keeps the key of the side's grid as it was last drawn."""
    return f"{side}_grid_key"


def search_key(side: Side) -> str:
    return _key(side, "q")


def clear_filters(side: Side) -> None:
    """Back to everything that is open."""
    for name in _FILTERS:
        st.session_state[_key(side, name)] = {"ccy": None, "kinds": [], "from": None, "to": None}.get(name, "")
    first_page(_key(side, "page"))


def kind_label(row: OpenRow) -> str:
    """What the row is open as."""
    if row.decision_id is not None:
        return "Split"
    if row.opened_by is not None and row.kind == DiscrepancyKind.SUGGESTION:
        return "Rejected"
    if row.kind in _SHORT:
        return _SHORT[row.kind]
    return KINDS[DiscrepancyKind(row.kind)].label if row.kind in {*DiscrepancyKind} else clip(row.kind, 20)


def _key(side: Side, name: str) -> str:
    return f"{side.value[0]}_{name}"


def _heading(side: Side, sums: Sequence[PaneSum], total: int, near: OpenRow | None) -> None:
    shown = [f"{md(figure(one.amount, one.currency))} {one.currency}" for one in sums[:_SHOWN_SUMS]]
    more = f" and {len(sums) - len(shown)} more" if len(sums) > len(shown) else ""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{SIDES[side]}**", width="content")
        rest = "nearest first" if near else f"{' · '.join(shown)}{more}"
        st.caption(f"**{counted(total, 'row')}** open" + (f" · {rest}" if rest else ""))


def _filters(run_id: int, side: Side, currencies: Sequence[str]) -> PaneFilter:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        search = st.text_input(
            f"Search the {side}",
            key=_key(side, "q"),
            type="search",
            live="400ms",
            placeholder="Amount, id or text",
            icon=":material/search:",
            width="stretch",
            **_common(side),
        )
        currency = st.selectbox(
            f"Currency of the {side}",
            currencies,
            index=None,
            key=_key(side, "ccy"),
            placeholder="Any",
            width=92,
            **_common(side),
        )
        more = _more(side)
    return PaneFilter(run_id=run_id, side=side, search=search or "", currency=currency, **more)


def _more(side: Side) -> dict[str, Any]:
    used = sum(bool(st.session_state.get(_key(side, name))) for name in _FILTERS[2:])
    with st.popover(str(used) if used else "", icon=":material/tune:", key=_key(side, "more"), width="content"):
        left, right = st.columns(2, gap="small")
        dates = [
            column.date_input(label, value=None, key=_key(side, name), format="YYYY-MM-DD", **_common(side, "visible"))
            for column, label, name in ((left, "Dated from", "from"), (right, "Dated to", "to"))
        ]
        sizes = [
            _size(column.text_input(label, key=_key(side, name), placeholder="any", **_common(side, "visible")), column)
            for column, label, name in ((left, "Amount from", "min"), (right, "Amount to", "max"))
        ]
        kinds = st.multiselect(
            "Open as",
            _kinds(side),
            format_func=lambda kind: _SHORT.get(kind) or KINDS[kind].label,
            key=_key(side, "kinds"),
            placeholder="Anything",
            **_common(side, "visible"),
        )
        st.button(
            "Clear", icon=":material/filter_alt_off:", key=_key(side, "clear"), on_click=clear_filters, args=(side,)
        )
    return {
        "date_from": dates[0],
        "date_to": dates[1],
        "amount_min": sizes[0],
        "amount_max": sizes[1],
        "kinds": tuple(str(kind) for kind in kinds),
    }


def _kinds(side: Side) -> list[DiscrepancyKind]:
    missing = DiscrepancyKind.MISSING_IN_REFERENCE if side is Side.SOURCE else DiscrepancyKind.MISSING_IN_SOURCE
    return [
        missing,
        DiscrepancyKind.SUGGESTION,
        DiscrepancyKind.AMOUNT_MISMATCH,
        DiscrepancyKind.DUPLICATE,
        DiscrepancyKind.INCOMPLETE_GROUP,
        DiscrepancyKind.FEE_VARIANCE,
        DiscrepancyKind.IN_TRANSIT,
    ]


def _common(side: Side, label: str = "collapsed") -> dict[str, Any]:
    page = _key(side, "page")
    return {"bind": "query-params", "label_visibility": label, "on_change": first_page, "args": (page,)}


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


def _grid(side: Side, rows: Sequence[OpenRow], near: OpenRow | None) -> None:
    lines = tuple(row.line for row in rows)
    key = f"pane_{side}_{fingerprint(([row.seen for row in rows], near and near.seen, address.revision()))}"
    st.session_state[grid_key(side)] = key
    mine = address.chosen(side)
    ticked = [place for place, line in enumerate(lines) if line in mine]
    st.dataframe(
        frame(rows, near),
        key=key,
        on_select=partial(_react, side, key, lines),
        selection_mode="multi-row",
        selection_default={"selection": {"rows": ticked}} if ticked else None,
        hide_index=True,
        height=GRID_HEIGHT,
        row_height=ROW_HEIGHT,
        placeholder=NONE,
        alt=f"Open rows of the {side}",
        column_config=_columns(),
    )


def frame(rows: Sequence[OpenRow], near: OpenRow | None) -> pd.DataFrame:
    """The grid's cells, as text where exactness needs it; with `near`, also how a row compares with that one."""
    columns: dict[str, list[Any]] = {
        "Date": [row.date for row in rows],
        "Amount": [figure(row.open_amount, row.currency) for row in rows],
        "Ccy": [row.currency for row in rows],
    }
    if near is not None:
        columns["Near"] = [why_near(row, near) for row in rows]
    columns |= {
        "Text": [clip(row.text or NONE, 80) for row in rows],
        "Reference": [clip(row.reference or NONE, 48) for row in rows],
        "Open as": [kind_label(row) for row in rows],
        "Line": [count(row.line) if row.line > 0 else "carried" for row in rows],
    }
    return pd.DataFrame(columns)


def _columns() -> dict[str, Any]:
    text = st.column_config.TextColumn
    return {
        "Date": st.column_config.DateColumn(format="DD MMM", width=62),
        "Amount": text(alignment="right", width=92),
        "Ccy": text(width=46),
        "Near": text(width=142),
        "Text": text(width=138),
        "Reference": text(width=112),
        "Open as": text(width=116),
        "Line": text(alignment="right", width=62),
    }


def _react(side: Side, key: str, lines: tuple[int, ...]) -> None:
    """A tick: what is chosen on this page is what is ticked, and on other pages what it was."""
    ticked = [lines[place] for place in st.session_state[key].selection.rows if place < len(lines)]
    elsewhere = [line for line in address.chosen(side) if line not in lines]
    address.choose(side, [*elsewhere, *ticked])


def _nothing(side: Side, wanted: PaneFilter) -> None:
    with st.container(
        border=True,
        height=GRID_HEIGHT,
        horizontal_alignment="center",
        vertical_alignment="center",
        key=_key(side, "nothing"),
    ):
        if wanted.is_narrowed:
            st.markdown("##### :material/filter_alt_off: No open row fits", width="content")
            st.button("Clear filters", key=_key(side, "clear_all"), on_click=clear_filters, args=(side,))
        else:
            st.markdown(f"##### :material/task_alt: The {side} is clear", width="content")
            st.caption("Every row of it ties out or is settled.", width="content")
