"""What is agreed between the process that asks for a reading and the child that reads; the child loads no more."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping as MappingType
from typing import Any, Final

DECIDES: Final = ("sha256", "ending", "mapping", "currency", "answers", "reader")
REFUSED_BY_US: Final = 2
"""Exit status of a child that ended with a `TieoutError`, which it prints as JSON."""

OUT_OF_MEMORY: Final = 3


def reading_key(decides: MappingType[str, Any]) -> str:
    """The hash of a request's part that decides what reading it gives."""
    return hashlib.sha256(json.dumps({name: decides[name] for name in DECIDES}, sort_keys=True).encode()).hexdigest()
