"""What of a file is new: rows that earlier runs had add nothing, and rows that changed since are told.

The rules kept:

- a row is known if its fingerprint is: equal rows are counted, so two in a file stay two, however often it is sent;
- a row is *amended* if its sender's id names one row of the file and one earlier row that the file does not have any
  more, of the same currency and the same date or amount. Where most ids that come again name something quite else,
  they are numbers of lines and not of movements, and nothing is amended;
- what amends an open item takes its place. What amends a row that is settled is left out, and told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recon.model.fingerprint import CONTENT, fingerprints

TRUSTED_SHARE: Final = 0.9
"""Of ids that come again with other content, so many must name something alike for any of them to count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """A row of the file, and the earlier row it is another version of: an open item's number, or None if settled."""

    row: int
    item_id: int | None
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """One side's file. `is_new`: rows that go into the run; `earlier_count`: rows that earlier runs had."""

    fingerprints: pa.Array
    is_new: NDArray[np.bool_]
    earlier_count: int
    amendments: tuple[Amendment, ...]

    @property
    def settled_count(self) -> int:
        """Rows left out because what they amend is settled."""
        return sum(one.item_id is None for one in self.amendments)


def recognise(file: pa.Table, *, pool: pa.Table, earlier: Sequence[pa.Table]) -> Recognised:
    """What is new in a file (TRANSACTION_SCHEMA), given the open items (ITEM_SCHEMA) and the files of earlier runs.

    Of an earlier file only the rows of days this one has are needed.
    """
    names = fingerprints(file)
    before = [(fingerprints(table), table) for table in earlier]
    known = pa.chunked_array([pool["fingerprint"].combine_chunks(), *(own for own, _ in before)], pa.string())
    is_known = pc.is_in(names, known.combine_chunks()).to_numpy(zero_copy_only=False)
    amendments = _amendments(
        file, names, ~is_known, [_earlier(pool["fingerprint"], pool)] + [_earlier(own, table) for own, table in before]
    )
    is_new = ~is_known
    is_new[[one.row for one in amendments if one.item_id is None]] = False
    return Recognised(
        fingerprints=names, is_new=is_new, earlier_count=int(np.count_nonzero(is_known)), amendments=amendments
    )


def _earlier(names: pa.Array, table: pa.Table) -> pa.Table:
    """Earlier rows with their fingerprints; only of open items the line is minus a number."""
    return table.select(["line", *CONTENT]).append_column("fingerprint", names)


def _amendments(
    file: pa.Table, names: pa.Array, is_candidate: NDArray[np.bool_], earlier: Sequence[pa.Table]
) -> tuple[Amendment, ...]:
    old = pa.concat_tables(earlier)
    if not old.num_rows or not is_candidate.any() or file["txn_id"].null_count == file.num_rows:
        return ()
    ids = file["txn_id"].combine_chunks()
    once = [one for one, count in Counter(ids.to_pylist()).items() if count == 1 and one is not None]
    old = old.filter(
        pc.and_(pc.is_in(old["txn_id"], pa.array(once, pa.string())), pc.invert(pc.is_in(old["fingerprint"], names)))
    )
    if not old.num_rows:
        return ()
    versions: dict[str, dict[str, dict[str, Any]]] = {}
    for row in old.to_pylist():
        versions.setdefault(row["txn_id"], {}).setdefault(row["fingerprint"], row)
    wanted = pc.and_(pa.array(is_candidate), pc.is_in(ids, pa.array(sorted(versions))))
    met = []
    for place in pc.indices_nonzero(wanted).to_pylist():
        after = file.slice(place, 1).select(CONTENT).to_pylist()[0]
        found = tuple(versions[after["txn_id"]].values())
        if len(found) == 1:
            met.append((place, found[0], after))
    alike = [one for one in met if _is_alike(one[1], one[2])]
    if len(alike) < TRUSTED_SHARE * len(met):
        return ()
    return tuple(
        Amendment(
            row=place,
            item_id=-before["line"] if before["line"] < 0 else None,
            before=_plain(before),
            after=_plain(after),
        )
        for place, before, after in alike
    )


def _is_alike(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    same = {name for name in ("currency", "date", "amount") if before[name] == after[name]}
    return "currency" in same and len(same) > 1


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a row that has something to say, as JSON takes them."""
    return {
        name: value.isoformat() if isinstance(value, date | datetime) else value
        for name in CONTENT
        if (value := row[name]) is not None
    }
