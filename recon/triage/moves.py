"""The allowed moves: open -> resolved, resolved -> open, and a comment on either.

Rule it keeps: nobody overwrites what they have not seen. A row whose version moved on since it was shown is a conflict
and stays as it is; a comment adds to the thread and overwrites nothing, so it cannot conflict.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from recon.errors import CommentMissing, CommentTooLong, ResolutionUnknown
from recon.model.triage import COMMENT_LIMIT, Command, Current, DiscrepancyStatus, Move, Resolution, Seen, Verdict

ALLOWED_FROM: Final[Mapping[Move, frozenset[DiscrepancyStatus]]] = {
    Move.RESOLVE: frozenset({DiscrepancyStatus.OPEN}),
    Move.REOPEN: frozenset({DiscrepancyStatus.RESOLVED}),
    Move.COMMENT: frozenset(DiscrepancyStatus),
}


def check(command: Command) -> None:
    """Raise when the command itself is not one: an unknown resolution, a comment that is missing or too long."""
    if (command.resolution in {*Resolution}) is not (command.move is Move.RESOLVE):
        raise ResolutionUnknown(command.resolution, choices=tuple(Resolution))
    if command.move is Move.COMMENT and not command.comment.strip():
        raise CommentMissing
    if len(command.comment) > COMMENT_LIMIT:
        raise CommentTooLong(len(command.comment), limit=COMMENT_LIMIT)


def decide(command: Command, seen: Iterable[Seen], current: Iterable[Current]) -> Verdict:
    """Sort every discrepancy the command names into done, to do, conflict, not allowed or gone."""
    check(command)
    stands = {row.id: row for row in current}
    shown = {row.id: row.version for row in seen}
    found = [(stands[id_], version) for id_, version in sorted(shown.items()) if id_ in stands]
    todo = [(row, version) for row, version in found if not row.is_done]
    conflicts = [row for row, version in todo if row.version != version and command.move is not Move.COMMENT]
    left = [row for row, _ in todo if row not in conflicts]
    allowed = ALLOWED_FROM[command.move]
    return Verdict(
        move=command.move,
        applied=tuple(row.id for row in left if row.status in allowed),
        repeated=tuple(row.id for row, _ in found if row.is_done),
        conflicts=tuple(conflicts),
        not_allowed=tuple(row.id for row in left if row.status not in allowed),
        gone=tuple(id_ for id_ in sorted(shown) if id_ not in stands),
    )
