"""What the edited rows of a sheet ask for, held against how the discrepancies stand.

Rule it keeps: only what the person edited is a wish. A row that others changed since the export is left and named; a
comment overwrites nothing, so it cannot conflict.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from recon.model.triage import (
    ASSIGNEE_LIMIT,
    COMMENT_LIMIT,
    Command,
    Current,
    DiscrepancyStatus,
    Move,
    Resolution,
    Seen,
    Step,
)
from recon.model.triage_sheet import RowFate, RowVerdict, SheetRow


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetPlan:
    """`settled`: rows that ask for nothing, or cannot have it. `steps`: what the others ask for, to be done in order.

    `lines` names the row of each discrepancy a step is about.
    """

    settled: tuple[RowVerdict, ...]
    steps: tuple[Step, ...]
    lines: Mapping[int, int]


def plan_sheet(
    rows: Sequence[SheetRow], current: Iterable[Current], *, run_id: int, done: Collection[int], key: str
) -> SheetPlan:
    """Sort every row of the sheet into settled or to be done. `done`: ids this very sheet was applied to before."""
    stands = {row.id: row for row in current if row.run_id == run_id}
    times = Counter(row.id for row in rows)
    settled: list[RowVerdict] = []
    wishes: dict[Command, list[Seen]] = {}
    lines: dict[int, int] = {}
    for row in rows:
        now = stands.get(row.id) if row.id is not None else None
        fate = RowFate.TWICE if now and times[row.id] > 1 else _fate(row, now, done)
        if fate is not None or now is None:
            by = now.changed_by if now and fate is RowFate.CHANGED_MEANWHILE else None
            settled.append(RowVerdict(line=row.line, id=row.id, fate=fate or RowFate.NOT_FOUND, by=by))
            continue
        lines[now.id] = row.line
        version = now.version
        for command in _commands(row, key):
            wishes.setdefault(command, []).append(Seen(id=now.id, version=version))
            version += command.move is not Move.COMMENT
    order = [Move.ASSIGN, Move.RESOLVE, Move.REOPEN, Move.COMMENT]
    steps = [Step(command=command, seen=tuple(seen)) for command, seen in wishes.items()]
    return SheetPlan(
        settled=tuple(settled),
        steps=tuple(sorted(steps, key=lambda step: order.index(step.command.move))),
        lines=lines,
    )


def _fate(row: SheetRow, now: Current | None, done: Collection[int]) -> RowFate | None:
    """Why nothing is done with a row; None where something is."""
    if now is None:
        return RowFate.NOT_FOUND
    if now.id in done:
        return RowFate.APPLIED
    is_decided = row.assignee != row.assignee_then or row.reason != row.reason_then
    if not is_decided and not row.comment:
        return RowFate.UNCHANGED
    if len(row.comment) > COMMENT_LIMIT:
        return RowFate.LONG_COMMENT
    if is_decided and row.version != now.version:
        return RowFate.CHANGED_MEANWHILE
    if is_decided and now.status is not DiscrepancyStatus.OPEN:
        return RowFate.NOT_OPEN
    if row.reason != row.reason_then and row.reason not in {*Resolution}:
        return RowFate.UNKNOWN_REASON
    if row.reason != row.reason_then and row.reason == Resolution.ADJUSTED and not row.comment:
        return RowFate.WORDS_MISSING
    if len(row.assignee) > ASSIGNEE_LIMIT:
        return RowFate.UNKNOWN_PERSON
    return None


def _commands(row: SheetRow, key: str) -> Iterable[Command]:
    """One command a move, with the same key for all rows: together they are one sending."""
    if row.assignee != row.assignee_then:
        yield Command(move=Move.ASSIGN, assignee=row.assignee or None, action_key=f"{key} {Move.ASSIGN}")
    if row.reason != row.reason_then:
        resolution = Resolution(row.reason)
        yield Command(move=Move.RESOLVE, resolution=resolution, comment=row.comment, action_key=f"{key} {Move.RESOLVE}")
    elif row.comment:
        yield Command(move=Move.COMMENT, comment=row.comment, action_key=f"{key} {Move.COMMENT}")
