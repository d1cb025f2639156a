"""The passes of a match, in the order they run unless the rules say otherwise.

To add one: write its module, add it here and to `PassName`, say in `recon/ui/pass_words.py` what it does, add its test.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from recon.matching.board import Board
from recon.matching.exact import exact_pass
from recon.matching.fx.fx_pass import fx_pass
from recon.matching.groups.by_key import group_pass
from recon.matching.groups.by_sum import sums_pass
from recon.matching.groups.net_of_fee import fees_pass
from recon.matching.groups.netting import netting_pass
from recon.matching.identity import identity_pass
from recon.matching.learned import learned_pass
from recon.matching.leftovers import leftover_pass
from recon.matching.scored import scored_pass
from recon.model.rules import PassName, Rules, Scoring


def _scored(board: Board) -> None:
    """By the tolerances of the rules, or by weights learned from the rows."""
    chosen = learned_pass if board.rules.scoring == Scoring.LEARNED else scored_pass
    chosen(board)


PASSES: Final[tuple[tuple[PassName, Callable[[Board], None]], ...]] = (
    (PassName.IDENTITY, identity_pass),
    (PassName.GROUPS, group_pass),
    (PassName.EXACT, exact_pass),
    (PassName.FEES, fees_pass),
    (PassName.FX, fx_pass),
    (PassName.SCORED, _scored),
    (PassName.NETTING, netting_pass),
    (PassName.SUMS, sums_pass),
    (PassName.LEFTOVERS, leftover_pass),
)


def passes_of(rules: Rules) -> tuple[tuple[PassName, Callable[[Board], None]], ...]:
    """The passes these rules ask for, in their order."""
    known = dict(PASSES)
    return tuple((name, known[name]) for name in rules.passes)
