"""How much memory a measured process took."""

from __future__ import annotations

import resource
import sys


def peak_bytes() -> int:
    """The largest this process, or any process it waited for, ever was."""
    unit = 1 if sys.platform == "darwin" else 1024
    return unit * max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
