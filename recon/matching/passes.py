"""The passes of a match, in the order they run. To add one: write its module, add it here, add its test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from recon.matching.board import Board
from recon.matching.exact import exact_pass
from recon.matching.identity import identity_pass
from recon.matching.leftovers import leftover_pass
from recon.matching.scored import scored_pass

PASSES: Final[tuple[tuple[str, Callable[[Board], None]], ...]] = (
    ("identity", identity_pass),
    ("exact", exact_pass),
    ("scored", scored_pass),
    ("leftovers", leftover_pass),
)
