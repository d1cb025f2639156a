"""What people's matches ask of the rules: each change with its evidence, and what it would make of a run.

A suggestion goes into the draft by one click, and from there the way of every draft.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import pandas as pd
import streamlit as st

from recon.errors import TieoutError
from recon.model.lessons import Lesson, LessonKind, TaughtPair
from recon.model.people import Action
from recon.model.rules import Rules
from recon.model.tryout import PairChange, TryResult
from recon.queries.rulings import people_decided
from recon.queries.runs import RunDetail
from recon.ui import states
from recon.ui.format import NONE, clip, count, counted, figure, md
from recon.ui.guard import Desk, problems_shown, require
from recon.ui.pager import ROW_HEIGHT, fingerprint, grid_height
from recon.ui.people.allowed import guarded
from recon.ui.rules.differences import differences_text
from recon.ui.rules.draft import PREFIX
from recon.ui.rules.inputs import put_rules
from recon.ui.rules.try_out import EVERY, progress_text, try_outs
from recon.workflows.suggest_rules import dismiss_suggestion, restore_suggestions, suggest_rules
from recon.workflows.try_rules import Phase, TryOut

TRIED_AT_ONCE: Final = 200_000
"""Rows of a run up to which every suggestion is tried out on it unasked; on a larger one somebody asks."""

PAIRS_SHOWN: Final = 6
_REASONS: Final = {
    LessonKind.LATER: "whose reference comes later than the window allows",
    LessonKind.EARLIER: "whose reference comes earlier than the window allows",
    LessonKind.FEE: "whose amounts differ by just this fee",
    LessonKind.ALIAS: "that name one party in two ways",
    LessonKind.TOLERANCE: "whose amounts differ by more than the rules allow",
    LessonKind.THRESHOLD: "whose descriptions are less alike than the rules ask for",
}


def lessons(desk: Desk, reconciliation: str, draft: Rules | None, detail: RunDetail | None) -> None:
    """Draw the suggestions for the draft, and what each would make of the run."""
    if draft is None:
        st.caption("Put the rules right first.")
        return
    found = suggest_rules(desk.engine, reconciliation, draft)
    if not found.lessons:
        learned = (
            f"{counted(found.pair_count, 'match', 'matches')} by hand of one row with one row, "
            "and the draft has room for them, or too few ask for the same."
            if found.pair_count
            else "Match rows by hand on the workbench: what the rules keep out again and again is suggested here."
        )
        states.empty_box("Nothing to suggest", learned, icon=":material/school:", key="no_lessons", height=220)
    for lesson in found.lessons:
        with st.container(border=True, key=f"lesson_{fingerprint(lesson.key)}", gap="small"):
            _lesson(desk, reconciliation, draft, lesson, detail)
    if found.dismissed_count and st.button(
        f"Show {counted(found.dismissed_count, 'dismissed suggestion')}",
        icon=":material/undo:",
        type="tertiary",
        key="lessons_restore",
        **guarded(desk, Action.RULES),
    ):
        _do(lambda: restore_suggestions(desk.engine, reconciliation, actor=desk.actor))


def _lesson(desk: Desk, reconciliation: str, draft: Rules, lesson: Lesson, detail: RunDetail | None) -> None:
    name = fingerprint(lesson.key)
    text, actions = st.columns([3, 1.3], vertical_alignment="center", gap="small")
    with text.container(gap=None):
        st.markdown(differences_text(draft, lesson.rules))
        st.caption(evidence(lesson))
    with actions.container(horizontal=True, horizontal_alignment="right", gap="small"):
        st.button(
            "To the draft",
            icon=":material/edit:",
            key=f"take_{name}",
            help="Puts this change into the draft above; nothing is saved by it",
            on_click=put_rules,
            args=(lesson.rules,),
            kwargs={"prefix": PREFIX},
        )
        may = guarded(desk, Action.RULES)
        if st.button("Dismiss", icon=":material/close:", type="tertiary", key=f"dismiss_{name}", **may):
            _do(lambda: dismiss_suggestion(desk.engine, reconciliation, lesson, actor=desk.actor))
    if detail is not None:
        _effect(desk, detail, lesson, name)
    with st.expander(f"The {counted(len(lesson.pairs), 'match', 'matches')}", icon=":material/join_inner:"):
        _pairs(lesson.pairs)


def evidence(lesson: Lesson) -> str:
    """`9 of 10 matches by hand whose ...; 1 pair that was ruled out would be let in too.`"""
    number = len(lesson.pairs)
    of = "" if number == lesson.of_count else f" of {count(lesson.of_count)}"
    said = f"{count(number)}{of} matches by hand {_REASONS[lesson.kind]}"
    if not lesson.against_count:
        return f"{said}. No pair that was ruled out would be let in."
    return f"{said}. :orange[It would let in {counted(lesson.against_count, 'pair')} that people ruled out.]"


def _effect(desk: Desk, detail: RunDetail, lesson: Lesson, name: str) -> None:
    """What the change would make of the run, as soon as that is known."""
    outs, wanted = try_outs(desk), TryOut.of(detail, lesson.rules)
    standing = outs.standing(wanted.key)
    is_small = (detail.run.row_count or 0) <= TRIED_AT_ONCE
    if standing is None and (
        is_small or st.button(f"Try it out on run {detail.run.id}", icon=":material/science:", key=f"try_{name}")
    ):
        outs.start(replace(wanted, people=people_decided(desk.engine, detail.run.id)))
        standing = outs.standing(wanted.key)
    if standing is None:
        return
    if standing.is_live:
        st.fragment(_waiting, run_every=EVERY)(wanted.key)
    elif standing.phase is Phase.DONE and (result := outs.result(wanted.key)):
        st.markdown(effect(detail.run.id, result))
    elif standing.problem:
        st.caption(f":orange[:material/error:] {md(standing.problem)}")


def _waiting(key: str) -> None:
    with problems_shown():
        standing = try_outs(require()).standing(key)
        if standing is None or not standing.is_live:
            st.rerun()
        st.caption(f":material/science: {progress_text(standing)}")


def effect(run_id: int, result: TryResult) -> str:
    """`On run 3: 12 newly matched, 1 no longer matched, none otherwise than people decided.`"""
    gained, lost = (count(result.changes[one]) for one in (PairChange.NEWLY_MATCHED, PairChange.NO_LONGER_MATCHED))
    said = f":material/science: On run {run_id}: **{gained}** newly matched, **{lost}** no longer matched"
    if result.judged is None:
        return said
    if not result.otherwise:
        return f"{said}, :green[none otherwise than people decided]"
    return f"{said}, :orange[**{count(result.otherwise)}** otherwise than people decided]"


def _pairs(pairs: tuple[TaughtPair, ...]) -> None:
    shown = pairs[-PAIRS_SHOWN:]
    st.dataframe(
        pairs_frame(shown),
        hide_index=True,
        height=grid_height(len(shown)),
        row_height=ROW_HEIGHT,
        alt="Matches by hand that ask for the change",
        column_config={
            **{name: st.column_config.TextColumn(alignment="right") for name in ("Amount", "Ref. amount", "Days")},
            "Date": st.column_config.DateColumn(format="DD MMM YYYY"),
        },
    )
    if len(pairs) > len(shown):
        st.caption(f"The newest {len(shown)} of {count(len(pairs))}")


def pairs_frame(pairs: tuple[TaughtPair, ...]) -> pd.DataFrame:
    """One line a pair."""
    return pd.DataFrame(
        {
            "Decision": [str(pair.decision_id) for pair in pairs],
            "Date": [pair.source_on for pair in pairs],
            "Source text": [clip(pair.source_text or NONE, 60) for pair in pairs],
            "Amount": [figure(pair.source_amount, pair.source_currency) for pair in pairs],
            "Reference text": [clip(pair.reference_text or NONE, 60) for pair in pairs],
            "Ref. amount": [figure(pair.reference_amount, pair.reference_currency) for pair in pairs],
            "Ccy": [pair.source_currency for pair in pairs],
            "Days": [count(pair.days) for pair in pairs],
            "Alike": [NONE if pair.similarity is None else f"{pair.similarity} %" for pair in pairs],
        }
    )


def _do(change: Callable[[], None]) -> None:
    try:
        change()
    except TieoutError as problem:
        st.error(md(str(problem)), icon=":material/error:")
        return
    st.rerun()
