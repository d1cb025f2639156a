"""The rows a draft pairs otherwise: one line a source row with the partner it has now, else had; one page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd
import streamlit as st

from recon.model.outcome import MatchStatus, Pass
from recon.model.rulings import Stand
from recon.model.tryout import PairChange, TryResult
from recon.queries.rules import ChangedPair, ChangeSort, changed_pairs_page
from recon.ui.format import CARRIED, NONE, PASSES, clip, count, counted, figure, line_text, money, words
from recon.ui.header_sort import HeaderSort
from recon.ui.pager import ROW_HEIGHT, fingerprint, first_page, grid_height, pager

LABELS: Final = {
    PairChange.NEWLY_MATCHED: "Newly matched",
    PairChange.NO_LONGER_MATCHED: "No longer matched",
    PairChange.CHANGED: "Otherwise changed",
}
STANDS: Final = {Stand.AS_DECIDED: "As decided", Stand.OTHERWISE: "⚠ Otherwise"}
"""How a change stands to what a person decided about the row."""

PAGE: Final = "changed_page"
PAGE_SIZE: Final = 50
_SORT: Final = HeaderSort(
    state="changed_sort",
    page=PAGE,
    headers={
        "Line": ChangeSort.LINE,
        "Date": ChangeSort.DATE,
        "Amount": ChangeSort.AMOUNT,
        "Days": ChangeSort.DAYS,
        "Difference": ChangeSort.DELTA,
        "Confidence": ChangeSort.CONFIDENCE,
        "People": ChangeSort.PEOPLE,
    },
)
_WIDTHS: Final = {
    "Line": 58, "Date": 90, "Amount": 88, "Ccy": 44, "Source text": 112, "Reference text": 112,
    "Ref. amount": 88, "Difference": 74, "Days": 44, "Before": 132, "After": 132, "People": 88, "Confidence": 80,
}  # fmt: skip
_RIGHT: Final = ("Line", "Amount", "Ref. amount", "Days", "Difference", "Confidence")
_CHANGE: Final = "change"


def changed(path: Path, result: TryResult, key: str) -> None:
    """Draw the changed pairs of a finished try-out."""
    total = sum(result.changes.values())
    if not total:
        st.markdown(":green[:material/check_circle:] Every row is paired as the run paired it.")
        return
    if result.otherwise:
        st.markdown(
            f":orange[:material/gavel: {counted(result.otherwise, 'change')} otherwise than a person decided] "
            ":gray[· marked in the column People]"
        )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        change = _choice(result)
        summary = st.container(width="stretch")
    grid = st.container()
    found = result.changes[change]
    offset = pager(found, key=PAGE, page_size=PAGE_SIZE)
    sort, is_descending = _SORT.order()
    header, arrow = _SORT.shown()
    summary.caption(f"Source rows and the partner each has now, or had · sorted by {header.lower()} {arrow}")
    if not found:
        grid.caption(f"No row is {LABELS[change].lower()}.")
        return
    rows = changed_pairs_page(path, change, sort=sort, is_descending=is_descending, limit=PAGE_SIZE, offset=offset)
    with grid:
        _grid(rows, f"changed_{fingerprint((key, change, offset, sort, is_descending))}", f"{header} {arrow}")


def _choice(result: TryResult) -> PairChange:
    """Draw the kinds of change with how many there are; the URL's, else the first that there is."""
    asked = st.query_params.get(_CHANGE, "")
    known = PairChange(asked) if asked in {*PairChange} else None
    chosen = known or next(change for change in PairChange if result.changes[change])
    key = f"change_{fingerprint((chosen, result.changes))}"
    st.segmented_control(
        "Rows that change",
        list(PairChange),
        default=chosen,
        required=True,
        format_func=lambda change: f"{LABELS[change]} {count(result.changes[change])}",
        key=key,
        label_visibility="collapsed",
        on_change=_choose,
        args=(key,),
    )
    return chosen


def _choose(key: str) -> None:
    st.query_params[_CHANGE] = PairChange(st.session_state[key]).value
    first_page(PAGE)


def changed_frame(rows: Sequence[ChangedPair]) -> pd.DataFrame:
    """The grid's cells: the source row, its partner, and what was and is between them."""
    return pd.DataFrame(
        {
            "Line": [line_text(row.source_line) for row in rows],
            "Date": [row.source_date for row in rows],
            "Amount": [figure(row.source_amount, row.currency) for row in rows],
            "Ccy": [row.currency for row in rows],
            "Source text": [clip(row.source_text or NONE, 60) for row in rows],
            "Reference text": [clip(row.reference_text or NONE, 60) for row in rows],
            "Ref. amount": [_theirs(row) for row in rows],
            "Difference": [figure(row.amount_delta, row.currency) if row.amount_delta else NONE for row in rows],
            "Days": [count(row.days) for row in rows],
            "Before": [_state(row.before_status, row.before_pass, row.before_line) for row in rows],
            "After": [_state(row.after_status, row.after_pass, row.after_line) for row in rows],
            "People": [STANDS[row.people] if row.people else NONE for row in rows],
            "Confidence": [f"{row.confidence:.2f}" for row in rows],
        }
    )


def _theirs(row: ChangedPair) -> str:
    """The partner's amount; in another currency it says which."""
    told = figure if row.reference_currency == row.currency else money
    return told(row.reference_amount, row.reference_currency)


def _state(status: str | None, found_by: str | None, line: int | None) -> str:
    """`Line 14, best score`, `Suggested line 14`, `Not matched`."""
    if status is None or found_by is None:
        return "Not matched"
    where = CARRIED if line is not None and line < 0 else f"line {line}"
    if status == MatchStatus.SUGGESTED:
        return f"Suggested: {where}"
    name = PASSES[Pass(found_by)] if found_by in {*PASSES} else words(found_by)
    return f"{where.capitalize()}, {name.lower()}"


def _grid(rows: Sequence[ChangedPair], key: str, sorted_by: str) -> None:
    text = st.column_config.TextColumn
    config: dict[str, Any] = {
        name: text(width=width, alignment="right" if name in _RIGHT else None) for name, width in _WIDTHS.items()
    }
    config["Date"] = st.column_config.DateColumn(format="DD MMM YYYY", width=_WIDTHS["Date"])
    header = sorted_by.rpartition(" ")[0]
    config[header] = {**config[header], "label": sorted_by}
    st.dataframe(
        changed_frame(rows),
        key=key,
        hide_index=True,
        on_select=lambda: _SORT.clicked(key),
        selection_mode="single-column",
        height=grid_height(len(rows), at_most=14),
        row_height=ROW_HEIGHT,
        placeholder=NONE,
        alt="Rows the draft pairs otherwise",
        column_config=config,
    )
