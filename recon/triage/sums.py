"""What chosen rows come to: source, reference and difference of each currency, as far as the rows are open."""

from __future__ import annotations

from collections.abc import Iterable

from recon.model.settlement import CurrencyLine, OpenRow
from recon.model.transactions import Side


def sums(rows: Iterable[OpenRow]) -> tuple[CurrencyLine, ...]:
    """By currency, in order of its code."""
    found: dict[str, list[int]] = {}
    for row in rows:
        line = found.setdefault(row.currency, [0, 0, 0, 0])
        place = 0 if row.side is Side.SOURCE else 2
        line[place] += 1
        line[place + 1] += row.open_amount
    return tuple(
        CurrencyLine(
            currency=currency, source_count=line[0], source=line[1], reference_count=line[2], reference=line[3]
        )
        for currency, line in sorted(found.items())
    )
