"""One variance in full: its figures, the way to what is behind it, what was said about it, and the form to say it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from recon.queries.variances import VarianceDetail, VarianceEvent, VarianceRow
from recon.ui.format import md, when
from recon.ui.guard import Desk
from recon.ui.integrity.address import INTEGRITY, to_check
from recon.ui.integrity.look import title_in
from recon.ui.integrity.trace import figures_table, names_for, subject_text, trace
from recon.ui.variances.look import CLASSES, class_look
from recon.ui.variances.say import say_form, show_answer


def panel(desk: Desk, detail: VarianceDetail) -> None:
    """Draw it."""
    row = detail.variance
    names = names_for(desk, [row])
    st.subheader(md(subject_text(row.subject, names)), anchor=False)
    state = ":green-badge[Fixed]" if row.fixed_at else ":red-badge[Open]"
    st.markdown(f"{state} {class_look(row.variance_class).badge()}")
    show_answer(row.id)
    figures_table(row)
    _course(row, now=desk.now)
    say_form(desk, row)
    _said(detail.events, now=desk.now)
    trace(desk, row.subject, row.book, names)


def _course(row: VarianceRow, *, now: datetime) -> None:
    """When it was seen, and by which check."""
    seen = f"First seen {when(row.first_seen_at, now=now)}, last {when(row.last_seen_at, now=now)}"
    end = f", fixed {when(row.fixed_at, now=now)}" if row.fixed_at else ""
    st.caption(f"{seen}{end} UTC")
    st.page_link(
        INTEGRITY,
        label=title_in(row.check_name, row.book),
        icon=":material/verified_user:",
        query_params=to_check(row.check_name, row.book, run_id=row.last_run_id),
    )


def _said(events: Sequence[VarianceEvent], *, now: datetime) -> None:
    if not events:
        return
    st.markdown("**History**")
    for event in reversed(events):
        as_class = f" {CLASSES[event.variance_class].label.lower()}" if event.variance_class else ""
        comment = f" — {md(event.comment)}" if event.comment else ""
        st.caption(f"**{md(event.actor)}**{as_class} · {when(event.at, now=now)}{comment}")
