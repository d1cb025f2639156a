"""Whether files that go over days of the newest run again follow it, or are corrected ones that take its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import streamlit as st

from recon.model.transactions import Side
from recon.queries.carrying import NewestRun, newest_run
from recon.ui.guard import Desk
from recon.workflows.read_for_feed import FeedReading

FOLLOW: Final = "Follow it"
REPLACE: Final = "Take its place"


def corrects(desk: Desk, name: str, found: Mapping[Side, FeedReading | None]) -> int | None:
    """Ask where it is to be asked; the run whose place these files take, if they do."""
    newest = newest_run(desk.engine, name)
    if newest is None or not goes_over_again(newest, found):
        return None
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="corrects_box"):
        st.markdown(
            f":orange[:material/history:] These files have days of **run {newest.run_id}** again. If they follow it,"
            " its rows are not counted twice. If they correct it, what they leave out is gone.",
            width="stretch",
        )
        chosen = st.segmented_control(
            "What these files are",
            (FOLLOW, REPLACE),
            default=FOLLOW,
            required=True,
            key="corrects",
            bind="query-params",
            label_visibility="collapsed",
            width="content",
        )
    return newest.run_id if chosen == REPLACE else None


def goes_over_again(newest: NewestRun, found: Mapping[Side, FeedReading | None]) -> bool:
    """Whether a file of other content has a day of the newest run's file of its side."""
    return any(
        one is not None and one.stored.key != newest.reading_keys[side] and _share_days(newest, side, one)
        for side, one in found.items()
    )


def _share_days(newest: NewestRun, side: Side, one: FeedReading) -> bool:
    if side not in newest.days or one.standing is None:
        return False
    first_on, last_on = newest.days[side]
    return any(total.first_date <= last_on and total.last_date >= first_on for total in one.standing.file.totals)
