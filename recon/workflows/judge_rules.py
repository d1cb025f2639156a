"""What people decided, brought to the rows of one run: what the run began with, and what rules are held against.

A run that replayed decisions has their matches among its own. What its rules come to by themselves is then found by
matching once more without them: rules are judged by what they find, not by what a person had told the run before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recon.calendar import calendar_of
from recon.matching import match
from recon.matching.decided import decided_rows
from recon.model.decisions import Decided, Decision, DecisionKind, Member
from recon.model.due import Due
from recon.model.outcome import DiscrepancyKind, MatchStatus
from recon.model.rulings import Judged, Ruling
from recon.model.transactions import Side
from recon.store.evidence import Evidence, run_name
from recon.store.run_files import MANIFEST, replayed_decisions
from recon.store.runs import rules_from
from recon.triage.rulings import rulings, score
from recon.workflows.carry_forward import due_of
from recon.workflows.row_names import row_names

Tables = Mapping[Side, pa.Table]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """`decided` and `due`: with what the run began; `said`: what people have said about its rows by now."""

    decided: Decided | None = None
    due: Mapping[Side, Due] | None = None
    said: tuple[Ruling, ...] = ()
    absent_count: int = 0
    mark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alone:
    """The matches of the run's rules and of tried ones by themselves, and how they stand to what people said."""

    before: pa.Table
    after: pa.Table
    judged: Judged
    said: tuple[Ruling, ...] = field(repr=False)


def known_of(evidence: Evidence, request: Mapping[str, Any], rows: Tables, before: pa.Table) -> Known:
    """What a request of `TryOuts` says of people, in terms of the run's rows. Raises `EvidenceMissing`."""
    people = request["people"]
    if not people:
        return Known()
    manifest = _manifest(evidence, request)
    carried = manifest.get("carried")
    decisions = {decision.id: (decision, stands) for decision, stands in map(_decision, people["decisions"])}
    names: dict[Side, pa.Array] = {}
    if decisions or people["names"]:
        where = {"run_id": request["run_id"], "attempt": request["attempt"], "manifest": people["manifest"]}
        for side in Side:
            key = people["reading_keys"][side.value]
            names[side] = row_names(evidence, side, rows[side], reading_key=key, **where)
    begun = [decisions[number][0] for number in replayed_decisions(manifest) if number in decisions]
    standing = [decision for decision, stands in decisions.values() if stands]
    place = {side: _places(names.get(side), standing, people["names"], side) for side in Side}
    pairs = [*_pairs_by_line(people["lines"], rows, before), *_pairs_by_name(people["names"], place)]
    said, absent_count = rulings(standing, pairs, place)
    return Known(
        decided=decided_rows(names[Side.SOURCE], names[Side.REFERENCE], begun) if begun else None,
        due=_due(carried, rows) if carried else None,
        said=said,
        absent_count=absent_count,
        mark=people["mark"],
    )


def judge(known: Known, request: Mapping[str, Any], rows: Tables, before: pa.Table, after: pa.Table) -> Alone | None:
    """How the run's rules and the tried ones stand to what people said; None where nobody said anything of its rows.

    `before` and `after`: the matches of the run and of the try-out.
    """
    if not known.said:
        return None
    if known.decided is not None and not known.decided.is_empty:
        before, after = (
            match(rows[Side.SOURCE], rows[Side.REFERENCE], rules_from(request[name])).matches
            for name in ("run_rules", "rules")
        )
    judged = Judged(
        before=score(before, known.said),
        after=score(after, known.said),
        absent_count=known.absent_count,
        mark=known.mark,
    )
    return Alone(before=before, after=after, judged=judged, said=known.said)


def _manifest(evidence: Evidence, request: Mapping[str, Any]) -> Mapping[str, Any]:
    """The run's manifest, which says what it began with; empty for a run from before there was one."""
    name = run_name(request["run_id"], request["attempt"], MANIFEST)
    if name not in request["people"]["manifest"]:
        return {}
    found: Mapping[str, Any] = evidence.read_json(name)
    return found


def _decision(given: Mapping[str, Any]) -> tuple[Decision, bool]:
    members = tuple(
        Member(side=Side(side), fingerprint=name, amount=amount, currency=currency)
        for side, name, amount, currency in given["members"]
    )
    kind, at = DecisionKind(given["kind"]), datetime.fromisoformat(given["at"])
    return Decision(id=given["id"], kind=kind, actor=given["actor"], at=at, members=members), given["stands"]


def _due(carried: Mapping[str, Any], rows: Tables) -> dict[Side, Due]:
    calendar, as_of = calendar_of(carried["calendar"]), date.fromisoformat(carried["as_of"])
    return {side: due_of(rows[side], as_of, calendar, carried["due_days"][side.value]) for side in Side}


def _places(names: pa.Array | None, decisions: list[Decision], pairs: list[list[str]], side: Side) -> dict[str, int]:
    """Fingerprint -> row, of the rows somebody said something about."""
    if names is None:
        return {}
    wanted = {member.fingerprint for decision in decisions for member in decision.of(side)}
    wanted |= {pair[0 if side is Side.SOURCE else 1] for pair in pairs}
    at = pc.indices_nonzero(pc.is_in(names, pa.array(sorted(wanted), pa.string())))
    return dict(zip(names.take(at).to_pylist(), at.to_pylist(), strict=True))


def _pairs_by_name(pairs: list[list[str]], place: Mapping[Side, Mapping[str, int]]) -> list[tuple[int, int]]:
    ours, theirs = place[Side.SOURCE], place[Side.REFERENCE]
    return [(ours[one], theirs[other]) for one, other in pairs if one in ours and other in theirs]


def _pairs_by_line(lines: list[list[Any]], rows: Tables, before: pa.Table) -> list[tuple[int, int]]:
    """Rows of discrepancies people accepted; of a suggestion only where it was the only one for both of its rows."""
    if not lines:
        return []
    own = (pa.array([line[place] for line in lines], pa.int64()) for place in (0, 1))
    at = [pc.index_in(of, rows[side]["line"].combine_chunks()).to_pylist() for of, side in zip(own, Side, strict=True)]
    shown = before.filter(pc.equal(before["status"], MatchStatus.SUGGESTED.value))
    often = [dict(zip(*_counted(shown[f"{side}_row"]), strict=True)) for side in Side]
    return [
        (source, reference)
        for source, reference, (_, _, kind) in zip(*at, lines, strict=True)
        if source is not None
        and reference is not None
        and (kind != DiscrepancyKind.SUGGESTION or (often[0].get(source), often[1].get(reference)) == (1, 1))
    ]


def _counted(column: pa.ChunkedArray) -> tuple[list[int], list[int]]:
    counts = pc.value_counts(column)
    return counts.field("values").to_pylist(), counts.field("counts").to_pylist()
