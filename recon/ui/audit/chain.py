"""How far the logs are sealed, what the last verification found, and the button for the next."""

from __future__ import annotations

from typing import Final

import pandas as pd
import streamlit as st

from recon.queries.audit import AuditEvent, last_verified, sealed_logs
from recon.ui.audit.look import log_label
from recon.ui.format import count, counted, md, when
from recon.ui.guard import Desk, problems_shown
from recon.ui.pager import ROW_HEIGHT
from recon.workflows.verify_on_demand import VerifyOnDemand, VerifyState

STAGES: Final = {
    "starting": "Starting",
    "logs": "Seals of the logs",
    "files": "Files of the evidence",
    "replay": "The newest run, done again",
}


@st.cache_resource(show_spinner=False)
def on_demand() -> VerifyOnDemand:
    """The process's one verification."""
    return VerifyOnDemand()


def begin(desk: Desk) -> None:
    """Have everything verified, unless somebody did already."""
    on_demand().start(actor=desk.actor)


def summary(desk: Desk) -> str:
    """The line under the page's title."""
    found = last_verified(desk.engine)
    if found is None:
        return "Not verified yet"
    at = when(found.at, now=desk.now)
    if found.detail.get("sound"):
        return f":green[:material/verified:] Verified {at} by {md(found.actor)}: nothing was changed"
    return f":red[:material/gpp_bad:] Verified {at} by {md(found.actor)}: something was changed"


def chain(desk: Desk) -> None:
    """Draw the state of the chains; while somebody verifies, how far it is."""
    place = on_demand()
    st.fragment(_chain, run_every="1s" if place.state().is_live else None)(desk, place)


def _chain(desk: Desk, place: VerifyOnDemand) -> None:
    with problems_shown():
        state = place.state()
        was_live = st.session_state.get("verify_was_live", False)
        st.session_state["verify_was_live"] = state.is_live
        if was_live != state.is_live:
            st.rerun()  # what was found is above, and among the events
        if state.is_live:
            _progress(place, state)
        elif state.problem:
            st.warning(md(state.problem), icon=":material/sync_problem:")
        found = last_verified(desk.engine)
        if found is not None and not found.detail.get("sound"):
            _broken(found)
        _seals(desk, found)


def _progress(place: VerifyOnDemand, state: VerifyState) -> None:
    bar, button = st.columns([6, 1], vertical_alignment="center")
    share = state.done_count / state.total_count if state.total_count else 0.0
    told = f" · {count(state.done_count)} of {count(state.total_count)}" if state.total_count else ""
    bar.progress(min(share, 1.0), text=f"{STAGES.get(state.stage, state.stage)}{told}")
    button.button("Stop", icon=":material/stop:", key="verify_stop", on_click=place.stop, width="stretch")


def _broken(found: AuditEvent) -> None:
    problems = [str(one) for one in found.detail.get("problems", ())]
    more = int(found.detail.get("problem_count", len(problems))) - 1
    rest = f" And {counted(more, 'more place')}: event {found.id} lists them." if more else ""
    st.error(f"{md(problems[0]) if problems else ''}{rest}", title="Something was changed", icon=":material/gpp_bad:")


def _seals(desk: Desk, found: AuditEvent | None) -> None:
    logs = sealed_logs(desk.engine)
    if not logs:
        st.caption("No log is sealed yet. The sidecar does that every few minutes; from then on a change shows.")
        return
    heads = dict(found.detail.get("heads", {})) if found else {}
    frame = pd.DataFrame(
        {
            "Log": [log_label(log.log) for log in logs],
            "Sealed up to": [log.last_id for log in logs],
            "Sealed at": [log.sealed_at for log in logs],
            "Waiting": [log.waiting_count for log in logs],
            "Verified": ["Up to here" if heads.get(log.log) == log.head else "Not up to here" for log in logs],
            "Head": [log.head for log in logs],
        }
    )
    config = {
        "Sealed up to": st.column_config.NumberColumn(format="localized", width=110),
        "Sealed at": st.column_config.DatetimeColumn(format="DD MMM YYYY HH:mm", timezone="UTC", width=140),
        "Waiting": st.column_config.NumberColumn(format="localized", width=80),
        "Head": st.column_config.TextColumn(help="Note it elsewhere: `verify --anchor` then proves the log's end."),
    }
    with st.expander("Seals of the logs", icon=":material/link:", key="seals"):
        st.dataframe(frame, hide_index=True, row_height=ROW_HEIGHT, column_config=config, key="seal_grid")
