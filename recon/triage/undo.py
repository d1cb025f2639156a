"""The other way round: what takes a decision back, row by row, from how the rows stood before it.

Rule it keeps: undoing is a decision like any other. It names the versions the first one made, so that whoever decided
on a row since is not overwritten; nothing is deleted, and the history shows both.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from recon.model.correction import Correction
from recon.model.triage import Command, Current, Move, Resolution, Seen, Step, Verdict


def inverse(verdict: Verdict, *, action_key: str) -> tuple[Step, ...]:
    """The steps that take the verdict's command back; none for comments, which stay."""
    stood = verdict.stood
    match verdict.move:
        case Move.COMMENT:
            return ()
        case Move.RESOLVE:
            return _steps([(Command(move=Move.REOPEN, action_key=f"{action_key}-0"), stood)] if stood else [])
        case Move.ASSIGN:
            before: dict[str | None, list[Current]] = {}
            for row in stood:
                before.setdefault(row.assignee, []).append(row)
            return _steps(
                (Command(move=Move.ASSIGN, assignee=name, action_key=f"{action_key}-{number}"), rows)
                for number, (name, rows) in enumerate(before.items())
            )
        case Move.REOPEN:
            ended: dict[tuple[str, str, Correction | None], list[Current]] = {}
            for row in stood:
                ended.setdefault((row.resolution or "", row.comment or "", row.correction), []).append(row)
            return _steps(
                (
                    Command(
                        move=Move.RESOLVE,
                        resolution=Resolution(resolution),
                        comment=comment,
                        correction=correction,
                        action_key=f"{action_key}-{number}",
                    ),
                    rows,
                )
                for number, ((resolution, comment, correction), rows) in enumerate(ended.items())
            )
    assert_never(verdict.move)


def _steps(groups: Iterable[tuple[Command, Iterable[Current]]]) -> tuple[Step, ...]:
    return tuple(
        Step(command=command, seen=tuple(Seen(id=row.id, version=row.version + 1) for row in rows))
        for command, rows in groups
    )
