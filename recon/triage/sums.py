"""What chosen rows come to: source, reference and difference of each currency, as far as the rows are open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from recon.model.settlement import OpenRow
from recon.model.transactions import Side


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrencyLine:
    """One currency: rows and sums (minor units) of both sides."""

    currency: str
    source_count: int
    source: int
    reference_count: int
    reference: int

    @property
    def difference(self) -> int:
        """Source less reference."""
        return self.source - self.reference


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
