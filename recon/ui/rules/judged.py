"""A run's rules and the draft held against what people decided: how often each comes to the same."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import pandas as pd
import streamlit as st

from recon.model.rulings import FEWEST, Judged, Score
from recon.ui.format import NONE, count, counted, percent
from recon.ui.pager import ROW_HEIGHT, grid_height
from recon.ui.rules.before_after import change_of

_TOGETHER: Final = {
    "together_booked": "booked together",
    "together_suggested": "suggested",
    "together_open": "left open",
    "together_otherwise": "booked otherwise",
}
_APART: Final = {"apart_kept": "kept apart", "apart_suggested": "suggested", "apart_booked": "booked"}
TOO_FEW: Final = "too few to tell"


def judged(run_id: int, found: Judged | None, *, mark: str) -> bool:
    """Draw it; whether it is to be counted anew. `mark`: of what is decided by now."""
    if found is None:
        st.caption(
            ":material/gavel: Nobody has matched or ruled out any of this run's rows by hand: there is nothing to hold "
            "the draft against."
        )
        return False
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**Against what people decided** :gray[· {_counted(found)}]", width="stretch")
        wants_anew = found.mark != mark and st.button(
            "Count again",
            icon=":material/refresh:",
            key="judge_again",
            help="People have decided more since",
            width="content",
        )
    figures, words = st.columns([2, 1], gap="small", vertical_alignment="center")
    with figures:
        _table(judged_frame(run_id, found))
    words.caption(_words(found))
    return wants_anew


def judged_frame(run_id: int, found: Judged) -> pd.DataFrame:
    """One line an answer that either gives, then precision and recall."""
    lines = []
    for title, names in (("Belong together", _TOGETHER), ("Ruled out", _APART)):
        for name, label in names.items():
            was, now = getattr(found.before, name), getattr(found.after, name)
            if was or now:
                lines.append((f"{title}: {label}", count(was), count(now), change_of(was, now, nothing=NONE)))
    for label, share in (("Precision", _precision), ("Recall", _recall)):
        lines.append((label, share(found.before), share(found.after), ""))
    return pd.DataFrame(lines, columns=["", f"Run {run_id}", "Draft", "Change"])


def _precision(score: Score) -> str:
    return _told(score.precision, score.together_booked, score.booked_count)


def _recall(score: Score) -> str:
    return _told(score.recall, score.together_booked, score.together_count)


def _told(share: Decimal | None, part: int, whole: int) -> str:
    """`96 % (24 of 25)`, or `too few to tell (2 of 3)`."""
    said = f"({count(part)} of {count(whole)})"
    return f"{TOO_FEW} {said}" if share is None else f"{percent(part, whole)} {said}"


def _counted(found: Judged) -> str:
    parts = [f"{counted(found.after.together_count, 'match', 'matches')} by hand"]
    if found.after.apart_count:
        parts.append(f"{count(found.after.apart_count)} ruled out")
    if found.absent_count:
        parts.append(f"{count(found.absent_count)} more about rows this run has not")
    return ", ".join(parts)


def _words(found: Judged) -> str:
    said = (
        "Precision: of what is booked among these rows, how much people booked the same way. Recall: of what people "
        "matched, how much is booked. People decide what a run leaves open, so its own recall is low by nature."
    )
    is_short = None in (found.before.precision, found.after.precision, found.before.recall)
    return f"{said} Below {FEWEST} there is too little to tell." if is_short else said


def _table(frame: pd.DataFrame) -> None:
    text = st.column_config.TextColumn
    names = [name for name in frame.columns if name]
    st.dataframe(
        frame,
        hide_index=True,
        height=grid_height(len(frame)),
        row_height=ROW_HEIGHT,
        alt="The run's rules and the draft against what people decided",
        column_config={"": text(width=240), **{name: text(alignment="right", width=150) for name in names}},
    )
