"""Read an upload: a child process parses the file and stores what it found; the database gets a row when it is whole.

The child gives its memory back, and a file that brings it down takes nothing else with it. A reading's key is the hash
of all that decides it (bytes, ending, mapping, currency, answers, reader): the same question has one answer, at once.
A reading that leaves nothing open goes by the mapping it came to, so that a file read with an answer and the same file
read with that answer saved are one reading, and so one run.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from collections.abc import Mapping as MappingType
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePath
from threading import Timer
from typing import Any, Final

from sqlalchemy import Engine

from recon.errors import ReadingStopped, TieoutError
from recon.model.feed import NOTHING_DECIDED
from recon.model.progress import Progress, silent
from recon.model.reading import Mapping, Reading, ReadingStage
from recon.store import reading_files, readings, uploads
from recon.store.evidence import Evidence
from recon.store.uploads import Upload
from recon.workflows.child_process import environment, module_command
from recon.workflows.code_version import reader_version
from recon.workflows.reading_request import OUT_OF_MEMORY, REFUSED_BY_US, reading_key

PREVIEW_ROWS: Final = 500
"""Rows and rejects that a stored reading carries; all of them are `load_reading(evidence, key)`."""

LONGEST_SECONDS: Final = 1800
CHILD: Final = module_command("recon.workflows.reading_child")
_FIRST_STAGE: Final = (ReadingStage.OPEN.value, 0, len(ReadingStage))


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
    read_here: Callable[[dict[str, Any], Progress], None] | None = None,
    on_progress: Progress = silent,
) -> StoredReading:
    """Read an upload, or give the reading back that the same file, mapping, currency and answers had before.

    A file is read in a process of its own, which it may bring down. One that is known to be small and harmless is
    sooner read in this process: `read_here` is then `recon.workflows.store_reading.store_reading`. `on_progress` is
    told the stages of `ReadingStage` when the file is read now; what it raises is raised when the file is read.

    Raises `UploadNotFound`, `ReadingStopped` when the process reading it came to an end, and what `read_file` raises.
    """
    with engine.connect() as conn:
        upload = uploads.get(conn, upload_id)
    request = _request(evidence, upload, mapping=mapping, currency=currency, answers=answers)
    if not reading_files.is_stored(evidence, request["key"]):
        (read_here or _read_in_child)(request, on_progress)
    key = reading_files.resolve(evidence, request["key"])
    preview = load_reading(evidence, key, rows=PREVIEW_ROWS)
    reading_id = None
    if not preview.questions and preview.refused is None:
        with engine.begin() as conn:
            reading_id = readings.find(conn, upload_id=upload_id, reading_key=key) or readings.add(
                conn, upload_id=upload_id, reading_key=key, result=preview
            )
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
        "mapping": reading_files.mapping_document(mapping) if mapping and mapping != NOTHING_DECIDED else None,
        "currency": currency or None,
        "answers": dict(answers or {}),
        "reader": reader_version(),
    }
    key = reading_key(decides)
    return {**decides, "key": key, "filename": upload.filename, "evidence": evidence.url, "parent": os.getpid()}


def _read_in_child(request: dict[str, Any], on_progress: Progress) -> None:
    """Run the child to its end; what it says last counts if it refuses."""
    with subprocess.Popen(  # noqa: S603 - our own interpreter and module
        CHILD, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment()
    ) as child:
        clock = Timer(LONGEST_SECONDS, child.kill)
        clock.start()
        try:
            last, interrupted = _listen(child, request, on_progress)
            status = child.wait()
        finally:
            is_too_long = not clock.is_alive()
            clock.cancel()
            child.kill()
    if interrupted is not None:
        raise interrupted
    if status == REFUSED_BY_US:
        raise _relayed(last)
    if status:
        raise ReadingStopped(filename=request["filename"], why=_why(status, is_too_long=is_too_long))


def _listen(
    child: subprocess.Popen[bytes], request: dict[str, Any], on_progress: Progress
) -> tuple[bytes, BaseException | None]:
    """Pass the stages on. Returns the last line, and what the listener raised: the work is done all the same."""
    assert child.stdin is not None
    assert child.stdout is not None
    with suppress(BrokenPipeError):  # it ended before it listened: its status says why
        child.stdin.write(json.dumps(request).encode())
        child.stdin.close()
    last = b""
    interrupted = _tell(on_progress, _FIRST_STAGE)  # while the child loads what it needs
    for line in child.stdout:
        last = line.strip() or last
        stage = _stage_of(line)
        if stage is not None and interrupted is None:
            interrupted = _tell(on_progress, stage)
    return last, interrupted


def _tell(on_progress: Progress, stage: tuple[str, int, int]) -> BaseException | None:
    """What the listener raised, as a page does that is drawn anew."""
    try:
        on_progress(*stage)
    except BaseException as raised:  # noqa: BLE001 - raised when the file is read
        return raised
    return None


def _stage_of(line: bytes) -> tuple[str, int, int] | None:
    """The stage a line tells; a library may print others."""
    with suppress(ValueError, TypeError, KeyError):
        told = json.loads(line)
        return told["stage"], told["done"], told["total"]
    return None


def _why(status: int, *, is_too_long: bool) -> str:
    if is_too_long:
        return f"it took more than {LONGEST_SECONDS // 60} minutes"
    is_memory = status == OUT_OF_MEMORY or status < 0  # killed: the system does that for memory
    return "reading it needs more memory than there is" if is_memory else "its process ended early"


def _relayed(line: bytes) -> TieoutError:
    told = json.loads(line)
    error = TieoutError(told["text"])
    error.code = told["code"]
    return error
