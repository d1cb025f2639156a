"""What of a file is new: rows that earlier runs had add nothing, and rows that changed since are told.

The rules kept:

- a row is known if its fingerprint is: equal rows are counted, so two in a file stay two, however often it is sent;
- a row is *amended* if its sender's id names one row of the file and one earlier row that the file does not have any
  more, of the same currency and the same date or amount. Where most ids that come again name something quite else,
  they are numbers of lines and not of movements, and nothing is amended;
- what amends an open item takes its place. What amends a row that is settled is left out, and told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recon.model.fingerprint import CONTENT, fingerprints, fingerprints_where, row_keys

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
    if not any(table.num_rows for table in (pool, *earlier)):
        return Recognised(is_new=np.ones(file.num_rows, np.bool_), earlier_count=0, amendments=())
    keys = row_keys(file)
    known = [pool["fingerprint"].combine_chunks()]
    known += [fingerprints_where(table, _flags(pc.is_in(row_keys(table), keys))) for table in earlier]
    others = pa.concat_arrays([row_keys(table) for table in (pool, *earlier)])
    names = fingerprints_where(file, _flags(pc.is_in(keys, others)))
    is_known = _flags(pc.is_in(names, pa.concat_arrays(known).drop_null()))
    amendments = _amendments(file, names, ~is_known, [pool, *earlier])
    is_new = ~is_known
    is_new[[one.row for one in amendments if one.item_id is None]] = False
    return Recognised(is_new=is_new, earlier_count=int(np.count_nonzero(is_known)), amendments=amendments)


def _flags(found: pa.Array) -> NDArray[np.bool_]:
    flags: NDArray[np.bool_] = found.to_numpy(zero_copy_only=False)
    return flags


def _of_ids(table: pa.Table, ids: pa.Array) -> pa.Table:
    """Earlier rows of these ids with their fingerprints; only of open items the line is minus a number."""
    found = table.select(["line", *CONTENT, "fee"]).filter(pc.is_in(table["txn_id"], ids))
    if "fingerprint" in table.column_names:
        names = table["fingerprint"].filter(pc.is_in(table["txn_id"], ids))
    else:
        names = fingerprints(found)
    return found.append_column("fingerprint", names)


def _amendments(
    file: pa.Table, names: pa.Array, is_candidate: NDArray[np.bool_], earlier: Sequence[pa.Table]
) -> tuple[Amendment, ...]:
    ids = file["txn_id"].combine_chunks()
    if not is_candidate.any() or ids.null_count == len(ids):
        return ()
    counted = pc.value_counts(ids.drop_null())
    once = counted.field("values").filter(pc.equal(counted.field("counts"), 1))
    once = once.filter(pc.is_in(once, ids.filter(pa.array(is_candidate))))
    old = pa.concat_tables([_of_ids(table, once) for table in earlier])
    old = old.filter(pc.invert(pc.is_in(old["fingerprint"], names.drop_null())))
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
