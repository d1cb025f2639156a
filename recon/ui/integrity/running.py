"""Making checks now: what buttons ask for, how far it is, and how often a page looks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import streamlit as st

from recon.model.checks import CatalogueLine, CheckBook
from recon.model.people import Action
from recon.queries.overview import pulse
from recon.ui.format import duration, md
from recon.ui.guard import Desk
from recon.ui.integrity.look import title_in
from recon.ui.people.allowed import guarded
from recon.workflows.checks_on_demand import AskedCheck, ChecksOnDemand, OnDemandState, ask_for_checks

LIVE_EVERY: Final = "1s"
REST_EVERY: Final = "15s"
"""The sidecar's checks show without a reload, too."""


@st.cache_resource(show_spinner=False)
def on_demand(command: tuple[str, ...]) -> ChecksOnDemand:
    """The process's one place for checks that somebody asked for."""
    return ChecksOnDemand(command)


def every(state: OnDemandState) -> str:
    """How often to look."""
    return LIVE_EVERY if state.is_live else REST_EVERY


def asked(wanted: Iterable[tuple[CatalogueLine, CheckBook]]) -> list[AskedCheck]:
    """As the process that makes them takes them; where the question does not arise, there is nothing to make."""
    return [
        AskedCheck(check_name=line.name, book=book, category=line.category)
        for line, book in wanted
        if line.applies(book)
    ]


def run_button(
    label: str,
    desk: Desk,
    place: ChecksOnDemand,
    wanted: Sequence[AskedCheck],
    *,
    key: str,
    type: str = "secondary",
    help: str | None = None,
) -> None:
    """A button that has these made; it rests while all of them are about to be, or there are none."""
    state = place.state()
    busy = state.waiting | state.at_work
    st.button(
        label,
        icon=":material/play_arrow:",
        type=type,  # type: ignore[arg-type]
        key=key,
        **guarded(desk, Action.CHECKS, disabled=all(check.key in busy for check in wanted), help=help),
        width="content",
        on_click=ask_for_checks,
        args=(desk.engine, place, tuple(wanted)),
        kwargs={"actor": desk.actor},
    )


def progress(state: OnDemandState) -> None:
    """How far what was asked for is, and what went wrong with it."""
    if state.is_live:
        at_work = ", ".join(title_in(name, book) for name, book in sorted(state.at_work))
        share = state.done_count / state.total_count if state.total_count else 0.0
        done = f"{state.done_count} of {state.total_count}"
        st.progress(share, text=f"{at_work or 'Starting'} · {done}")
    elif state.problem:
        st.warning(md(state.problem), icon=":material/sync_problem:")


def sidecar_notice(desk: Desk) -> None:
    """Why nothing happens by itself, where that is so."""
    found = pulse(desk.engine, now=desk.now)
    if found.is_sidecar_up(desk.now):
        return
    seen = f"last seen {duration(desk.now - found.sidecar_seen_at)} ago" if found.sidecar_seen_at else "never seen"
    st.markdown(
        f":orange[:material/warning: The sidecar is down ({seen}): no check is made when it is due. "
        "Checks you start here are made all the same.]"
    )
