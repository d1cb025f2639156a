"""The process that reads one file: takes a request as JSON on stdin, stores the reading, says nothing on success."""

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
        store_reading(request)
    except TieoutError as error:
        sys.stdout.write("\n" + json.dumps({"code": error.code, "text": str(error)}))
        return REFUSED_BY_US
    except MemoryError:
        return OUT_OF_MEMORY
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
