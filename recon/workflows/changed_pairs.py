"""Which source rows have another partner in one set of matches than in another: whole columns, never row by row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recon.model.outcome import MatchStatus, Pass
from recon.model.rulings import Stand
from recon.model.tryout import CHANGE_SCHEMA, PairChange

Numbers = np.ndarray[Any, np.dtype[np.int64]]

Stands = Callable[[Sequence[int]], Sequence[Stand | None]]
"""Source rows -> how the change of each stands to what people decided."""

_ORDER: Final = tuple(PairChange)
_NONE, _SUGGESTED, _MATCHED = range(3)


def changed_pairs(
    before: pa.Table, after: pa.Table, source: pa.Table, reference: pa.Table, *, stands: Stands | None = None
) -> pa.Table:
    """Two match tables of the same two sides -> a table of CHANGE_SCHEMA."""
    was, now = (_Partners.of(matches, source.num_rows) for matches in (before, after))
    differs = (was.rank != now.rank) | (was.reference != now.reference) | (was.found_by != now.found_by)
    rows = np.flatnonzero(differs)
    is_new = (now.rank[rows] == _MATCHED) & (was.rank[rows] != _MATCHED)
    is_gone = (was.rank[rows] == _MATCHED) & (now.rank[rows] != _MATCHED)
    kind = np.select([is_new, is_gone], [0, 1], default=2)
    order = np.lexsort((source["line"].to_numpy()[rows], kind))
    people = [None] * len(rows) if stands is None else stands(rows[order].tolist())
    return _lines(rows[order], kind[order], (before, was), (after, now), source, reference, people)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Partners:
    """For each source row: where its best pair is in the match table, and what that pair is; -1 where it has none."""

    pair: Numbers
    reference: Numbers
    found_by: Numbers
    rank: Numbers

    @classmethod
    def of(cls, matches: pa.Table, row_count: int) -> _Partners:
        source, reference = (matches[name].to_numpy() for name in ("source_row", "reference_row"))
        rank = np.where(pc.equal(matches["status"], MatchStatus.MATCHED).to_numpy(), _MATCHED, _SUGGESTED)
        found_by = pc.index_in(matches["pass"], pa.array([name.value for name in Pass])).fill_null(-1).to_numpy()
        best_last = np.lexsort((-reference, matches["confidence"].to_numpy(), rank))
        pair = np.full(row_count, -1, np.int64)
        pair[source[best_last]] = best_last  # of several the last one stays
        return cls(
            pair=pair,
            reference=_at(reference, pair, -1),
            found_by=_at(found_by, pair, -1),
            rank=_at(rank, pair, _NONE),
        )


def _at(values: Numbers, places: Numbers, nothing: int) -> Numbers:
    """The values at these places; `nothing` where the place is -1."""
    if not len(values):
        return np.full(len(places), nothing, np.int64)
    return np.where(places < 0, nothing, values[places]).astype(np.int64)


def _lines(
    rows: Numbers,
    kind: Numbers,
    before: tuple[pa.Table, _Partners],
    after: tuple[pa.Table, _Partners],
    source: pa.Table,
    reference: pa.Table,
    people: Sequence[Stand | None],
) -> pa.Table:
    was, now = _pairs(*before, rows), _pairs(*after, rows)
    is_there = pc.is_valid(now["status"])
    shown = {
        name: pc.if_else(is_there, now[name], was[name]) for name in ("reference_row", "confidence", "amount_delta")
    }
    ours = source.combine_chunks().take(pa.array(rows))
    partner = reference.combine_chunks().take(shown["reference_row"])
    lines = reference["line"].combine_chunks()
    columns = {
        "change": pa.array([change.value for change in _ORDER]).take(pa.array(kind)),
        "currency": ours["currency"],
        **{f"source_{name}": ours[name] for name in ("line", "date", "amount")},
        "source_text": pc.coalesce(ours["counterparty"], ours["description"]),
        **{f"reference_{name}": partner[name] for name in ("line", "date", "amount")},
        "reference_text": pc.coalesce(partner["counterparty"], partner["description"]),
        "amount_delta": _deltas(ours, partner, shown["amount_delta"]),
        "reference_currency": partner["currency"],
        "days": pc.subtract(partner["date"].cast(pa.int32()), ours["date"].cast(pa.int32())),
        "confidence": shown["confidence"],
        "people": pa.array(people, pa.string()),
    }
    for when, pairs in (("before", was), ("after", now)):
        columns |= {f"{when}_{name}": pairs[name] for name in ("status", "pass")}
        columns[f"{when}_line"] = lines.take(pairs["reference_row"])
    return pa.table({name: columns[name] for name in CHANGE_SCHEMA.names}, schema=CHANGE_SCHEMA)


def _deltas(ours: pa.Table, partner: pa.Table, matched: pa.Array) -> pa.Array:
    """What each source row and its partner differ by: where they are in two currencies, by the rate of their match."""
    is_same = pc.equal(ours["currency"], partner["currency"])
    theirs = pc.if_else(is_same, partner["amount"], ours["amount"])
    return pc.if_else(is_same, pc.subtract_checked(ours["amount"], theirs), matched)


def _pairs(matches: pa.Table, partners: _Partners, rows: Numbers) -> dict[str, pa.Array]:
    """The pairs of these source rows; nulls where a row has none."""
    pair = partners.pair[rows]
    places = pa.array(pair, mask=pair < 0)
    names = ("reference_row", "status", "pass", "confidence", "amount_delta")
    return {name: matches[name].combine_chunks().take(places) for name in names}
