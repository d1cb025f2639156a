"""Run with the newest files, in one click: wherever a reconciliation is named.

It leads to the run, which may be one there is already; or, where only a person can go on, to the Reconcile page with
the files chosen, which asks what is open.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import streamlit as st

from recon.errors import TieoutError
from recon.model.feed import feed_name
from recon.model.people import Action
from recon.model.transactions import Side
from recon.queries.newest_files import newest_files
from recon.ui import states
from recon.ui.format import clip, md
from recon.ui.guard import Desk
from recon.ui.links import RECONCILE, open_run
from recon.ui.people.allowed import why_not
from recon.ui.reconcile import address
from recon.workflows.run_newest import NewestRun, run_newest

HELP: Final = "Takes the file that came last for each side, read as before. The same files are the run there is."
_KNOWN: Final = "newest_was_known"


def newest_button(desk: Desk, name: str, *, key: str, is_primary: bool = False) -> None:
    """Draw the button; a click leads on."""
    refusal = why_not(desk, Action.RUN)
    if st.button(
        "Run newest files",
        icon=":material/fast_forward:",
        type="primary" if is_primary else "secondary",
        key=key,
        help=refusal or HELP,
        disabled=refusal is not None,
        width="content",
    ):
        run_newest_files(desk, name)


def run_newest_files(desk: Desk, name: str) -> None:
    """Run it and lead to where one goes on; what stops it is said here."""
    try:
        with st.spinner("Reading the newest files …", show_time=True):
            found = run_newest(
                desk.engine,
                desk.evidence,
                reconciliation=name,
                default_rules=desk.settings.default_rules(),
                actor=desk.actor,
            )
    except TieoutError as problem:
        states.failure(problem)
        return
    if found.submitted is None:
        _ask(name, found)
        return
    st.session_state[_KNOWN] = found.submitted.run_id if found.submitted.cached else None
    open_run(found.submitted.run_id)


def nothing_new(run_id: int) -> None:
    """Says so on a run that was asked for again though nothing had come since."""
    if st.session_state.pop(_KNOWN, None) == run_id:
        st.info("Nothing new has come: this run did the newest files already.", icon=":material/cached:")


def newer_files(desk: Desk, name: str, files: Mapping[str, str]) -> None:
    """Says so on a run when newer files have come since for its reconciliation. `files`: side -> its file's sha256."""
    newest = newest_files(desk.engine, name)
    found = {side: newest.get(feed_name(name, side)) for side in Side}
    newer = [file.filename for side, file in found.items() if file and not file.address and file.sha256 != files[side]]
    if not newer:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="newer_files"):
        names = " and ".join(md(clip(filename, 48)) for filename in newer)
        st.markdown(f":blue[:material/fiber_new:] Newer files have come since: {names}.", width="stretch")
        newest_button(desk, name, key="run_newest")


def _ask(name: str, found: NewestRun) -> None:
    for side in Side:
        address.choose_upload(side, found.sides[side].stored.upload.id if side in found.sides else None)
    chosen = {side.value: str(one.stored.upload.id) for side, one in found.sides.items()}
    st.switch_page(RECONCILE, query_params={address.NAME: name, **chosen})
