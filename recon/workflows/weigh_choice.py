"""What chosen rows come to and which moves they allow, before anything is done: for the screen, at every tick."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from recon.errors import SettlementRefused
from recon.model.rules import Rules
from recon.model.settlement import Ask, CurrencyLine, OpenRow, SettleMove
from recon.model.triage import Resolution
from recon.triage.settle import decide
from recon.triage.sums import sums


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """The sums of each currency, and for each move why it is refused; None where it may be done.

    `closes`: the sides tie out within the tolerance, so that a match writes nothing off.
    """

    lines: tuple[CurrencyLine, ...]
    refused: Mapping[SettleMove, str | None]
    closes: bool

    def allows(self, move: SettleMove) -> bool:
        return self.refused[move] is None


def weigh_choice(
    rows: Sequence[OpenRow], rules: Rules, *, reason_code: Resolution | None, reason: str = "said"
) -> Weighed:
    """Weigh the rows against every move. Nothing is locked: what counts is decided when it is done."""
    return Weighed(
        lines=sums(rows),
        refused={move: _refusal(move, rows, rules, reason_code, reason) for move in SettleMove},
        closes=_refusal(SettleMove.MATCH, rows, rules, None, reason) is None,
    )


def _refusal(
    move: SettleMove, rows: Sequence[OpenRow], rules: Rules, reason_code: Resolution | None, reason: str
) -> str | None:
    ask = Ask(
        run_id=0,
        move=move,
        rows=tuple(row.seen for row in rows),
        reason_code=reason_code,
        reason=reason,
        action_key="",
    )
    try:
        decide(ask, rows, rules)
    except SettlementRefused as refusal:
        return str(refusal)
    return None
