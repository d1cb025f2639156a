"""When a feed's files are expected, what is missing, and whose clocks the times in them are of."""

from __future__ import annotations

from datetime import time
from typing import Final
from zoneinfo import available_timezones

import streamlit as st

from recon.errors import TieoutError
from recon.model.feed import Arrival, Every, SavedMapping
from recon.model.people import Action
from recon.ui.format import counted, day, md, when
from recon.ui.guard import Desk
from recon.ui.people.allowed import guarded
from recon.workflows.expect_files import ZONE, expect_files, set_zone
from recon.workflows.feed_standings import FeedStanding

HOW_OFTEN: Final = {
    None: "Whenever it comes",
    Every.BUSINESS_DAY: "Every business day",
    Every.WEEK: "Every week",
    Every.MONTH: "Every month",
}
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
CALENDARS: Final = {
    "": "Monday to Friday",
    "ECB": "ECB (TARGET)",
    "XNYS": "New York Stock Exchange",
    "US": "United States",
    "GB": "United Kingdom",
    "DE": "Germany",
    "FR": "France",
    "IN": "India",
    "AE": "United Arab Emirates",
}
FIRST_ZONES: Final = ("UTC", "Europe/Berlin", "Europe/London", "America/New_York", "Asia/Kolkata", "Asia/Dubai")
MISSING_TOLD: Final = 5


def arrival_view(desk: Desk, standing: FeedStanding, saved: SavedMapping | None) -> None:
    """Draw both forms, and what is missing."""
    left, right = st.columns(2, gap="small")
    with left.container(border=True, height="stretch", key="arrival"):
        _arrival(desk, standing)
    with right.container(border=True, height="stretch", key="zone"):
        _zone(desk, standing, saved)


def missing_banner(desk: Desk, standing: FeedStanding) -> None:
    """A file that should have come, above everything else."""
    found = standing.expected
    if found is None or not found.missing:
        return
    first, *others = found.missing
    more = f" and {counted(len(others), 'more file')} since" if others else ""
    st.warning(
        f"The file due {when(first, now=desk.now)} UTC has not come{more}. Send it on the Reconcile page.",
        title="A file is missing",
        icon=":material/running_with_errors:",
    )


def _arrival(desk: Desk, standing: FeedStanding) -> None:
    now = standing.feed.arrival
    st.markdown("**Expected arrival**")
    every = st.selectbox(
        "A file comes",
        list(HOW_OFTEN),
        index=list(HOW_OFTEN).index(now.every if now else None),
        format_func=HOW_OFTEN.__getitem__,
        key=f"every_{standing.feed.id}",
    )
    wanted = _details(standing, every) if every else None
    found = standing.expected
    if found is not None and found.next_due_at is not None:
        st.caption(f"Next due {when(found.next_due_at, now=desk.now)} UTC.")
    if found is not None and found.missing:
        days = ", ".join(f"{day(due.date())} {due:%H:%M}" for due in found.missing[-MISSING_TOLD:])
        st.caption(f":red[:material/error:] Missing: {days} UTC.")
    may = guarded(desk, Action.IMPORT, disabled=wanted == now)
    if st.button("Save", key="save_arrival", type="primary", width="content", **may):
        try:
            expect_files(desk.engine, feed=standing.feed.name, arrival=wanted, actor=desk.actor)
        except TieoutError as problem:
            st.error(md(str(problem)), icon=":material/error:")
            return
        st.rerun()


def _details(standing: FeedStanding, every: Every) -> Arrival:
    now, number = standing.feed.arrival, standing.feed.id
    is_same = now is not None and now.every is every
    by_at, zone_at = st.columns(2, gap="small")
    by = by_at.time_input("By", value=now.by if now else time(9, 0), step=900, key=f"by_{number}")
    zone = _zone_choice(zone_at, "On the clocks of", now.zone if now else "UTC", key=f"by_zone_{number}")
    day_number, calendar = 1, ""
    if every is Every.BUSINESS_DAY:
        before = now.calendar if now else ""
        options = list(dict.fromkeys([before, *CALENDARS]))
        calendar = (
            st.selectbox(
                "Business days of",
                options,
                format_func=lambda code: CALENDARS.get(code, code),
                accept_new_options=True,
                key=f"calendar_{number}",
                help="A country (DE), one of its parts (DE-BY) or a market (XNYS, ECB).",
            )
            or ""
        )
    elif every is Every.WEEK:
        start = now.day - 1 if now and is_same else 0
        day_number = 1 + WEEKDAYS.index(st.selectbox("On", WEEKDAYS, index=start, key=f"weekday_{number}"))
    else:
        start = now.day if now and is_same else 1
        day_number = int(st.number_input("Day of the month", 1, 31, value=start, key=f"monthday_{number}"))
    return Arrival(every=every, by=by or time(9, 0), zone=zone or "UTC", calendar=calendar, day=day_number)


def _zone(desk: Desk, standing: FeedStanding, saved: SavedMapping | None) -> None:
    now = saved.mapping.answers.get(ZONE) if saved else None
    st.markdown("**Time zone of its files**")
    st.caption(
        "Times that name no zone are read on these clocks. Dates stay as they are written. Without a zone such times "
        "are not used."
    )
    zone = _zone_choice(st, "Times without a zone are in", now, key=f"zone_{standing.feed.id}")
    may = guarded(desk, Action.IMPORT, disabled=zone == now)
    if st.button("Save", key="save_zone", type="primary", width="content", **may):
        try:
            set_zone(desk.engine, feed=standing.feed.name, zone=zone, actor=desk.actor)
        except TieoutError as problem:
            st.error(md(str(problem)), icon=":material/error:")
            return
        st.toast("Saved as the mapping's next version.", icon=":material/bookmark_check:")
        st.rerun()


def _zone_choice(place: object, label: str, now: str | None, *, key: str) -> str | None:
    options = list(dict.fromkeys([*([now] if now else []), *FIRST_ZONES, *_zones()]))
    chosen: str | None = place.selectbox(  # type: ignore[attr-defined]
        label, options, index=options.index(now) if now else None, placeholder="None", key=key
    )
    return chosen


@st.cache_data(show_spinner=False)
def _zones() -> list[str]:
    return sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))
