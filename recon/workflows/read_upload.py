"""Read an upload: a child process parses the file and stores what it found; the database gets a row when it is whole.

The child gives its memory back, and a file that brings it down takes nothing else with it. A reading's key is the hash
of all that decides it (bytes, ending, mapping, currency, answers, reader): the same question has one answer, at once.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Final

from sqlalchemy import Engine

import recon
from recon.errors import ReadingStopped, TieoutError
from recon.model.reading import Mapping, Reading
from recon.store import reading_files, readings, uploads
from recon.store.evidence import Evidence
from recon.store.uploads import Upload

PREVIEW_ROWS: Final = 500
"""Rows and rejects that a stored reading carries; all of them are `load_reading(evidence, key)`."""

LONGEST_SECONDS: Final = 1800
CHILD: Final = (sys.executable, "-m", "recon.workflows.reading_child")
REFUSED_BY_US: Final = 2
"""Exit status of a child that ended with a `TieoutError`, which it prints as JSON."""

OUT_OF_MEMORY: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredReading:
    """What reading an upload gave. `reading_id` is None while questions are open or when the file was refused.

    `preview` is the reading with its first `PREVIEW_ROWS` rows and rejects only; its counts are the whole file's.
    """

    upload: Upload
    key: str
    reading_id: int | None
    preview: Reading


def read_upload(
    engine: Engine,
    evidence: Evidence,
    upload_id: int,
    *,
    mapping: Mapping | None = None,
    currency: str | None = None,
    answers: MappingType[str, str] | None = None,
) -> StoredReading:
    """Read an upload, or give the reading back that the same file, mapping, currency and answers had before.

    Raises `UploadNotFound`, `ReadingStopped` when the process reading it came to an end, and what `read_file` raises.
    """
    with engine.connect() as conn:
        upload = uploads.get(conn, upload_id)
    request = _request(evidence, upload, mapping=mapping, currency=currency, answers=answers)
    key = request["key"]
    if not reading_files.is_stored(evidence, key):
        _read_in_child(request)
    preview = load_reading(evidence, key, rows=PREVIEW_ROWS)
    reading_id = None
    if not preview.questions and preview.refused is None:
        with engine.begin() as conn:
            reading_id = readings.add(conn, upload_id=upload_id, reading_key=key, result=preview)
    return StoredReading(upload=upload, key=key, reading_id=reading_id, preview=preview)


def load_reading(evidence: Evidence, key: str, *, rows: int | None = None) -> Reading:
    """A stored reading, whole, or with only so many of its first rows and rejects."""
    return reading_files.load(evidence, key, rows=rows)


def _request(
    evidence: Evidence,
    upload: Upload,
    *,
    mapping: Mapping | None,
    currency: str | None,
    answers: MappingType[str, str] | None,
) -> dict[str, Any]:
    decides = {
        "sha256": upload.sha256,
        "ending": PurePath(upload.filename).suffix.lower(),
        "mapping": reading_files.mapping_document(mapping) if mapping else None,
        "currency": currency or None,
        "answers": dict(answers or {}),
        "reader": recon.__version__,
    }
    key = hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()
    return {**decides, "key": key, "filename": upload.filename, "evidence": evidence.url, "parent": os.getpid()}


def _read_in_child(request: dict[str, Any]) -> None:
    filename = request["filename"]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            CHILD, input=json.dumps(request).encode(), stdout=subprocess.PIPE, timeout=LONGEST_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise ReadingStopped(filename=filename, why=f"it took more than {LONGEST_SECONDS // 60} minutes") from None
    if done.returncode == REFUSED_BY_US:
        raise _relayed(done.stdout)
    if done.returncode:
        is_memory = done.returncode == OUT_OF_MEMORY or done.returncode < 0  # killed: the system does that for memory
        why = "reading it needs more memory than there is" if is_memory else "its process ended early"
        raise ReadingStopped(filename=filename, why=why)


def _relayed(stdout: bytes) -> TieoutError:
    told = json.loads(stdout)
    error = TieoutError(told["text"])
    error.code = told["code"]
    return error
