"""The process that reads one file: takes a request as JSON on stdin, stores the reading, says nothing on success."""

from __future__ import annotations

import json
import sys
from typing import Any

from recon.errors import TieoutError
from recon.ingest import read_file
from recon.store import reading_files
from recon.store.evidence import Evidence, blob_name
from recon.workflows.child_process import die_with_parent, limit_memory
from recon.workflows.read_upload import OUT_OF_MEMORY, REFUSED_BY_US


def main() -> int:
    """Read the file a request on stdin names. Returns the exit status."""
    request = json.load(sys.stdin)
    die_with_parent(request["parent"])
    limit_memory()
    try:
        _read(request)
    except TieoutError as error:
        json.dump({"code": error.code, "text": str(error)}, sys.stdout)
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
    reading_files.save(evidence, request["key"], reading)


if __name__ == "__main__":
    raise SystemExit(main())
