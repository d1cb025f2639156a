"""Read a file of the evidence store and store its reading: the work of the process that reads one file."""

from __future__ import annotations

from typing import Any

from recon.ingest import read_file
from recon.model.feed import NOTHING_DECIDED
from recon.model.progress import Progress, silent
from recon.model.reading import Reading, ReadingStage
from recon.store import reading_files
from recon.store.evidence import Evidence, blob_name
from recon.workflows.reading_request import reading_key


def store_reading(request: dict[str, Any], on_progress: Progress = silent) -> None:
    """Read the file a request names and store what it gave. Raises what `read_file` raises."""
    evidence = Evidence(request["evidence"])
    reading = read_file(
        evidence.local_path(blob_name(request["sha256"])),
        filename=request["filename"],
        mapping=reading_files.mapping_from(request["mapping"]) if request["mapping"] else None,
        currency=request["currency"],
        answers=request["answers"],
        on_progress=on_progress,
    )
    stages = list(ReadingStage)
    on_progress(ReadingStage.STORE.value, stages.index(ReadingStage.STORE), len(stages))
    key = _whole_key(request, reading)
    reading_files.save(evidence, key, reading)
    if key != request["key"]:
        reading_files.point(evidence, request["key"], to=key)


def _whole_key(request: dict[str, Any], reading: Reading) -> str:
    """What the reading goes by: of a whole one, what a request with the mapping it came to would go by."""
    if reading.questions or reading.refused or reading.mapping == NOTHING_DECIDED:
        return str(request["key"])
    return reading_key({**request, "mapping": reading_files.mapping_document(reading.mapping), "answers": {}})
