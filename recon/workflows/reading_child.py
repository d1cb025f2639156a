"""The process that reads one file: takes a request as JSON on stdin, tells its stages, and stores the reading."""

from __future__ import annotations

import json
import sys

from recon.errors import TieoutError
from recon.workflows.child_process import die_with_parent, limit_memory, without_pandas
from recon.workflows.reading_request import OUT_OF_MEMORY, REFUSED_BY_US


def main() -> int:
    """Read the file a request on stdin names. Returns the exit status."""
    request = json.load(sys.stdin)
    die_with_parent(request["parent"])
    limit_memory()
    without_pandas()
    from recon.workflows.store_reading import store_reading  # loads pyarrow

    try:
        store_reading(request, _tell)
    except TieoutError as error:
        sys.stdout.write("\n" + json.dumps({"code": error.code, "text": str(error)}))
        return REFUSED_BY_US
    except MemoryError:
        return OUT_OF_MEMORY
    return 0


def _tell(stage: str, done_count: int, total_count: int) -> None:
    """A line for the parent: what of the file is being done."""
    sys.stdout.write(json.dumps({"stage": stage, "done": done_count, "total": total_count}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
