"""The first rows of an upload as they stand, to be looked at while the whole of it is read."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Engine

from recon.ingest.head import Head, read_head
from recon.model.feed import NOTHING_DECIDED
from recon.store import feeds, uploads
from recon.store.evidence import Evidence, blob_name

WORTH_A_HEAD_BYTES: Final = 4_000_000
"""A smaller file is read sooner than a head is looked at."""


def head_of_upload(engine: Engine, evidence: Evidence, upload_id: int, *, feed: str | None) -> Head | None:
    """The head, by the feed's mapping; None of a small file, and of one that shows only as a whole.

    Raises `UploadNotFound` and `EvidenceMissing`.
    """
    with engine.connect() as conn:
        upload = uploads.get(conn, upload_id)
        saved = feeds.newest(conn, feed) if feed else None
    if upload.size_bytes < WORTH_A_HEAD_BYTES:
        return None
    mapping = saved.mapping if saved else NOTHING_DECIDED
    return read_head(evidence.local_path(blob_name(upload.sha256)), filename=upload.filename, mapping=mapping)
