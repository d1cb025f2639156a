"""Choosing a side's file: sent now or received earlier. What is sent goes to the evidence store at once.

Streamlit keeps an uploaded file in the memory of the web process until the session ends; here it is let go of as soon
as it is stored.
"""

from __future__ import annotations

from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from recon.model.people import Action
from recon.model.transactions import Side
from recon.queries.uploads import UploadRow, recent_uploads
from recon.ui.format import SIDES, clip, md, size, when
from recon.ui.guard import Desk
from recon.ui.people.allowed import why_not
from recon.ui.reconcile import address
from recon.ui.reconcile.ledger_side import ledger_chooser
from recon.workflows.receive_upload import UploadReceipt, receive_upload

ROLE: Final = {Side.SOURCE: "the export under question", Side.REFERENCE: "what it is held against"}


def title(side: Side) -> str:
    """A card's title: the side, and what it is for."""
    return f"**{SIDES[side]}** :gray[· {ROLE[side]}]"


def file_chooser(desk: Desk, side: Side) -> None:
    """Draw the drop zone and the files received earlier; a file sent here is received and chosen."""
    revision = st.session_state.get(_revision(side), 0)
    refusal = why_not(desk, Action.IMPORT)
    sent = st.file_uploader(
        f"{SIDES[side]} file",
        key=f"{side}_file_{revision}",
        label_visibility="collapsed",
        max_upload_size=desk.settings.upload_limit_mb,
        disabled=refusal is not None,
    )
    if refusal is not None:
        st.caption(f":material/lock: {md(refusal)}")
        return
    if sent is not None:
        _receive(desk, side, sent)
    st.caption("CSV, Excel, Parquet or a bank statement, also as gzip or zip. It is stored as it is, and read here.")
    uploads = {upload.id: upload for upload in recent_uploads(desk.engine)}
    if uploads:
        st.selectbox(
            f"Or a {SIDES[side].lower()} file received earlier",
            list(uploads),
            index=None,
            key=f"{side}_earlier_{revision}",
            format_func=lambda number: _line(desk, uploads[number]),
            placeholder="Or a file received earlier",
            label_visibility="collapsed",
            on_change=_choose_earlier,
            args=(side, f"{side}_earlier_{revision}"),
        )
    ledger_chooser(desk, side)


def another_file(place: DeltaGenerator, side: Side) -> None:
    """The button that lets go of the chosen file."""
    place.button(
        "Choose another",
        icon=":material/swap_horiz:",
        key=f"{side}_another",
        width="content",
        on_click=_let_go,
        args=(side,),
    )


def receipt(side: Side, upload_id: int) -> str | None:
    """That this file, which was sent just now, had been received before: when, from whom and as what."""
    told: tuple[int, str | None] = st.session_state.get(f"{side}_receipt", (0, None))
    return told[1] if told[0] == upload_id else None


def _receive(desk: Desk, side: Side, sent: UploadedFile) -> None:
    with st.spinner(f"Storing {clip(sent.name, 60)} …", show_time=True):
        received = receive_upload(desk.engine, desk.evidence, sent, filename=sent.name, actor=desk.actor)
    _free(sent)
    st.session_state[_revision(side)] = st.session_state.get(_revision(side), 0) + 1
    st.session_state[f"{side}_receipt"] = (received.upload.id, _known(desk, received))
    address.choose_upload(side, received.upload.id)
    st.rerun()


def _known(desk: Desk, received: UploadReceipt) -> str | None:
    earlier = received.earlier
    if earlier is None:
        return None
    return (
        f"already received {when(earlier.received_at, now=desk.now)} from {earlier.received_by}, as {earlier.filename}"
    )


def _free(sent: UploadedFile) -> None:
    """Give the file's bytes back; nothing public does it before the session ends (streamlit#9218)."""
    context = get_script_run_ctx()
    if context is not None and isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        context.uploaded_file_mgr.remove_file(context.session_id, sent.file_id)


def _choose_earlier(side: Side, key: str) -> None:
    address.choose_upload(side, st.session_state[key])


def _let_go(side: Side) -> None:
    address.choose_upload(side, None)
    st.session_state[_revision(side)] = st.session_state.get(_revision(side), 0) + 1


def _revision(side: Side) -> str:
    return f"{side}_revision"


def _line(desk: Desk, upload: UploadRow) -> str:
    return f"{clip(upload.filename, 48)} · {when(upload.received_at, now=desk.now)} · {size(upload.size_bytes)}"
