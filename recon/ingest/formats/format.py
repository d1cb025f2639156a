"""What an export format declares: by which columns it is known, and what they mean.

All names are in their plain form (`recon.ingest.aliases.plain`): lower case, without accents, punctuation or a currency
at the end, so that `Net Total`, `net_total` and `Net total (EUR)` are one name. Columns it does not know are ignored,
and their order means nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from recon.ingest.aliases import Role, plain
from recon.ingest.columns import FeeSign

Names = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsLeftOut:
    """Rows that move no balance of ours, by what stands in a column: `words`, or anything but them.

    Cells are compared in lower case without blanks around them. `reason` goes on: "Rows that are no transactions: ...".
    """

    column: str
    words: Names
    reason: str
    unless: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One export. A header with every name of one of its `marks` is claimed, unless it has one of `lacks`.

    `roles`: role -> names it goes by here, the first one present counts; a role without names has no column here, and
    a role that is not named is found as in any table. `is_signed`: the amount is signed as it stands. `fee_sign`,
    `fee_parts` and `fee_is_apart` as in `Columns`. `answers`: what no file of this format needs to be asked.
    `nothing`: what it writes into a cell that holds nothing.
    """

    name: str
    title: str
    marks: tuple[Names, ...]
    lacks: Names = ()
    roles: Mapping[Role, Names] = field(default_factory=dict)
    is_signed: bool = True
    fee_sign: FeeSign | None = None
    fee_parts: Names = ()
    fee_is_apart: bool = False
    answers: Mapping[str, str] = field(default_factory=dict)
    left_out: tuple[RowsLeftOut, ...] = ()
    nothing: Names = ()

    def claims(self, names: Sequence[str]) -> bool:
        """Whether a header is this format's."""
        have = {plain(name) for name in names}
        return any(have.issuperset(mark) for mark in self.marks) and have.isdisjoint(self.lacks)

    def columns(self, names: Sequence[str]) -> dict[Role, str]:
        """Role -> column name of this header, for the roles the format says something of."""
        found = {role: self.column(names, wanted) for role, wanted in self.roles.items()}
        return {role: name for role, name in found.items() if name is not None}

    def column(self, names: Sequence[str], wanted: Names) -> str | None:
        """The first column of `wanted` that this header has."""
        by_plain: dict[str, str] = {}
        for name in names:
            by_plain.setdefault(plain(name), name)
        return next((by_plain[name] for name in wanted if name in by_plain), None)

    def barred(self) -> frozenset[Role]:
        """Roles this format has no column for, whatever its columns are called."""
        return frozenset(role for role, names in self.roles.items() if not names)
