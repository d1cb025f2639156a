"""The panel beside the matched rows: one pair in full, and why it was made. Which one is in the URL."""

from __future__ import annotations

import re
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from recon.model.rules import Rules
from recon.queries.matched_pair import PairAsked
from recon.queries.open_items import first_runs
from recon.queries.runs import RunDetail
from recon.ui.comparison import comparison
from recon.ui.format import count, counted
from recon.ui.group_rows import group_rows
from recon.ui.guard import Desk
from recon.ui.why import hints, why
from recon.ui.workbench.take_apart import take_apart
from recon.workflows.explain_pair import ExplainedPair, explain_pair, sentences_between

_SHOWN: Final = "pair"
_LINES: Final = re.compile(r"(?P<source>-?\d{1,18})-(?P<reference>-?\d{1,18})", re.ASCII)
_WIDTH: Final = 280
"""Pixels the panel needs at least: in a narrower window it stands under the rows."""


def shown_lines() -> tuple[int, int] | None:
    """The (source, reference) lines the URL asks for."""
    asked = _LINES.fullmatch(st.query_params.get(_SHOWN, ""))
    return (int(asked["source"]), int(asked["reference"])) if asked else None


def show_lines(lines: tuple[int, int]) -> None:
    """Open a pair."""
    st.query_params[_SHOWN] = "{}-{}".format(*lines)


def open_pair(desk: Desk, detail: RunDetail) -> ExplainedPair | None:
    """The pair the URL asks for, if this run has it. Raises EvidenceMissing when a file is gone."""
    lines = shown_lines()
    if lines is None:
        return None
    return explain_pair(desk.evidence, PairAsked.of_run(detail, *lines), Rules.from_dict(detail.rules))


def pair_panel(desk: Desk, detail: RunDetail, pair: ExplainedPair) -> DeltaGenerator:
    """Draw the panel; returns the place that is left for the rows beside it."""
    beside = st.grid(3, min_column_width=_WIDTH, gap="small", key="matched_beside")
    left, right = beside.cell(column_span=2), beside.cell()
    source, reference = pair.source, pair.reference
    with right.container(border=True, key="pair", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown(f"**{_title(pair)}**", width="stretch")
            st.button("Close", icon=":material/close:", type="tertiary", key="close_pair", on_click=_close)
        if pair.sides:
            group_rows(pair.sides)
        else:
            hints(sentences_between(source, reference))
            runs = first_runs(desk.engine, [source["line"], reference["line"]])
            cells = comparison(source, reference, source["currency"], first_runs=runs)
            st.table(cells, border="horizontal", hide_index=True)
        why(pair, key="why_pair")
        take_apart(desk, detail.run.id, source_line=source["line"], reference_line=reference["line"])
    return left


def _title(pair: ExplainedPair) -> str:
    if pair.sides:
        return " and ".join(counted(side.count, f"{side.side} row") for side in pair.sides)
    ours, theirs = (row["line"] for row in (pair.source, pair.reference))
    left = f"Line {count(ours)}" if ours >= 0 else "A carried row"
    right = f"reference line {count(theirs)}" if theirs >= 0 else "a carried reference row"
    return f"{left} and {right}"


def _close() -> None:
    st.query_params.pop(_SHOWN, None)
