"""The allowed moves: open -> resolved, resolved -> open, to somebody while it is open, and a comment on either.

Rule it keeps: nobody overwrites what they have not seen. A row whose version moved on since it was shown is a conflict
and stays as it is; a comment adds to the thread and overwrites nothing, so it cannot conflict.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from recon.errors import CommentMissing, CommentTooLong, CorrectionUnclear, NameMissing, ResolutionUnknown
from recon.model.correction import Booking, Correction
from recon.model.triage import (
    ASSIGNEE_LIMIT,
    COMMENT_LIMIT,
    Command,
    Current,
    DiscrepancyStatus,
    Move,
    Resolution,
    Seen,
    Verdict,
)

LAST_ID: Final = 2**63 - 1
"""No entry has a larger number."""

ALLOWED_FROM: Final[Mapping[Move, frozenset[DiscrepancyStatus]]] = {
    Move.RESOLVE: frozenset({DiscrepancyStatus.OPEN}),
    Move.REOPEN: frozenset({DiscrepancyStatus.RESOLVED}),
    Move.COMMENT: frozenset(DiscrepancyStatus),
    Move.ASSIGN: frozenset({DiscrepancyStatus.OPEN}),
}


def check(command: Command) -> None:
    """Raise when the command itself is not one: an unknown resolution, a comment that is missing or too long,
    somebody without a name, a correction that says too little."""
    if (command.resolution in {*Resolution}) is not (command.move is Move.RESOLVE):
        raise ResolutionUnknown(command.resolution, choices=tuple(Resolution))
    if command.move is Move.COMMENT and not command.comment.strip():
        raise CommentMissing
    if len(command.comment) > COMMENT_LIMIT:
        raise CommentTooLong(len(command.comment), limit=COMMENT_LIMIT)
    _check_correction(command)
    if command.assignee is not None and not 0 < len(command.assignee.strip()) <= ASSIGNEE_LIMIT:
        raise NameMissing(ASSIGNEE_LIMIT)


def _check_correction(command: Command) -> None:
    correction = command.correction or Correction()
    if command.resolution is not Resolution.ADJUSTED:
        if command.correction is not None:
            raise CorrectionUnclear("Only what is adjusted is corrected by an entry. Choose adjusted, or leave it out.")
        return
    match correction.booking:
        case Booking.ELSEWHERE:
            if not command.comment.strip():
                raise CorrectionUnclear(
                    "Say in the comment where it was corrected; or post the correction now, or name its entry."
                )
        case Booking.NAMED:
            if correction.entry_id is None or not 0 < correction.entry_id <= LAST_ID:
                raise CorrectionUnclear("Give the number of the journal entry that corrected it.")
        case Booking.POSTED:
            if correction.accounts is not None and correction.accounts[0] == correction.accounts[1]:
                raise CorrectionUnclear("Choose two accounts: what is debited at one is credited at the other.")
        case Booking.FOLLOWS:
            raise CorrectionUnclear("Say how it was corrected: by an entry, or in words.")


def decide(command: Command, seen: Iterable[Seen], current: Iterable[Current]) -> Verdict:
    """Sort every discrepancy the command names into done, to do, conflict, not allowed or gone."""
    check(command)
    stands = {row.id: row for row in current}
    shown = {row.id: row.version for row in seen}
    found = [(stands[id_], version) for id_, version in sorted(shown.items()) if id_ in stands]
    conflicts, not_allowed, applied, repeated = [], [], [], []
    for row, version in found:
        if row.is_done:
            repeated.append(row.id)
        elif row.version != version and command.move is not Move.COMMENT:
            conflicts.append(row)
        elif row.status not in ALLOWED_FROM[command.move]:
            not_allowed.append(row.id)
        elif command.move is Move.ASSIGN and row.assignee == command.assignee:
            repeated.append(row.id)
        else:
            applied.append(row)
    return Verdict(
        move=command.move,
        applied=tuple(row.id for row in applied),
        repeated=tuple(repeated),
        conflicts=tuple(conflicts),
        not_allowed=tuple(not_allowed),
        gone=tuple(id_ for id_ in sorted(shown) if id_ not in stands),
        stood=tuple(applied),
    )
