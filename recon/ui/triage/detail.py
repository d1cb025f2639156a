"""The panel beside the queue: one discrepancy in full, several at once, or what to do here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final

import streamlit as st

from recon.errors import DiscrepancyNotFound, EvidenceMissing
from recon.model.outcome import DiscrepancyKind
from recon.model.rules import Rules
from recon.model.triage import DiscrepancyStatus
from recon.queries.after_close import closed_after
from recon.queries.discrepancies import DiscrepancyFilter, DiscrepancyRow, Neighbours, sums
from recon.queries.discrepancy_detail import (
    DiscrepancyDetail,
    discrepancy_detail,
    transaction_at,
)
from recon.queries.matched_pair import PairAsked
from recon.queries.open_items import first_runs
from recon.ui.after_close import after_close
from recon.ui.comparison import code, comparison
from recon.ui.format import (
    DISCREPANCY_STATUS,
    KINDS,
    NONE,
    SIDES,
    age,
    clip,
    counted,
    day,
    kind_label,
    line_text,
    md,
    money,
)
from recon.ui.group_rows import group_rows
from recon.ui.guard import Desk
from recon.ui.links import TRIAGE, match_button
from recon.ui.triage import decide_all, grid
from recon.ui.triage.answer import APPROVALS, stop_saying
from recon.ui.triage.booked import booked
from recon.ui.triage.decide import Some, assign_buttons, decision_form, form_height
from recon.ui.triage.filters import DUE_HELP, PAGE
from recon.ui.triage.no_duplicate import no_duplicate
from recon.ui.triage.opened import open_one
from recon.ui.triage.thread import thread
from recon.ui.why import hints, why
from recon.workflows.explain_pair import ExplainedPair, explain_pair, sentences_between
from recon.workflows.explain_row import NearRow, explain_row

_TITLE_HEIGHT: Final = 80
"""Pixels of the title and of the panel's own padding."""
_CANDIDATES_HEIGHT: Final = 96

_OF_GROUPS: Final = {DiscrepancyKind.INCOMPLETE_GROUP, DiscrepancyKind.FEE}
"""Kinds that may be about matches of several rows."""

DECIDED: Final = ("resolved", "reopened")
"""Events of a discrepancy that a sign-off would have shown otherwise."""

_SAID_BY_THE_ROWS: Final = {
    DiscrepancyKind.AMOUNT_MISMATCH,
    DiscrepancyKind.MISSING_IN_REFERENCE,
    DiscrepancyKind.MISSING_IN_SOURCE,
}
"""Kinds whose own sentence the two rows already tell."""


def detail_panel(
    desk: Desk,
    discrepancy_id: int,
    beside: Neighbours,
    *,
    on_page: Sequence[int],
    proposal_id: int | None,
    height: int,
) -> None:
    """One discrepancy: what it is, its two rows and its history to scroll, and the decision, always in one place.

    `on_page` are the ids the grid shows: a step beyond them turns its page. `proposal_id` is of the open proposal to
    write it off.
    """
    try:
        detail = discrepancy_detail(desk.engine, discrepancy_id)
    except DiscrepancyNotFound as problem:
        st.warning(md(str(problem)), icon=":material/search_off:")
        return
    _title(detail, beside, on_page)
    some = Some(rows=(detail.row,), next_id=beside.next_id or beside.previous_id)
    with st.container(height=height - _TITLE_HEIGHT - form_height(some), border=False, key="evidence", gap="xsmall"):
        _waits(proposal_id)
        _goes_on(detail)
        _headline(detail, desk.now)
        after_close(closed_after(desk.engine, detail.row.id))
        if any(event.action in DECIDED for event in detail.history):
            booked(desk, detail.row.id, detail.run_id)
        _actions(desk, detail, some)
        is_whole = _rows(desk, detail)
        candidates = st.skeleton(height=_CANDIDATES_HEIGHT) if is_whole else st.empty()
        _files(detail)
        thread(detail.history, run_id=detail.run_id, now=desk.now)
    decision_form(desk, detail.run_id, some)
    if is_whole:  # last, because it takes longest: nobody waits for it to decide
        with candidates.container(gap="xsmall", key="candidates"):
            _candidates(desk, detail)


def bulk_panel(desk: Desk, rows: Sequence[DiscrepancyRow], wanted: DiscrepancyFilter, total: int) -> None:
    """Several discrepancies: what they come to, and one decision on all of them; or all the filter holds instead."""
    st.subheader(f"{counted(len(rows), 'discrepancy', 'discrepancies')} selected", anchor=False)
    decide_all.figures(sums(rows))
    some = Some(rows=tuple(rows))
    if any(row.status is DiscrepancyStatus.OPEN for row in rows):
        with st.container(horizontal=True, gap="small", key="actions"):
            assign_buttons(desk, wanted.run_id, some)
    decision_form(desk, wanted.run_id, some)
    if total > len(rows):
        decide_all.choose_button(wanted, total)


def hint_panel(first_id: int, wanted: DiscrepancyFilter, total: int) -> None:
    """What to do when nothing is open: `first_id` is the first of the page."""
    st.markdown("##### :material/touch_app: Pick a discrepancy")
    st.caption("Click a line to see both rows and decide. Tick several to decide on all of them at once.")
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Open the first",
            icon=":material/play_arrow:",
            shortcut="J",
            key="open_first",
            on_click=_open,
            args=(first_id, 0),
        )
        decide_all.choose_button(wanted, total)
    st.caption("A queue can be worked by keys alone: press **?** to see them.")


def _title(detail: DiscrepancyDetail, beside: Neighbours, on_page: Sequence[int]) -> None:
    row = detail.row
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.subheader(f"#{row.id}", anchor=False, width="content")
        st.markdown(f"{_kind_badge(row.kind)} {DISCREPANCY_STATUS[row.status].badge()}", width="content")
        with st.container(horizontal=True, horizontal_alignment="right", gap="xsmall"):
            for label, help, shortcut, to, turn in (
                ("Prev", "The one before in the queue", "K", beside.previous_id, -1),
                ("Next", "The next in the queue", "J", beside.next_id, 1),
            ):
                st.button(
                    label,
                    help=help,
                    shortcut=shortcut,
                    key=f"step_{shortcut}",
                    type="tertiary",
                    disabled=to is None,
                    on_click=_open,
                    args=(to, turn if row.id in on_page and to not in on_page else 0),
                )


def _open(discrepancy_id: int, turn: int) -> None:
    """Open another one, on the page before or after where it is not on this one."""
    open_one(discrepancy_id)
    if turn:
        st.session_state[PAGE] = st.session_state.get(PAGE, 1) + turn
    stop_saying()
    grid.redraw()


def _headline(detail: DiscrepancyDetail, now: datetime) -> None:
    row = detail.row
    with st.container(gap=None):
        with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute", gap="small"):
            st.header(md(money(row.amount, row.currency)), anchor=False, width="content")
            st.markdown(md(clip(row.party or row.reference or NONE, 32)), width="content")
        when = f"{day(row.date)} · {age(row.date, today=now.date())}{_due(row, now.date())}"
        st.caption(when, help=DUE_HELP, width="content")
    if row.kind not in _SAID_BY_THE_ROWS:
        st.caption(md(detail.detail))


def _due(row: DiscrepancyRow, today: date) -> str:
    """When it should be resolved by, while it is not."""
    if row.status is not DiscrepancyStatus.OPEN:
        return ""
    days = (today - row.due_on).days
    return f" · :red[{counted(days, 'day')} overdue]" if days > 0 else f" · due {_day_to_come(-days)}"


def _day_to_come(days: int) -> str:
    return "today" if days == 0 else f"in {counted(days, 'day')}"


def _waits(proposal_id: int | None) -> None:
    if proposal_id is not None:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="waits"):
            st.markdown(":violet-badge[:material/supervisor_account: Waits for a second person]", width="stretch")
            st.page_link(APPROVALS, label=f"Proposal {proposal_id}", query_params={"proposal": str(proposal_id)})


def _goes_on(detail: DiscrepancyDetail) -> None:
    """Where a later run has it too: that is where to work on it."""
    if detail.goes_on is None:
        return
    run_id, number = detail.goes_on
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="goes_on"):
        st.markdown(":orange-badge[:material/redo: Goes on in a later run]", width="content")
        st.page_link(TRIAGE, label=f"Run {run_id}", query_params={"run": str(run_id), "d": str(number)})


def _actions(desk: Desk, detail: DiscrepancyDetail, some: Some) -> None:
    """Whose it is, and what can be done besides deciding."""
    who = detail.row.assignee
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="actions"):
        if who:
            st.markdown(f":small[:material/person: {md(clip(who, 24))}]", width="content")
        if detail.row.status is DiscrepancyStatus.OPEN:
            assign_buttons(desk, detail.run_id, some)
            match_button(detail)
            no_duplicate(desk, detail)


def _rows(desk: Desk, detail: DiscrepancyDetail) -> bool:
    """The two rows side by side; False when the files they are in are gone."""
    try:
        ours, theirs = transaction_at(desk.evidence, detail.source), transaction_at(desk.evidence, detail.reference)
    except EvidenceMissing as problem:
        st.warning(md(str(problem)), icon=":material/folder_off:")
        return False
    pair = _pair(desk, detail) if detail.row.kind in _OF_GROUPS else None
    if pair is not None and pair.sides:
        group_rows(pair.sides)
        return True
    if ours is not None and theirs is not None:
        hints(sentences_between(ours, theirs))
    lines = [row["line"] for row in (ours, theirs) if row is not None]
    cells = comparison(ours, theirs, detail.row.currency, first_runs=first_runs(desk.engine, lines))
    st.table(cells, border="horizontal", hide_index=True)
    return True


def _files(detail: DiscrepancyDetail) -> None:
    st.caption(f"Source: {md(clip(detail.source.filename, 48))} · Reference: {md(clip(detail.reference.filename, 48))}")


def _candidates(desk: Desk, detail: DiscrepancyDetail) -> None:
    pair = _pair(desk, detail)
    if pair is not None:
        why(pair, key=f"why_{detail.row.id}")
    near = explain_row(desk.evidence, detail)
    is_paired = detail.source.line is not None and detail.reference.line is not None
    st.markdown(f"**{'Other near rows' if is_paired else 'Nearest rows'}**")
    if not near:
        st.caption("The other side has no row in this currency, nor one with the same id.")
    runs = first_runs(desk.engine, [row.candidate.line for row in near])
    for row in near:
        _candidate(row, runs)


def _pair(desk: Desk, detail: DiscrepancyDetail) -> ExplainedPair | None:
    asked = PairAsked.of_discrepancy(detail)
    return explain_pair(desk.evidence, asked, Rules.from_dict(detail.rules)) if asked else None


def _candidate(near: NearRow, runs: Mapping[int, int]) -> None:
    row = near.transaction
    with st.container(gap=None):
        named = row["payment_ref"] or row["txn_id"]
        name = f"{code(named)} " if named else ""
        st.markdown(f"{name}**{md(money(row['amount'], row['currency']))}** · {day(row['date'])}")
        who = md(clip(row["counterparty"] or row["description"] or NONE, 40))
        lacks = " ".join(near.candidate.failed) or "Nothing speaks against it: other rows fitted better."
        line = line_text(near.candidate.line, runs)
        where = f"{SIDES[near.side].lower()} {'line' if near.candidate.line >= 0 else 'row'} {line}"
        st.caption(f"{who} · {where}. {md(lacks)}")
        hints(near.hints)


def _kind_badge(kind: str) -> str:
    return (
        KINDS[DiscrepancyKind(kind)].badge() if kind in {*DiscrepancyKind} else f":gray-badge[{md(kind_label(kind))}]"
    )
