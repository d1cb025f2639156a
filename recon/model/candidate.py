"""A row that could have been a partner: what speaks for it, and what kept it from being one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One row of the other side, held against the row someone asks about.

    `amount_delta` is source - reference in minor units (of its own currency, if they differ), `days` reference date -
    source date, `similarity` rapidfuzz `token_sort_ratio` or None where a text is missing. `agreed` names columns,
    `failed` holds one plain sentence for each rule not met; `taken_by` are the rows it is matched or suggested with.
    """

    row: int
    line: int
    amount_delta: int
    days: int
    similarity: int | None
    agreed: tuple[str, ...]
    failed: tuple[str, ...]
    taken_by: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TellingAmounts:
    """Amounts that another row would have if something well known went wrong: minor units, of either currency.

    `alike` in the currency of the row they are told of, `other` in any other currency; within so many `days`.
    """

    alike: frozenset[int] = frozenset()
    other: frozenset[int] = frozenset()
    days: int = 7
