"""May these rows be settled so, and what does it come to? Pure: rows and a move in, a settlement or a refusal out.

The rules kept: a match closes within the tolerance of the run's rules, or its difference has a reason code and is
written off; rows netted come to nothing, to the last cent; of a split exactly one row stays open, with a part of its
amount and of its own sign; setting rows aside needs words.
"""

from __future__ import annotations

from collections.abc import Sequence

from recon.errors import SettlementRefused
from recon.model.decisions import DecisionKind
from recon.model.rules import Rules
from recon.model.settlement import (
    REASON_CODES,
    REASON_LIMIT,
    Ask,
    CurrencyLine,
    OpenRow,
    SeenRow,
    Settlement,
    SettleMove,
)
from recon.model.transactions import Side
from recon.model.triage import Resolution
from recon.money import to_display
from recon.triage.sums import sums


def decide(ask: Ask, rows: Sequence[OpenRow], rules: Rules) -> Settlement:
    """What the command comes to. Raises SettlementRefused with what is wrong, and what to do."""
    check(ask)
    lines = sums(rows)
    match ask.move:
        case SettleMove.MATCH:
            return _match(ask, rows, lines, rules)
        case SettleMove.NET:
            return _net(rows, lines)
        case SettleMove.SPLIT:
            return _split(rows, lines)
        case SettleMove.IGNORE:
            return Settlement(kind=DecisionKind.IGNORE, resolution=Resolution.DISMISSED)
        case SettleMove.WRITE_OFF:
            return _write_off(rows, lines)


def check(ask: Ask) -> None:
    """Raise where the command itself is none: no rows, a reason that is missing, too long or not one of ours."""
    if not ask.rows:
        raise SettlementRefused("No row is chosen. Tick the rows this is about.")
    if len({(row.side, row.line) for row in ask.rows}) < len(ask.rows):
        raise SettlementRefused("A row is named twice. Choose each row once.")
    if len(ask.reason) > REASON_LIMIT:
        raise SettlementRefused(f"The reason is longer than {REASON_LIMIT} characters. Shorten it.")
    if ask.reason_code is not None and ask.reason_code not in REASON_CODES:
        raise SettlementRefused(f"{ask.reason_code} is no reason for a difference. Choose one of the list.")
    if ask.move is SettleMove.IGNORE and not ask.reason.strip():
        raise SettlementRefused("Write in the note why these rows need no counterpart, then ignore them.")
    if ask.move is SettleMove.WRITE_OFF and ask.reason_code is None:
        raise SettlementRefused("Choose what the amount is put down to before it is written off.")


def tolerance(line: CurrencyLine, rules: Rules) -> int:
    """The largest difference at which these sums still close, minor units; none across the signs."""
    if line.source * line.reference < 0:
        return 0
    percent = rules.amount_tolerance_percent
    part = int(max(abs(line.source), abs(line.reference)) * percent / 100)
    return max(rules.amount_tolerance_minor, part)


def _match(ask: Ask, rows: Sequence[OpenRow], lines: Sequence[CurrencyLine], rules: Rules) -> Settlement:
    if {row.side for row in rows} != {*Side}:
        raise SettlementRefused("A match needs rows of both sides. Rows of one side can be netted.")
    difference = {line.currency: line.difference for line in lines if line.difference}
    too_large = {line.currency: line.difference for line in lines if abs(line.difference) > tolerance(line, rules)}
    if not too_large:
        return Settlement(kind=DecisionKind.MANUAL_MATCH, resolution=Resolution.MATCHED, difference=difference)
    if ask.reason_code is None:
        raise SettlementRefused(
            f"The sides differ by {told(too_large)}. Choose more rows, split one, or say what the difference is."
        )
    return Settlement(
        kind=DecisionKind.WRITE_OFF,
        resolution=Resolution.WRITTEN_OFF,
        difference=difference,
        written_off=difference,
    )


def _net(rows: Sequence[OpenRow], lines: Sequence[CurrencyLine]) -> Settlement:
    if len({row.side for row in rows}) != 1 or len(rows) < 2:
        raise SettlementRefused("Netting takes two rows or more of one side, such as a charge and its reversal.")
    left = {line.currency: line.difference for line in lines if line.difference}
    if left:
        raise SettlementRefused(f"These rows come to {told(left)}, not to nothing. Only what cancels out is netted.")
    return Settlement(kind=DecisionKind.NET, resolution=Resolution.MATCHED)


def _split(rows: Sequence[OpenRow], lines: Sequence[CurrencyLine]) -> Settlement:
    if {row.side for row in rows} != {*Side} or len(lines) != 1:
        raise SettlementRefused("A split needs rows of both sides in one currency.")
    (line,) = lines
    if not line.difference:
        raise SettlementRefused("These rows tie out. Match them: nothing would stay open.")
    side = Side.SOURCE if abs(line.source) > abs(line.reference) else Side.REFERENCE
    rest = line.difference if side is Side.SOURCE else -line.difference
    largest = max((row for row in rows if row.side is side), key=lambda row: (abs(row.open_amount), -row.line))
    if rest * largest.open_amount <= 0 or abs(rest) >= abs(largest.open_amount):
        raise SettlementRefused("What would stay open is not a part of one row. Choose fewer rows.")
    return Settlement(
        kind=DecisionKind.MANUAL_MATCH,
        resolution=Resolution.MATCHED,
        difference={line.currency: line.difference},
        residual=SeenRow(side=side, line=largest.line, open_amount=rest),
    )


def _write_off(rows: Sequence[OpenRow], lines: Sequence[CurrencyLine]) -> Settlement:
    if len({row.side for row in rows}) != 1:
        raise SettlementRefused(
            "Rows of both sides are matched, and what is left of them is written off with a reason."
        )
    amounts = {line.currency: line.difference for line in lines if line.difference}
    return Settlement(
        kind=DecisionKind.WRITE_OFF, resolution=Resolution.WRITTEN_OFF, difference=amounts, written_off=amounts
    )


def told(amounts: dict[str, int]) -> str:
    """`12.50 EUR and 3 JPY`."""
    return " and ".join(to_display(amount, currency) for currency, amount in sorted(amounts.items()))
