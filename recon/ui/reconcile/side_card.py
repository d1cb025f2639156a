"""One side of the reconciliation: its file, what was read of it, and what only a person can decide."""

from __future__ import annotations

import streamlit as st

from recon.errors import TieoutError
from recon.model.feed import feed_name
from recon.model.transactions import Side
from recon.ui.format import clip, md, size, when
from recon.ui.guard import Desk
from recon.ui.reconcile import address, files
from recon.ui.reconcile.mapping import mapping_menu, mapping_note
from recon.ui.reconcile.preview import facts, preview, totals
from recon.ui.reconcile.questions import questions
from recon.ui.reconcile.standing import file_standing
from recon.ui.reconcile.while_reading import WhileReading
from recon.workflows.read_for_feed import FeedReading, read_for_feed
from recon.workflows.read_upload import StoredReading


def side_card(desk: Desk, side: Side, name: str | None) -> FeedReading | None:
    """Draw the card; returns the side's reading once there is one, with or without open questions."""
    with st.container(border=True, height="stretch", key=f"{side}_card", gap="xsmall"):
        upload_id = address.upload_id(side)
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown(files.title(side), width="stretch")
            actions = st.container(horizontal=True, width="content", gap="xsmall")
        if upload_id is None:
            files.file_chooser(desk, side)
            return None
        files.another_file(actions, side)
        try:
            feed = feed_name(name, side) if name else None
            progress = WhileReading(desk, upload_id, feed=feed)
            with st.spinner("Reading the file …", show_time=True):
                found = read_for_feed(
                    desk.engine, desk.evidence, upload_id, feed=feed, actor=desk.actor, on_progress=progress
                )
            progress.over()
        except TieoutError as problem:
            st.error(md(str(problem)), title="The file was not read", icon=":material/error:")
            return None
        _file_line(desk, side, found.stored)
        if name and found.mapping:
            mapping_menu(desk, actions, side, name, found)
        _what_was_read(desk, side, name, found)
        return found


def _file_line(desk: Desk, side: Side, stored: StoredReading) -> None:
    upload = stored.upload
    known = files.receipt(side, upload.id)
    received = (
        md(known) if known else f"received {when(upload.received_at, now=desk.now)} from {md(upload.received_by)}"
    )
    st.markdown(f":material/draft: **{md(clip(upload.filename, 60))}** :gray[· {size(upload.size_bytes)} · {received}]")


def _what_was_read(desk: Desk, side: Side, name: str | None, found: FeedReading) -> None:
    reading = found.stored.preview
    if reading.refused is not None:
        st.error(
            f"{md(reading.refused.problem)} Nothing of it was read. Choose another file above.",
            title="The file was refused",
            icon=":material/block:",
        )
        return
    if reading.questions:
        said = mapping_note(desk, found)
        if said:
            st.caption(said)
        questions(desk, side, name, found)
        return
    facts(reading, mapping_note(desk, found))
    if found.standing is not None:
        file_standing(desk, side, found.standing)
    totals(desk, found.stored.key)
    preview(desk, side, found.stored)
