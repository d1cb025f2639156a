"""The process that reads one file: takes a request as JSON on stdin, stores the reading, says nothing on success."""

from __future__ import annotations

import json
import sys
from typing import Any

from recon.errors import TieoutError
from recon.ingest import read_file
from recon.model.feed import NOTHING_DECIDED
from recon.model.reading import Reading
from recon.store import reading_files
from recon.store.evidence import Evidence, blob_name
from recon.workflows.child_process import die_with_parent, limit_memory
from recon.workflows.read_upload import OUT_OF_MEMORY, REFUSED_BY_US, reading_key


def main() -> int:
    """Read the file a request on stdin names. Returns the exit status."""
    request = json.load(sys.stdin)
    die_with_parent(request["parent"])
    limit_memory()
    try:
        _read(request)
    except TieoutError as error:
        sys.stdout.write("\n" + json.dumps({"code": error.code, "text": str(error)}))
        return REFUSED_BY_US
    except MemoryError:
        return OUT_OF_MEMORY
    return 0


def _read(request: dict[str, Any]) -> None:
    evidence = Evidence(request["evidence"])
    reading = read_file(
        evidence.local_path(blob_name(request["sha256"])),
        filename=request["filename"],
        mapping=reading_files.mapping_from(request["mapping"]) if request["mapping"] else None,
        currency=request["currency"],
        answers=request["answers"],
    )
    key = _whole_key(request, reading)
    reading_files.save(evidence, key, reading)
    if key != request["key"]:
        reading_files.point(evidence, request["key"], to=key)


def _whole_key(request: dict[str, Any], reading: Reading) -> str:
    """What the reading goes by: of a whole one, what a request with the mapping it came to would go by."""
    if reading.questions or reading.refused or reading.mapping == NOTHING_DECIDED:
        return str(request["key"])
    return reading_key({**request, "mapping": reading_files.mapping_document(reading.mapping), "answers": {}})


if __name__ == "__main__":
    raise SystemExit(main())
