"""Rules held against what people decided: of the rows they tied together or kept apart, what do the matches say?

A ruling counts as booked only when all its rows are booked, and with each other alone: a pair booked out of three rows
that belong together is another movement than the person saw. Rows people decided about are few beside those of a run,
so only the matches that touch them are looked at.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recon.model.decisions import SETTLING, Decision, DecisionKind
from recon.model.outcome import MatchStatus, with_groups
from recon.model.rulings import Answer, Ruling, RulingKind, Score, Stand
from recon.model.transactions import Side

_FIELDS: Final = {
    (RulingKind.TOGETHER, Answer.AS_DECIDED): "together_booked",
    (RulingKind.TOGETHER, Answer.SUGGESTED): "together_suggested",
    (RulingKind.TOGETHER, Answer.OPEN): "together_open",
    (RulingKind.TOGETHER, Answer.OTHERWISE): "together_otherwise",
    (RulingKind.APART, Answer.AS_DECIDED): "apart_kept",
    (RulingKind.APART, Answer.SUGGESTED): "apart_suggested",
    (RulingKind.APART, Answer.OTHERWISE): "apart_booked",
}


def rulings(
    decisions: Iterable[Decision], pairs: Iterable[tuple[int, int]], rows: Mapping[Side, Mapping[str, int]]
) -> tuple[tuple[Ruling, ...], int]:
    """What is said about rows that are here, and how many decisions name some that are not.

    `decisions` stand; `pairs` of rows are said to belong together by less than a decision, so they count only where no
    decision names either row. `rows`: fingerprint -> row. Of two decisions about one row the later one counts.
    """
    together: list[Ruling] = []
    apart: set[Ruling] = set()
    taken: dict[Side, set[int]] = {side: set() for side in Side}
    absent_count = 0
    for decision in sorted(decisions, key=lambda one: one.id, reverse=True):
        named = {side: decision.of(side) for side in Side}
        if not all(named.values()):
            continue
        here = {
            side: sorted(rows[side][m.fingerprint] for m in named[side] if m.fingerprint in rows[side]) for side in Side
        }
        if decision.kind is DecisionKind.NEVER_PAIR:
            if all(here.values()):
                apart.add(_ruling(RulingKind.APART, here))
            continue
        if decision.kind not in SETTLING:
            continue
        if any(len(here[side]) < len(named[side]) for side in Side):
            absent_count += 1
        elif not any(taken[side] & set(here[side]) for side in Side):
            together.append(_ruling(RulingKind.TOGETHER, here))
            for side in Side:
                taken[side] |= set(here[side])
    for source, reference in sorted(set(pairs)):
        if source not in taken[Side.SOURCE] and reference not in taken[Side.REFERENCE]:
            together.append(Ruling(kind=RulingKind.TOGETHER, source=(source,), reference=(reference,)))
            taken[Side.SOURCE].add(source)
            taken[Side.REFERENCE].add(reference)
    found = sorted([*together, *apart], key=lambda one: (one.kind, one.source, one.reference))
    return tuple(found), absent_count


def score(matches: pa.Table, said: Sequence[Ruling]) -> Score:
    """How a table of MATCH_SCHEMA stands to what was said about its rows."""
    partners = _Partners(matches, said)
    counted = Counter(_FIELDS[one.kind, partners.answer(one)] for one in said)
    return Score(**counted)


def stands(before: pa.Table, after: pa.Table, said: Sequence[Ruling], source_rows: Sequence[int]) -> list[Stand | None]:
    """For each of these source rows, how its change from one set of matches to another stands to what was said.

    A change is otherwise than decided when it books or suggests what a person ruled out, books a row with others than a
    person did, or loses a match that a person made; None where nothing of it was decided.
    """
    was, now = _Partners(before, said), _Partners(after, said)
    about: dict[int, list[Ruling]] = defaultdict(list)
    for one in said:
        for row in one.source:
            about[row].append(one)
    return [_stand(was, now, row, about.get(row, ())) for row in source_rows]


def _stand(was: _Partners, now: _Partners, row: int, said: Iterable[Ruling]) -> Stand | None:
    found: set[Stand] = set()
    for one in said:
        theirs = set(one.reference)
        ours, others = was.booked[Side.SOURCE].get(row, set()), now.booked[Side.SOURCE].get(row, set())
        if one.kind is RulingKind.APART:
            shown = others | now.suggested[Side.SOURCE].get(row, set())
            if shown & theirs:
                found.add(Stand.OTHERWISE)
            elif (ours | was.suggested[Side.SOURCE].get(row, set())) & theirs:
                found.add(Stand.AS_DECIDED)
        elif others:
            found.add(Stand.AS_DECIDED if others <= theirs else Stand.OTHERWISE)
        elif ours and ours <= theirs:
            found.add(Stand.OTHERWISE)
    return Stand.OTHERWISE if Stand.OTHERWISE in found else next(iter(found), None)


class _Partners:
    """For each row somebody said something about: with which rows it is booked, and which are suggested for it."""

    def __init__(self, matches: pa.Table, said: Iterable[Ruling]) -> None:
        self.booked: dict[Side, dict[int, set[int]]] = {side: defaultdict(set) for side in Side}
        self.suggested: dict[Side, dict[int, set[int]]] = {side: defaultdict(set) for side in Side}
        groups: dict[int, tuple[set[int], set[int]]] = defaultdict(lambda: (set(), set()))
        for line in _touched(with_groups(matches), said).to_pylist():
            own, other = line["source_row"], line["reference_row"]
            if line["status"] != MatchStatus.MATCHED:
                self.suggested[Side.SOURCE][own].add(other)
                self.suggested[Side.REFERENCE][other].add(own)
            elif line["group"] is None:
                self._book({own}, {other})
            else:
                groups[line["group"]][0].add(own)
                groups[line["group"]][1].add(other)
        for sources, references in groups.values():
            self._book(sources, references)

    def _book(self, sources: set[int], references: set[int]) -> None:
        for row in sources:
            self.booked[Side.SOURCE][row] |= references
        for row in references:
            self.booked[Side.REFERENCE][row] |= sources

    def answer(self, said: Ruling) -> Answer:
        booked = [self.booked[Side.SOURCE].get(row, set()) for row in said.source]
        suggested = set().union(*(self.suggested[Side.SOURCE].get(row, set()) for row in said.source))
        is_suggested = bool(suggested & set(said.reference))
        if said.kind is RulingKind.APART:
            if set().union(*booked) & set(said.reference):
                return Answer.OTHERWISE
            return Answer.SUGGESTED if is_suggested else Answer.AS_DECIDED
        within = [(found, set(said.reference)) for found in booked]
        within += [(self.booked[Side.REFERENCE].get(row, set()), set(said.source)) for row in said.reference]
        if all(found and found <= own for found, own in within):
            return Answer.AS_DECIDED
        if any(found for found, _ in within):
            return Answer.OTHERWISE
        return Answer.SUGGESTED if is_suggested else Answer.OPEN


def _touched(matches: pa.Table, said: Iterable[Ruling]) -> pa.Table:
    """The lines that name a row somebody said something about, and all others of their groups."""
    named = tuple(said)
    is_touched = np.zeros(matches.num_rows, np.bool_)
    for side in Side:
        rows = sorted({row for one in named for row in (one.source if side is Side.SOURCE else one.reference)})
        is_touched |= np.isin(matches[f"{side}_row"].to_numpy(), np.array(rows, np.int64))
    lines = pa.array(is_touched)
    groups = pc.unique(matches["group"].filter(lines)).drop_null()
    if len(groups):
        lines = pc.or_(lines, pc.fill_null(pc.is_in(matches["group"], groups), fill_value=False).combine_chunks())
    return matches.select(["source_row", "reference_row", "status", "group"]).filter(lines)


def _ruling(kind: RulingKind, rows: Mapping[Side, Sequence[int]]) -> Ruling:
    return Ruling(kind=kind, source=tuple(rows[Side.SOURCE]), reference=tuple(rows[Side.REFERENCE]))
