"""One open item beside the list: what it says, which runs had it, what became of it, and where to work on it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import streamlit as st

from recon.model.open_items import ClearedBy
from recon.queries.item_list import Course, Item, Stage, course, discrepancy_of
from recon.ui.format import SIDES, clip, counted, day, instant, md, money
from recon.ui.guard import Desk
from recon.ui.links import RUNS, TRIAGE, WORKBENCH

RUNS_NAMED = 4


def item_panel(desk: Desk, item: Item) -> None:
    """Draw it."""
    found = course(desk.engine, item)
    st.markdown(f"##### {md(money(item.amount, item.currency))}")
    st.markdown(f"{_badge(item)} &nbsp; :gray[{SIDES[item.side]} · {day(item.date)}]")
    for label, text in _said(item):
        st.markdown(f":small[:gray[{label}]]  \n{md(clip(text, 160))}")
    st.markdown("  \n".join(f":small[{sentence}]" for sentence in course_sentences(item, found, desk.now.date())))
    _ways(desk, item, found)


def course_sentences(item: Item, found: Course, today: date) -> list[str]:
    """Its course through the runs, a line each."""
    said = [f"First seen {day(item.first_seen_on)}, in line {item.first_line} of run {item.first_run_id}."]
    if item.amends_id is not None:
        said.append(f"It is what became of open item {item.amends_id}, and as old.")
    later = [number for number in found.run_ids if number not in (item.first_run_id, item.cleared_run_id)]
    if later:
        said.append(f"Carried by {_runs(later)}.")
    if item.stage is Stage.CLEARED:
        return [*said, _cleared(item)]
    said.append(f"Open for {counted(item.age, 'business day')}.")
    if item.due_on is not None:
        said.append(f"Its counterpart {'is' if item.due_on > today else 'was'} due {day(item.due_on)}.")
    return said


def _badge(item: Item) -> str:
    match item.stage:
        case Stage.MISSING:
            return ":red-badge[:material/unknown_document: Missing]"
        case Stage.IN_TRANSIT:
            return ":gray-badge[:material/local_shipping: In transit]"
        case Stage.CLEARED:
            return ":green-badge[:material/check_circle: Cleared]"


def _said(item: Item) -> list[tuple[str, str]]:
    fields = {
        "Reference": item.payment_ref,
        "ID": item.txn_id,
        "Counterparty": item.counterparty,
        "Description": item.description,
    }
    return [(label, text) for label, text in fields.items() if text]


def _runs(numbers: Sequence[int]) -> str:
    if len(numbers) == 1:
        return f"run {numbers[0]}"
    if len(numbers) <= RUNS_NAMED:
        return f"runs {', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"
    return f"{counted(len(numbers), 'run')}, from {numbers[0]} to {numbers[-1]}"


def _cleared(item: Item) -> str:
    at = f" on {instant(item.cleared_at)}" if item.cleared_at else ""
    match item.cleared_by:
        case ClearedBy.DECISION:
            return f"Settled by decision {item.decision_id}{at}."
        case ClearedBy.AMENDED:
            return f"A file of run {item.cleared_run_id} says something else of it: that is carried now."
        case ClearedBy.VANISHED:
            return f"The corrected file of run {item.cleared_run_id} does not have it any more."
        case _:
            return f"Cleared by run {item.cleared_run_id}{at}."


def _ways(desk: Desk, item: Item, found: Course) -> None:
    """To the run that had it last, and while it is missing to where it is worked on."""
    last = found.run_ids[-1]
    with st.container(horizontal=True, gap="small", key="item_ways"):
        number = None if item.stage is Stage.CLEARED else discrepancy_of(desk.engine, last, item.side, found.last_line)
        if number is not None:
            if st.button("Open in triage", icon=":material/rule:", type="primary", key="item_triage"):
                st.switch_page(TRIAGE, query_params={"run": str(last), "d": str(number)})
            if st.button("Match", icon=":material/join_inner:", key="item_match"):
                side = item.side.value
                chosen = {side: str(found.last_line), "near": f"{side}-{found.last_line}"}
                st.switch_page(WORKBENCH, query_params={"run": str(last), **chosen})
        if st.button(f"Open run {last}", icon=":material/play_circle:", type="tertiary", key="item_run"):
            st.switch_page(RUNS, query_params={"run": str(last)})
