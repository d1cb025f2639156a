"""The exports we know. A format claims a header and says what its columns mean; the first to claim it is taken.

To add one: copy `generic.py`, describe its columns, add it to FORMATS before `GENERIC`, and add its test.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from recon.ingest.formats.format import Format
from recon.ingest.formats.generic import GENERIC

FORMATS: Final[tuple[Format, ...]] = (GENERIC,)


def format_of(names: Sequence[str]) -> Format:
    """The first format that claims these column names; `GENERIC` claims all."""
    return next(known for known in FORMATS if known.claims(names))
