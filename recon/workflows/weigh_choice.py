"""What chosen rows come to and which moves they allow, before anything is done: for the screen, at every tick."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from recon.errors import SettlementRefused
from recon.model.rules import Rules
from recon.model.settlement import REASON_CODES, Ask, CurrencyLine, OpenRow, SettleMove
from recon.model.triage import Resolution
from recon.triage.settle import decide
from recon.triage.sums import sums


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """The sums of each currency, and for each move why it is refused; None where it may be done.

    `impossible`: why these rows can never be settled so, whatever is said of them; None where only words are missing.
    `closes`: the sides tie out within the tolerance, so that a match writes nothing off.
    """

    lines: tuple[CurrencyLine, ...]
    refused: Mapping[SettleMove, str | None]
    impossible: Mapping[SettleMove, str | None]
    closes: bool

    def allows(self, move: SettleMove) -> bool:
        return self.refused[move] is None


def weigh_choice(
    rows: Sequence[OpenRow], rules: Rules, *, reason_code: Resolution | None, reason: str = "said"
) -> Weighed:
    """Weigh the rows against every move. Nothing is locked: what counts is decided when it is done."""
    ask = Ask(
        run_id=0,
        move=SettleMove.MATCH,
        rows=tuple(row.seen for row in rows),
        reason_code=reason_code,
        reason=reason,
        action_key="",
    )
    told = replace(ask, reason_code=REASON_CODES[0], reason="said")
    silent = replace(ask, reason_code=None)
    refused = {move: _refusal(replace(ask, move=move), rows, rules) for move in SettleMove}
    return Weighed(
        lines=sums(rows),
        refused=refused,
        impossible={
            move: problem and _refusal(replace(told, move=move), rows, rules) for move, problem in refused.items()
        },
        closes=refused[SettleMove.MATCH] is None and _refusal(silent, rows, rules) is None,
    )


def _refusal(ask: Ask, rows: Sequence[OpenRow], rules: Rules) -> str | None:
    try:
        decide(ask, rows, rules)
    except SettlementRefused as refusal:
        return str(refusal)
    return None
