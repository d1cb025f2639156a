"""One side of the reconciliation: its file, what was read of it, and what only a person can decide."""

from __future__ import annotations

import streamlit as st

from recon.errors import TieoutError
from recon.model.feed import feed_name
from recon.model.transactions import Side
from recon.ui.format import clip, md, size, when
from recon.ui.guard import Desk
from recon.ui.reconcile import address, files
from recon.ui.reconcile.mapping import mapping_line
from recon.ui.reconcile.preview import facts, preview, totals
from recon.ui.reconcile.questions import questions
from recon.workflows.read_for_feed import FeedReading, read_for_feed
from recon.workflows.read_upload import StoredReading


def side_card(desk: Desk, side: Side, name: str | None) -> FeedReading | None:
    """Draw the card; returns the side's reading once there is one, with or without open questions."""
    with st.container(border=True, height="stretch", key=f"{side}_card", gap="small"):
        upload_id = address.upload_id(side)
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(files.title(side), width="content")
            if upload_id is not None:
                files.another_file(side)
        if upload_id is None:
            files.file_chooser(desk, side)
            return None
        try:
            with st.spinner("Reading the file …", show_time=True):
                feed = feed_name(name, side) if name else None
                found = read_for_feed(desk.engine, desk.evidence, upload_id, feed=feed, actor=desk.actor)
        except TieoutError as problem:
            st.error(md(str(problem)), title="The file was not read", icon=":material/error:")
            return None
        _file_line(desk, side, found.stored)
        _what_was_read(desk, side, name, found)
        return found


def _file_line(desk: Desk, side: Side, stored: StoredReading) -> None:
    upload = stored.upload
    st.markdown(
        f":material/draft: **{md(clip(upload.filename, 60))}** :gray[· {size(upload.size_bytes)} · "
        f"received {when(upload.received_at, now=desk.now)} from {md(clip(upload.received_by, 24))}]"
    )
    said = files.receipt(side, upload.id)
    if said:
        st.caption(f":material/history: {md(said)}")


def _what_was_read(desk: Desk, side: Side, name: str | None, found: FeedReading) -> None:
    reading = found.stored.preview
    if reading.refused is not None:
        st.error(
            f"{md(reading.refused.problem)} Nothing of it was read. Choose another file above.",
            title="The file was refused",
            icon=":material/block:",
        )
        return
    if name:
        mapping_line(desk, side, name, found)
    if reading.questions:
        questions(desk, side, name, found)
        return
    facts(reading)
    totals(desk, found.stored.key)
    preview(desk, side, found.stored)
