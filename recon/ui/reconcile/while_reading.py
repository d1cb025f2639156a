"""What a side shows while its file is read: how far it is, and of a large file its first rows as they stand."""

from __future__ import annotations

from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from recon.model.reading import ReadingStage
from recon.ui.guard import Desk
from recon.ui.pager import ROW_HEIGHT, grid_height
from recon.ui.reconcile.preview import PREVIEW_ROWS, ROWS_SHOWN, raw_frame
from recon.workflows.head_of_upload import head_of_upload

WORDS: Final = {
    ReadingStage.OPEN: "Reading all rows",
    ReadingStage.COLUMNS: "Finding what each column means",
    ReadingStage.VALUES: "Reading dates and amounts",
    ReadingStage.STORE: "Keeping what was read",
}
DONE: Final = {
    ReadingStage.OPEN: 0.05,
    ReadingStage.COLUMNS: 0.3,
    ReadingStage.VALUES: 0.5,
    ReadingStage.STORE: 0.8,
}
"""How much of the time a large file takes is over when a stage begins."""


class WhileReading:
    """The progress of one file's reading, drawn into a place that is empty again when it is over."""

    def __init__(self, desk: Desk, upload_id: int, *, feed: str | None) -> None:
        self._place = st.empty()
        self._desk, self._upload_id, self._feed = desk, upload_id, feed
        self._bar: DeltaGenerator | None = None

    def __call__(self, stage: str, done_count: int, total_count: int) -> None:
        """As `Progress`; the rows are drawn with the first stage."""
        if self._bar is None:
            with self._place.container():
                self._bar = st.empty()
                self._head()
        known = ReadingStage(stage)
        self._bar.progress(DONE[known], text=f"{WORDS[known]} …")

    def over(self) -> None:
        """Make room for what was read."""
        self._place.empty()

    def _head(self) -> None:
        head = head_of_upload(self._desk.engine, self._desk.evidence, self._upload_id, feed=self._feed)
        if head is None:
            return
        frame = raw_frame(head.raw.slice(0, ROWS_SHOWN))
        columns = f"{len(head.columns)} columns so far, " if head.columns else ""
        encoding = f"{head.encoding}, " if head.encoding else ""
        st.caption(f"First rows as in the file · {columns}{encoding}all of it is being read")
        st.dataframe(
            frame,
            hide_index=True,
            height=grid_height(len(frame), at_most=PREVIEW_ROWS),
            row_height=ROW_HEIGHT,
            alt="First rows of the file, as in the file",
        )
