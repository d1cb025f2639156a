"""The panel beside the queue: one discrepancy in full, several at once, or what to do here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import streamlit as st

from recon.errors import DiscrepancyNotFound, EvidenceMissing
from recon.model.outcome import DiscrepancyKind
from recon.model.rules import Rules
from recon.queries.discrepancies import DiscrepancyRow, Neighbours, sums
from recon.queries.discrepancy_detail import (
    DiscrepancyDetail,
    HistoryEvent,
    discrepancy_detail,
    transaction_at,
)
from recon.queries.matched_pair import PairAsked
from recon.ui import grid
from recon.ui.comparison import code, comparison
from recon.ui.decide import FORM_HEIGHT, RESOLUTIONS, decision_form, forget_answer
from recon.ui.format import (
    DISCREPANCY_STATUS,
    KINDS,
    NONE,
    SIDES,
    age,
    clip,
    counted,
    day,
    figure,
    kind_label,
    md,
    money,
    when,
)
from recon.ui.group_rows import group_rows
from recon.ui.guard import Desk
from recon.ui.queue_filters import PAGE
from recon.ui.why import hints, why
from recon.workflows.explain_pair import ExplainedPair, explain_pair, sentences_between
from recon.workflows.explain_row import NearRow, explain_row

_TITLE_HEIGHT: Final = 96
"""Pixels of the title and of the panel's own padding."""
_CANDIDATES_HEIGHT: Final = 96

_OF_GROUPS: Final = {DiscrepancyKind.INCOMPLETE_GROUP, DiscrepancyKind.FEE}
"""Kinds that may be about matches of several rows."""

_SAID_BY_THE_ROWS: Final = {
    DiscrepancyKind.AMOUNT_MISMATCH,
    DiscrepancyKind.MISSING_IN_REFERENCE,
    DiscrepancyKind.MISSING_IN_SOURCE,
}
"""Kinds whose own sentence the two rows already tell."""


def detail_panel(desk: Desk, discrepancy_id: int, beside: Neighbours, *, on_page: Sequence[int], height: int) -> None:
    """One discrepancy: what it is, its two rows and its history to scroll, and the decision, always in one place.

    `on_page` are the ids the grid shows: a step beyond them turns its page.
    """
    try:
        detail = discrepancy_detail(desk.engine, discrepancy_id)
    except DiscrepancyNotFound as problem:
        st.warning(md(str(problem)), icon=":material/search_off:")
        return
    _title(detail, beside, on_page)
    with st.container(height=height - _TITLE_HEIGHT - FORM_HEIGHT, border=False, key="evidence", gap="xsmall"):
        _headline(detail, desk.now)
        is_whole = _rows(desk, detail)
        candidates = st.skeleton(height=_CANDIDATES_HEIGHT) if is_whole else st.empty()
        _files(detail)
        _history(detail, desk.now)
    decision_form(desk, [detail.row], next_id=beside.next_id or beside.previous_id)
    if is_whole:  # last, because it takes longest: nobody waits for it to decide
        with candidates.container(gap="xsmall", key="candidates"):
            _candidates(desk, detail)


def bulk_panel(desk: Desk, rows: Sequence[DiscrepancyRow]) -> None:
    """Several discrepancies: what they come to, and one decision on all of them."""
    st.subheader(f"{counted(len(rows), 'discrepancy', 'discrepancies')} selected", anchor=False)
    for part in sums(rows):
        st.caption(
            f"{part.currency}: net **{md(figure(part.net, part.currency))}** · gross "
            f"**{md(figure(part.gross, part.currency))}** · {part.count}"
        )
    decision_form(desk, rows)


def hint_panel(first_id: int) -> None:
    """What to do when nothing is open: `first_id` is the first of the page."""
    st.markdown("##### :material/touch_app: Pick a discrepancy")
    st.caption("Click a line to see both rows and decide. Tick several to decide on all of them at once.")
    st.button(
        "Open the first",
        icon=":material/play_arrow:",
        shortcut="J",
        key="open_first",
        on_click=_open,
        args=(first_id, 0),
    )
    st.caption("Keys: **J** next · **K** previous · **E** resolve · **N** comment · **Ctrl+Enter** save")


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
    st.query_params["d"] = str(discrepancy_id)
    if turn:
        st.session_state[PAGE] = st.session_state.get(PAGE, 1) + turn
    forget_answer()
    grid.redraw()


def _headline(detail: DiscrepancyDetail, now: datetime) -> None:
    row = detail.row
    left, right = st.columns([1, 1], gap="small", vertical_alignment="bottom")
    left.metric("Difference", money(row.amount, row.currency))
    with right.container(gap=None):
        st.markdown(md(clip(row.party or row.reference or NONE, 60)))
        st.caption(f"{day(row.date)} · {age(row.date, today=now.date())}")
    if row.kind not in _SAID_BY_THE_ROWS:
        st.caption(md(detail.detail))


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
    st.table(comparison(ours, theirs, detail.row.currency), border="horizontal", hide_index=True)
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
    for row in near:
        _candidate(row)


def _pair(desk: Desk, detail: DiscrepancyDetail) -> ExplainedPair | None:
    asked = PairAsked.of_discrepancy(detail)
    return explain_pair(desk.evidence, asked, Rules.from_dict(detail.rules)) if asked else None


def _candidate(near: NearRow) -> None:
    row = near.transaction
    with st.container(gap=None):
        named = row["payment_ref"] or row["txn_id"]
        name = f"{code(named)} " if named else ""
        st.markdown(f"{name}**{md(money(row['amount'], row['currency']))}** · {day(row['date'])}")
        who = md(clip(row["counterparty"] or row["description"] or NONE, 40))
        lacks = " ".join(near.candidate.failed) or "Nothing speaks against it: other rows fitted better."
        st.caption(f"{who} · {SIDES[near.side].lower()} line {near.candidate.line}. {md(lacks)}")
        hints(near.hints)


def _history(detail: DiscrepancyDetail, now: datetime) -> None:
    if not detail.history:
        return
    st.markdown("**History**")
    for event in reversed(detail.history):
        st.caption(_event(event, now))


def _event(event: HistoryEvent, now: datetime) -> str:
    reason = f": {_reason(event.resolution)}" if event.resolution else ""
    comment = f" — {md(event.comment)}" if event.comment else ""
    return f"**{md(event.actor)}** {event.action}{reason} · {when(event.at, now=now)}{comment}"


def _reason(resolution: str) -> str:
    return next((label.lower() for known, label in RESOLUTIONS.items() if known == resolution), md(resolution))


def _kind_badge(kind: str) -> str:
    return (
        KINDS[DiscrepancyKind(kind)].badge() if kind in {*DiscrepancyKind} else f":gray-badge[{md(kind_label(kind))}]"
    )
