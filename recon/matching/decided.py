"""What people decided is replayed before the engine: it sees the rows that are left, and no pair that was ruled out.

Decisions name rows by fingerprint, so they hold in any run the rows are in:

- rows matched by hand are a match whatever they say, if all of them are here. If some are, and some are not, the
  decision is lost here: its rows go to the engine like any others, and it is told;
- rows netted by hand cancel each other, rows ignored or written off are set aside;
- a pair that was ruled out is never booked and never suggested;
- of two decisions about one row the later one holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recon.matching.arrays import Flags, Ints
from recon.matching.crew import Crew
from recon.matching.engine import match
from recon.model.decisions import Decided, Decision, DecisionKind, LostDecision, Pinned
from recon.model.outcome import MATCH_SCHEMA, NETTED_SCHEMA, Matching, MatchStatus, Pass
from recon.model.progress import Progress
from recon.model.rules import Rules
from recon.model.transactions import Side


def decided_rows(source: pa.Array, reference: pa.Array, decisions: Iterable[Decision]) -> Decided:
    """The decisions that touch rows with these fingerprints (one a row of each side's table)."""
    desk = _Desk({Side.SOURCE: source, Side.REFERENCE: reference}, tuple(decisions))
    for decision in sorted(desk.decisions, key=lambda one: one.id, reverse=True):
        desk.replay(decision)
    return desk.decided()


def match_undecided(
    source: pa.Table,
    reference: pa.Table,
    rules: Rules,
    decided: Decided,
    *,
    on_progress: Progress,
    threads: int,
    crew: Crew | None = None,
) -> Matching:
    """As `match`, of the rows nobody decided about, with what was decided added."""
    free = {
        Side.SOURCE: np.flatnonzero(~_taken(decided, Side.SOURCE, source.num_rows)),
        Side.REFERENCE: np.flatnonzero(~_taken(decided, Side.REFERENCE, reference.num_rows)),
    }
    found = match(
        _rows(source, free[Side.SOURCE]),
        _rows(reference, free[Side.REFERENCE]),
        rules,
        barred=_renumbered(decided.barred, free),
        on_progress=on_progress,
        threads=threads,
        crew=crew,
    )
    return replace(
        found,
        matches=_with_pinned(found.matches, decided.pinned, free, source, reference),
        netted=_with_netted(found.netted, decided.netted, free, source, reference),
        given_up={side: free[side][rows] for side, rows in found.given_up.items()},
    )


class _Desk:
    """Decisions being replayed, latest first; a row that is taken is not taken again."""

    def __init__(self, fingerprints: Mapping[Side, pa.Array], decisions: tuple[Decision, ...]) -> None:
        self.decisions = decisions
        wanted = {side: {m.fingerprint for one in decisions for m in one.of(side)} for side in Side}
        self._row = {side: _places(fingerprints[side], wanted[side]) for side in Side}
        self._taken: dict[Side, set[int]] = {side: set() for side in Side}
        self._flags = {
            name: {side: np.zeros(len(fingerprints[side]), np.bool_) for side in Side} for name in ("aside", "single")
        }
        self._pinned: list[Pinned] = []
        self._netted: list[tuple[Side, int, int]] = []
        self._barred: set[tuple[int, int]] = set()
        self._lost: list[LostDecision] = []
        self._here_ids: list[int] = []

    def decided(self) -> Decided:
        return Decided(
            pinned=tuple(sorted(self._pinned, key=lambda one: (one.source, one.reference))),
            netted=tuple(sorted(self._netted)),
            barred=frozenset(self._barred),
            is_set_aside=self._flags["aside"],
            is_no_duplicate=self._flags["single"],
            lost=tuple(self._lost),
            decision_ids=tuple(sorted(self._here_ids)),
        )

    def replay(self, decision: Decision) -> None:
        rows = {side: self._here(decision, side) for side in Side}
        present = sum(map(len, rows.values()))
        if not present:
            return
        self._here_ids.append(decision.id)
        if decision.kind is DecisionKind.NEVER_PAIR:
            self._barred |= {(one, other) for one in rows[Side.SOURCE] for other in rows[Side.REFERENCE]}
        elif decision.kind is DecisionKind.NOT_DUPLICATE:
            self._flag("single", rows)
        elif any(row in self._taken[side] for side in Side for row in rows[side]):
            return
        elif present < len(decision.members):
            self._lose(decision, rows)
        else:
            self._settle(decision, rows)

    def _settle(self, decision: Decision, rows: Mapping[Side, list[int]]) -> None:
        for side in Side:
            self._taken[side] |= set(rows[side])
        if rows[Side.SOURCE] and rows[Side.REFERENCE]:
            self._pinned.append(
                Pinned(
                    source=tuple(sorted(rows[Side.SOURCE])),
                    reference=tuple(sorted(rows[Side.REFERENCE])),
                    leaves_rest=decision.leaves_rest,
                )
            )
            return
        (side,) = (side for side in Side if rows[side])
        own = decision.of(side)
        if decision.kind is DecisionKind.NET and len(own) == 2 and own[0].amount == -own[1].amount != 0:
            incoming = rows[side] if own[0].amount > 0 else rows[side][::-1]
            self._netted.append((side, incoming[0], incoming[1]))
        else:
            self._flag("aside", rows)

    def _lose(self, decision: Decision, rows: Mapping[Side, list[int]]) -> None:
        """What is left of it is told at the first row that is here; ignoring one row more or less is no loss."""
        if decision.kind in (DecisionKind.IGNORE, DecisionKind.WRITE_OFF) and not (
            decision.of(Side.SOURCE) and decision.of(Side.REFERENCE)
        ):
            self._settle(decision, rows)
            return
        side = next(side for side in Side if rows[side])
        said = "was netted" if decision.kind is DecisionKind.NET else "was matched by hand"
        gone = len(decision.members) - sum(map(len, rows.values()))
        others = "a row of that decision is" if gone == 1 else f"{gone:,} rows of that decision are"
        detail = f"This row {said} on {decision.at:%Y-%m-%d}, but {others} not in this run any more. Decide again."
        self._lost.append(LostDecision(decision_id=decision.id, side=side, row=min(rows[side]), detail=detail))

    def _flag(self, name: str, rows: Mapping[Side, list[int]]) -> None:
        for side in Side:
            self._flags[name][side][rows[side]] = True

    def _here(self, decision: Decision, side: Side) -> list[int]:
        known = self._row[side]
        return [known[member.fingerprint] for member in decision.of(side) if member.fingerprint in known]


def _places(fingerprints: pa.Array, wanted: set[str]) -> dict[str, int]:
    """Fingerprint -> row, of those that are wanted."""
    if not wanted:
        return {}
    at = pc.indices_nonzero(pc.is_in(fingerprints, pa.array(sorted(wanted), pa.string())))
    return dict(zip(fingerprints.take(at).to_pylist(), at.to_pylist(), strict=True))


def _taken(decided: Decided, side: Side, row_count: int) -> Flags:
    taken = decided.is_set_aside[side].copy()
    assert len(taken) == row_count
    for one in decided.pinned:
        taken[list(one.source if side is Side.SOURCE else one.reference)] = True
    for own, incoming, outgoing in decided.netted:
        if own is side:
            taken[[incoming, outgoing]] = True
    return taken


def _rows(table: pa.Table, at: Ints) -> pa.Table:
    return table if len(at) == table.num_rows else table.take(pa.array(at))


def _renumbered(pairs: Iterable[tuple[int, int]], free: Mapping[Side, Ints]) -> tuple[tuple[int, int], ...]:
    """Pairs of rows of the whole tables, as rows of what is free of them; pairs of rows that are not free are gone."""
    source, reference = (
        dict(zip(free[side].tolist(), range(len(free[side])), strict=True)) if pairs else {} for side in Side
    )
    return tuple(
        (source[one], reference[other]) for one, other in sorted(pairs) if one in source and other in reference
    )


def _with_pinned(
    found: pa.Table, pinned: tuple[Pinned, ...], free: Mapping[Side, Ints], source: pa.Table, reference: pa.Table
) -> pa.Table:
    rows = {name: pa.array(free[side][found[name].to_numpy()]) for side, name in _ROW_OF.items()}
    for name, column in rows.items():
        found = found.set_column(found.schema.get_field_index(name), MATCH_SCHEMA.field(name), column)
    first_group = int(pc.max(found["group"]).as_py() or 0) + 1
    lines = [line for number, one in enumerate(pinned) for line in _lines(one, first_group + number, source, reference)]
    by_hand = pa.table({name: [line.get(name) for line in lines] for name in MATCH_SCHEMA.names}, schema=MATCH_SCHEMA)
    together = pa.concat_tables([found.cast(MATCH_SCHEMA), by_hand])
    return together.sort_by([("source_row", "ascending"), ("reference_row", "ascending")])


_ROW_OF = {Side.SOURCE: "source_row", Side.REFERENCE: "reference_row"}


def _lines(one: Pinned, group: int, source: pa.Table, reference: pa.Table) -> list[dict[str, object]]:
    """The lines of a match by hand: as many as its longer side has rows; the last row of the shorter one repeats.

    Rows in several currencies have no one difference, and a delta of 0.
    """
    sums: Counter[str] = Counter()
    for table, rows, sign in ((source, one.source, 1), (reference, one.reference, -1)):
        for row in rows:
            sums[table["currency"][row].as_py()] += sign * table["amount"][row].as_py()
    amounts = sums.total() if len(sums) == 1 else 0
    count = max(len(one.source), len(one.reference))
    lines = []
    for number in range(count):
        ours, theirs = one.source[min(number, len(one.source) - 1)], one.reference[min(number, len(one.reference) - 1)]
        days = (reference["date"][theirs].as_py() - source["date"][ours].as_py()).days
        lines.append(
            {
                "source_row": ours,
                "reference_row": theirs,
                "status": MatchStatus.MATCHED.value,
                "pass": Pass.DECIDED.value,
                "confidence": 1.0,
                "amount_delta": amounts if number == 0 else 0,
                "days": days,
                "evidence": "by_hand",
                "group": group if count > 1 else None,
            }
        )
    return lines


def _with_netted(
    found: pa.Table,
    netted: tuple[tuple[Side, int, int], ...],
    free: Mapping[Side, Ints],
    source: pa.Table,
    reference: pa.Table,
) -> pa.Table:
    is_source = pc.equal(found["side"], Side.SOURCE.value).to_numpy()
    columns = {"side": found["side"].to_pylist() + [side.value for side, _, _ in netted]}
    for place, name in enumerate(("row", "other_row"), start=1):
        rows = found[name].to_numpy()
        whole = np.empty(len(rows), np.int64)
        whole[is_source], whole[~is_source] = free[Side.SOURCE][rows[is_source]], free[Side.REFERENCE][rows[~is_source]]
        columns[name] = whole.tolist() + [one[place] for one in netted]
    return pa.table(columns, schema=NETTED_SCHEMA).sort_by([("side", "descending"), ("row", "ascending")])
