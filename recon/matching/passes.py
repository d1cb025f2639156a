"""The passes of a match, in the order they run. To add one: write its module, add it here, add its test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from recon.matching.board import Board
from recon.matching.exact import exact_pass
from recon.matching.identity import identity_pass
from recon.matching.learned import learned_pass
from recon.matching.leftovers import leftover_pass
from recon.matching.scored import scored_pass
from recon.model.rules import Scoring


def _scored(board: Board) -> None:
    """By the tolerances of the rules, or by weights learned from the rows."""
    chosen = learned_pass if board.rules.scoring == Scoring.LEARNED else scored_pass
    chosen(board)


PASSES: Final[tuple[tuple[str, Callable[[Board], None]], ...]] = (
    ("identity", identity_pass),
    ("exact", exact_pass),
    ("scored", _scored),
    ("leftovers", leftover_pass),
)
