"""What may be done to a discrepancy, without a database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from recon.errors import CommentMissing, CommentTooLong, ResolutionUnknown
from recon.model.triage import COMMENT_LIMIT, Command, Current, DiscrepancyStatus, Move, Resolution, Seen
from recon.triage import check, decide

OPEN, RESOLVED = DiscrepancyStatus.OPEN, DiscrepancyStatus.RESOLVED
RESOLVE = Command(move=Move.RESOLVE, resolution=Resolution.TIMING, action_key="k")
REOPEN = Command(move=Move.REOPEN, action_key="k")
COMMENT = Command(move=Move.COMMENT, comment="Asked the bank.", action_key="k")


def stands(id_: int, **values: Any) -> Current:
    defaults: dict[str, Any] = {
        "run_id": 1,
        "version": 1,
        "status": OPEN,
        "changed_by": None,
        "changed_at": None,
        "is_done": False,
    }
    return Current(id=id_, **(defaults | values))


def seen(*ids: int) -> list[Seen]:
    return [Seen(id=id_, version=1) for id_ in ids]


def test_an_open_discrepancy_can_be_resolved() -> None:
    verdict = decide(RESOLVE, seen(7), [stands(7)])
    assert verdict.applied == (7,)
    assert verdict.sentence() == "Resolved."


def test_what_someone_changed_since_it_was_shown_is_left_and_named() -> None:
    theirs = {
        "version": 2,
        "status": RESOLVED,
        "changed_by": "j.okafor",
        "changed_at": datetime(2026, 3, 2, tzinfo=UTC),
    }
    verdict = decide(
        RESOLVE, seen(1, 2, 3, 4, 5), [stands(1), stands(2, **theirs), stands(3), stands(4, **theirs), stands(5)]
    )
    assert verdict.applied == (1, 3, 5)
    assert verdict.sentence() == "3 of 5 resolved, 2 were changed by j.okafor."


def test_several_people_are_named_once_each() -> None:
    rows = [stands(n, version=2, changed_by=who) for n, who in enumerate(("b", "a", "b"))]
    assert decide(RESOLVE, seen(0, 1, 2), rows).sentence() == "0 of 3 resolved, 3 were changed by a and b."


@pytest.mark.parametrize(("command", "status", "word"), [(RESOLVE, RESOLVED, "resolved"), (REOPEN, OPEN, "open")])
def test_a_move_to_where_it_already_is_is_not_allowed(command: Command, status: DiscrepancyStatus, word: str) -> None:
    verdict = decide(command, seen(1), [stands(1, status=status)])
    assert (verdict.applied, verdict.not_allowed) == ((), (1,))
    assert verdict.sentence().endswith(f"1 was already {word}.")


def test_a_comment_overwrites_nothing_and_so_never_conflicts() -> None:
    assert decide(COMMENT, seen(1), [stands(1, version=9, status=RESOLVED)]).applied == (1,)


def test_the_same_command_again_is_done_and_not_done_twice() -> None:
    verdict = decide(RESOLVE, seen(1), [stands(1, version=2, status=RESOLVED, is_done=True)])
    assert (verdict.applied, verdict.repeated) == ((), (1,))
    assert verdict.sentence() == "Resolved."


def test_a_discrepancy_that_is_no_longer_published_is_said_to_be_gone() -> None:
    assert decide(RESOLVE, seen(1, 2), [stands(2)]).sentence() == "1 of 2 resolved, 1 was replaced by a newer run."


def test_every_discrepancy_asked_for_is_in_exactly_one_place() -> None:
    rows = [stands(1), stands(2, version=2), stands(3, status=RESOLVED), stands(4, is_done=True)]
    verdict = decide(RESOLVE, seen(1, 2, 3, 4, 5), rows)
    places = (
        verdict.applied,
        tuple(c.id for c in verdict.conflicts),
        verdict.not_allowed,
        verdict.repeated,
        verdict.gone,
    )
    assert places == ((1,), (2,), (3,), (4,), (5,))
    assert verdict.asked_count == 5


def test_to_resolve_needs_a_resolution_and_nothing_else_takes_one() -> None:
    for command in (
        Command(move=Move.RESOLVE, action_key="k"),
        Command(move=Move.RESOLVE, resolution="vanished", action_key="k"),  # type: ignore[arg-type]
        Command(move=Move.REOPEN, resolution=Resolution.TIMING, action_key="k"),
    ):
        with pytest.raises(ResolutionUnknown):
            check(command)


def test_a_comment_says_something_and_fits() -> None:
    with pytest.raises(CommentMissing):
        check(Command(move=Move.COMMENT, comment="  ", action_key="k"))
    check(Command(move=Move.COMMENT, comment="x" * COMMENT_LIMIT, action_key="k"))
    with pytest.raises(CommentTooLong):
        check(Command(move=Move.COMMENT, comment="x" * (COMMENT_LIMIT + 1), action_key="k"))
