"""Receive a file: its bytes go to the evidence store, who sent it and when to the database. Nothing is read yet."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path, PureWindowsPath
from typing import BinaryIO, Final

from sqlalchemy import Engine

from recon.model.people import Action
from recon.store import audit, uploads
from recon.store.evidence import Evidence, blob_name
from recon.store.uploads import Upload
from recon.workflows.permit import permit

NAME_LIMIT: Final = 200
"""Characters of a sender's file name that are kept; its ending always is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadReceipt:
    """The upload these bytes are now, and the one that brought the same bytes first, if they were known.

    With the same name, both are the same upload and nothing was added.
    """

    upload: Upload
    earlier: Upload | None

    @property
    def sentence(self) -> str | None:
        """What to tell the sender of bytes that are known."""
        if self.earlier is None:
            return None
        at = self.earlier.received_at.astimezone(UTC)
        when = f"{at.day} {at:%B %Y, %H:%M} UTC"
        return f"This file was already received on {when} by {self.earlier.received_by}, as {self.earlier.filename}."


def receive_upload(
    engine: Engine,
    evidence: Evidence,
    file: Path | BinaryIO,
    *,
    filename: str,
    actor: str,
    address: str | None = None,
) -> UploadReceipt:
    """Keep a file as received. `filename` is what the sender calls it: shown, never used as a path.

    `address` says where a file that was fetched comes from, so that it can be fetched anew.
    """
    with engine.connect() as conn:
        permit(conn, actor, Action.IMPORT)
    sha256 = evidence.put_file(file)
    size_bytes = evidence.size(blob_name(sha256))
    with engine.begin() as conn:
        upload, earlier = uploads.add(
            conn, sha256=sha256, filename=shown_name(filename), size_bytes=size_bytes, actor=actor, address=address
        )
        detail = {"filename": upload.filename, "sha256": sha256, "was_known": earlier is not None}
        audit.record(conn, actor=actor, action="upload_received", subject=f"upload {upload.id}", detail=detail)
    return UploadReceipt(upload=upload, earlier=earlier)


def shown_name(filename: str) -> str:
    """A sender's file name without folders, control characters and what UTF-8 cannot hold, short enough to show."""
    last = PureWindowsPath(filename.replace("\x00", "")).name
    kept = "".join(c for c in last if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn")).strip()
    if len(kept) > NAME_LIMIT:
        ending = Path(kept).suffix[:12]
        kept = kept[: NAME_LIMIT - len(ending) - 1] + "…" + ending
    return kept if kept.strip(".") else "unnamed"
