"""What a file does not decide, asked with its choices and the rows it is about. Nothing is chosen beforehand.

A header that changed since the feed was mapped is asked with what changed, and with three ways on.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher, get_close_matches
from typing import Literal

import pandas as pd
import streamlit as st

from recon.model.feed import feed_name
from recon.model.reading import Control, Mapping, Question
from recon.model.transactions import Side
from recon.ui.controls import controls_table
from recon.ui.format import clip, counted, md, money, words
from recon.ui.guard import Desk
from recon.ui.pager import ROW_HEIGHT, fingerprint, grid_height
from recon.ui.reconcile.mapping import forget, map_by_hand
from recon.workflows.read_for_feed import FeedReading, read_for_feed
from recon.workflows.save_mapping import accept_remap, proposed_remap

HEADER_CHANGED = "HEADER_CHANGED"
CONTROL_TOTAL = "CONTROL_TOTAL"


def questions(desk: Desk, side: Side, name: str | None, found: FeedReading) -> None:
    """Draw the open questions of a file; an answer is saved for the feed and the file read again."""
    asked = found.stored.preview.questions
    drift = next((question for question in asked if question.code == HEADER_CHANGED), None)
    if drift is not None and found.mapping is not None and name:
        _drift(desk, side, name, found, drift)
        return
    if [question.code for question in asked] == [CONTROL_TOTAL]:
        _control(desk, side, name, found, asked[0])
        return
    kept = (
        f"kept for the next {side.value} file of {md(clip(name, 60))}"
        if name
        else "kept under the reconciliation's name"
    )
    st.warning(
        f"{counted(len(asked), 'question')} before this file can be read. Your answer is {kept}.",
        icon=":material/live_help:",
    )
    with st.form(f"{side}_questions", border=False):
        answers = {question.code: _ask(side, question) for question in asked}
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            label = "Read with this answer" if len(asked) == 1 else "Read with these answers"
            pressed = st.form_submit_button(label, type="primary", disabled=not name)
            if not name:
                st.caption("Name the reconciliation first.", width="content")
        if pressed and name:
            _answer(desk, side, name, found, answers)


def _ask(side: Side, question: Question) -> str | None:
    st.markdown(f"**{md(question.text)}**")
    if question.examples:
        examples_grid(side, question)
    labels = {choice.value: choice.label for choice in question.choices}
    key = f"{side}_answer_{fingerprint(question)}"
    label = clip(question.column or question.code, 60)
    if question.free_text:
        return st.selectbox(
            md(label),
            list(labels),
            index=None,
            format_func=lambda value: clip(labels.get(value, value), 80),
            placeholder="Choose, or type another",
            accept_new_options=True,
            key=key,
            label_visibility="collapsed",
        )
    return st.radio(
        md(label),
        list(labels),
        index=None,
        format_func=lambda value: md(labels[value]),
        key=key,
        label_visibility="collapsed",
    )


def examples_grid(side: Side, question: Question) -> None:
    """The rows a question is about."""
    frame = pd.DataFrame([{"Line": str(example.line), **example.cells} for example in question.examples], dtype="str")
    st.dataframe(
        frame,
        key=f"{side}_examples_{fingerprint(question)}",
        hide_index=True,
        height=grid_height(len(frame), at_most=5),
        row_height=ROW_HEIGHT,
        alt="Rows the question is about",
    )


def _answer(desk: Desk, side: Side, name: str, found: FeedReading, answers: dict[str, str | None]) -> None:
    given = {code: value.strip() for code, value in answers.items() if value and value.strip()}
    if len(given) < len(answers):
        st.error("Answer every question, then read again.", icon=":material/error:")
        return
    with st.spinner("Reading with your answer …", show_time=True):
        read_for_feed(
            desk.engine,
            desk.evidence,
            found.stored.upload.id,
            feed=feed_name(name, side),
            actor=desk.actor,
            answers=given,
        )
    st.rerun()


def _control(desk: Desk, side: Side, name: str | None, found: FeedReading, question: Question) -> None:
    """A figure the file states does not agree: what differs by how much, and the way past it."""
    wrong = [control for control in found.stored.preview.controls if not control.agrees]
    st.warning(
        f"{_differs(wrong)} A row may be missing, doubled or misread. Ask for the file again, or accept the "
        "difference: it is kept with the file, under your name.",
        title="The file does not add up",
        icon=":material/balance:",
    )
    controls_table(found.stored.preview.controls, key=f"{side}_open")
    if question.examples:
        with st.expander("Where the file states it"):
            examples_grid(side, question)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        pressed = st.button(
            "Accept anyway", icon=":material/how_to_reg:", key=f"{side}_accept_control", disabled=not name
        )
        if not name:
            st.caption("Name the reconciliation first.", width="content")
    if pressed and name:
        _answer(desk, side, name, found, {CONTROL_TOTAL: question.choices[0].value})


def _differs(wrong: Sequence[Control]) -> str:
    """The difference of one control, or how many there are."""
    if len(wrong) == 1 and wrong[0].currency is not None:
        return f"What was read differs by {md(money(wrong[0].found - wrong[0].stated, wrong[0].currency))}."
    return f"{counted(len(wrong), 'figure')} it states about itself {'does' if len(wrong) == 1 else 'do'} not agree."


def _drift(desk: Desk, side: Side, name: str, found: FeedReading, question: Question) -> None:
    assert found.mapping is not None
    before, now = found.mapping.mapping.header, found.stored.preview.columns
    st.warning(md(question.text), title="The columns changed", icon=":material/difference:")
    frame = header_diff(before, now)
    st.dataframe(
        frame,
        key=f"{side}_drift_{fingerprint((before, now))}",
        hide_index=True,
        height=grid_height(len(frame), at_most=8),
        row_height=ROW_HEIGHT,
        placeholder="",
        alt="Columns as mapped and as they are now",
        column_config={
            "Change": st.column_config.MultiselectColumn(
                options=["Missing", "New", "Renamed", "Moved"], color=["red", "green", "orange", "gray"], width="small"
            ),
        },
    )
    remap = proposed_remap(found.mapping.mapping, now)
    with st.container(horizontal=True, gap="small", key=f"{side}_drift_ways"):
        if remap is not None and st.button(
            "Same columns, new names",
            icon=":material/drive_file_rename_outline:",
            type="primary",
            key=f"{side}_remap_renamed",
            help=md(_renames(found.mapping.mapping, remap)),
        ):
            accept_remap(desk.engine, feed=feed_name(name, side), mapping=remap, actor=desk.actor)
            st.rerun()
        keep: Literal["primary", "secondary"] = "secondary" if remap else "primary"
        if st.button("Keep the mapping", type=keep, key=f"{side}_keep", help=md(question.choices[0].label)):
            _answer(desk, side, name, found, {HEADER_CHANGED: question.choices[0].value})
        if st.button("Map the columns", key=f"{side}_remap", help="Say which column means what, then read again."):
            map_by_hand(desk, side, name, now, found.mapping.mapping.roles)
        st.button(
            "Ask again",
            key=f"{side}_ask_again",
            help="Forget the mapping and read the file as if it were the first.",
            on_click=forget,
            args=(desk, side, name),
        )


def _renames(before: Mapping, now: Mapping) -> str:
    """`amount: Amount is now Net amount`, for each role whose column was renamed."""
    changed = [
        f"{words(role)}: {name} is now {now.roles[role]}"
        for role, name in before.roles.items()
        if now.roles[role] != name
    ]
    return ". ".join(changed) or "No column that is read has another name; the others do."


def header_diff(before: Sequence[str], now: Sequence[str]) -> pd.DataFrame:
    """One line a column, in file order: its name as mapped and now, and what happened to it."""
    lines: list[tuple[str | None, str | None, list[str]]] = []
    for tag, i, i_end, j, j_end in SequenceMatcher(a=before, b=now, autojunk=False).get_opcodes():
        if tag == "equal":
            lines += [(name, name, []) for name in before[i:i_end]]
            continue
        new = list(now[j:j_end])
        for old in before[i:i_end]:
            renamed = next(iter(get_close_matches(old, [name for name in new if name not in before])), None)
            if renamed is not None:
                new.remove(renamed)
                lines.append((old, renamed, ["Renamed"]))
            elif old not in now:
                lines.append((old, None, ["Missing"]))
        lines += [(None, name, ["Moved" if name in before else "New"]) for name in new]
    return pd.DataFrame(lines, columns=["As mapped", "In this file", "Change"], dtype=object)
