"""What a command comes to, deed by deed: the amounts held against what one person may decide alone. Pure.

Amounts are minor units by currency, without sign. The gross of a match is the larger of its two sides.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from recon.model.people import Deed
from recon.model.settlement import OpenRow, Settlement, SettleMove
from recon.model.triage import Resolution
from recon.triage.sums import sums

Amounts = dict[str, int]


def deed_of(resolution: Resolution) -> Deed:
    """What resolving a discrepancy so is: only what is written off or adjusted is posted, all else is set aside."""
    match resolution:
        case Resolution.WRITTEN_OFF:
            return Deed.WRITE_OFF
        case Resolution.ADJUSTED:
            return Deed.ADJUST
        case _:
            return Deed.SET_ASIDE


def deeds_of(move: SettleMove, rows: Sequence[OpenRow], settlement: Settlement) -> dict[Deed, Amounts]:
    """What settling the rows so is; the one that says most about it stands first."""
    written_off = {currency: abs(amount) for currency, amount in settlement.written_off.items()}
    found = {Deed.WRITE_OFF: written_off} if written_off else {}
    match move:
        case SettleMove.MATCH | SettleMove.SPLIT:
            return found | {Deed.MATCH: gross(rows)}
        case SettleMove.NET:
            return found | {Deed.NET: _cancelled(rows)}
        case SettleMove.IGNORE:
            return found | {Deed.SET_ASIDE: _sizes(rows)}
        case SettleMove.WRITE_OFF:
            return found or {Deed.WRITE_OFF: {row.currency: 0 for row in rows}}


def gross(rows: Iterable[OpenRow]) -> Amounts:
    """The larger of both sides."""
    return {line.currency: max(abs(line.source), abs(line.reference)) for line in sums(rows)}


def added(parts: Iterable[Amounts]) -> Amounts:
    """All of them together."""
    found: Amounts = {}
    for part in parts:
        for currency, amount in part.items():
            found[currency] = found.get(currency, 0) + amount
    return found


def _cancelled(rows: Iterable[OpenRow]) -> Amounts:
    return added({row.currency: max(row.open_amount, 0)} for row in rows)


def _sizes(rows: Iterable[OpenRow]) -> Amounts:
    return added({row.currency: abs(row.open_amount)} for row in rows)
