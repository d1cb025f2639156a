"""The feeds, one line each: what came last, whether it adds up and follows, and whether a file is missing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

import pandas as pd
import streamlit as st

from recon.ui.controls import Verdict, verdict
from recon.ui.feeds.address import choose_feed
from recon.ui.format import NONE, Look, clip, count, counted, when
from recon.ui.ledger.listing import badges, grid
from recon.workflows.feed_standings import FeedStanding


class State(StrEnum):
    """The worst there is to say of a feed."""

    MISSING = "missing"
    DIFFERS = "differs"
    REJECTS = "rejects"
    OK = "ok"
    EMPTY = "empty"


STATES: Final = {
    State.MISSING: Look(label="File missing", color="red", icon=":material/error:", slot=5),
    State.DIFFERS: Look(label="Does not follow", color="orange", icon=":material/link_off:", slot=2),
    State.REJECTS: Look(label="Has rejects", color="yellow", icon=":material/warning:", slot=6),
    State.OK: Look(label="In order", color="green", icon=":material/check_circle:", slot=1),
    State.EMPTY: Look(label="No file yet", color="gray", icon=":material/inbox:", slot=4),
}


def state_of(standing: FeedStanding) -> State:
    """A missing file before what is wrong with those that came."""
    newest = standing.newest
    if standing.expected is not None and standing.expected.is_missing:
        return State.MISSING
    if standing.breaks:
        return State.DIFFERS
    if newest is None:
        return State.EMPTY
    return State.REJECTS if newest.rows_rejected else State.OK


def listing(standings: Sequence[FeedStanding], *, opened: str, now: datetime) -> None:
    """Draw the list; a click opens its feed."""
    grid(
        feeds_frame(standings, now=now),
        [standing.feed.name for standing in standings],
        name="feeds",
        opened=opened,
        on_open=choose_feed,
        config={
            "Feed": st.column_config.TextColumn(width="medium"),
            "State": badges(STATES, 116),
            "Rows": st.column_config.TextColumn(alignment="right", width=74),
            "Rejected": st.column_config.TextColumn(alignment="right", width=70),
            "Files": st.column_config.TextColumn(alignment="right", width=52),
            "Mapping": st.column_config.TextColumn(width=68),
            "Newest file": st.column_config.TextColumn(width="medium"),
        },
        alt="Feeds",
    )


def feeds_frame(standings: Sequence[FeedStanding], *, now: datetime) -> pd.DataFrame:
    """One line a feed."""
    newest = [standing.newest for standing in standings]
    return pd.DataFrame(
        {
            "Feed": [clip(standing.feed.name, 60) for standing in standings],
            "State": [[STATES[state_of(standing)].label] for standing in standings],
            "Newest file": [clip(file.filename, 48) if file else NONE for file in newest],
            "Came": [when(file.came_at, now=now) if file else NONE for file in newest],
            "Format": [file.format if file else NONE for file in newest],
            "Rows": [count(file.rows_accepted) if file else NONE for file in newest],
            "Rejected": [count(file.rows_rejected) if file and file.rows_rejected else NONE for file in newest],
            "Controls": [_controls(standing) for standing in standings],
            "Balances": [_balances(standing) for standing in standings],
            "Next due": [_due(standing, now) for standing in standings],
            "Mapping": [f"v{s.feed.mapping_version}" if s.feed.mapping_version else NONE for s in standings],
            "Files": [count(standing.feed.file_count) for standing in standings],
        }
    )


def _controls(standing: FeedStanding) -> str:
    """Of the newest file."""
    controls = standing.newest.controls if standing.newest else ()
    if not controls:
        return NONE
    agree = sum(verdict(control) is Verdict.AGREES for control in controls)
    return f"{agree} of {len(controls)} agree"


def _balances(standing: FeedStanding) -> str:
    if standing.breaks:
        return counted(len(standing.breaks), "gap")
    return "Follow" if any(control for _, control in standing.links) else NONE


def _due(standing: FeedStanding, now: datetime) -> str:
    found = standing.expected
    if found is None:
        return NONE
    if found.missing:
        return f"since {when(found.missing[0], now=now)}"
    return when(found.next_due_at, now=now)
