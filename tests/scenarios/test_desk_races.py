"""Two people, or a person and a run, at the same moment, with real threads: one is first, and the books do not lie."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event, Thread
from typing import Any

import pytest
from sqlalchemy import Engine

from recon.errors import TieoutError
from recon.model.people import ProposalState
from recon.model.settlement import Ask, SettleMove
from recon.model.triage import Command, Move, Resolution, Seen
from recon.queries.after_close import changes_since
from recon.store import closes
from recon.store.evidence import Evidence
from recon.workflows import close_period as sign_off
from recon.workflows.gather_close import gather_close
from recon.workflows.proposals import approve
from recon.workflows.propose_settlement import propose_settlement
from recon.workflows.resolve_discrepancies import resolve_discrepancies
from recon.workflows.settle_rows import settle_rows
from recon.workflows.submit_run import rerun
from recon.workflows.undo_settlement import undo_settlement
from tests.scenarios.desk_books import broken
from tests.scenarios.desk_world import APPROVER, REFERENCE, SOURCE, World, on, refused_or_done, token

TIMES = 4
"""How often each race is run."""


@pytest.fixture
def world(engine: Engine, evidence_url: str) -> World:
    made = World(engine=engine, evidence=Evidence(evidence_url), carries=True)
    made.run(SOURCE, REFERENCE, as_of=on(20))
    made.name_accounts()
    return made


def at_once(*actions: Callable[[], Any]) -> list[Any]:
    """What each gave, or the sentence it was refused with; all begin together. Anything else that is raised is."""
    start = Barrier(len(actions))

    def act(action: Callable[[], Any]) -> Any:
        start.wait()
        return refused_or_done(action)

    with ThreadPoolExecutor(len(actions)) as pool:
        return [done.result() for done in [pool.submit(act, action) for action in actions]]


def is_sound(world: World) -> bool:
    assert broken(world.engine, reconciliation_id=world.pool.id, run_id=world.run_id) == {}
    return True


def asked(world: World, move: SettleMove, source: Sequence[str], reference: Sequence[str]) -> Ask:
    """A command on the open rows with these descriptions."""
    return Ask(
        run_id=world.run_id,
        move=move,
        rows=world.fitting(source, reference),
        reason_code=Resolution.FEE if move is SettleMove.WRITE_OFF else None,
        reason="Said.",
        action_key=token(),
    )


def test_of_two_who_settle_rows_they_share_one_does(world: World) -> None:
    for _ in range(TIMES):
        one = asked(world, SettleMove.MATCH, ["Payout of the week"], ["First half", "Second half"])
        other = asked(world, SettleMove.IGNORE, [], ["First half", "Fee"])
        answers = at_once(
            lambda one=one: settle_rows(world.engine, one, actor="ana"),
            lambda other=other: settle_rows(world.engine, other, actor="joe"),
        )
        done = [answer for answer in answers if not isinstance(answer, TieoutError)]
        assert len(done) == 1
        assert is_sound(world)
        undo_settlement(world.engine, done[0].decision_id, actor="ana")


def test_a_decision_taken_back_while_a_run_is_published_settles_nothing_of_it(world: World) -> None:
    for day in range(1, TIMES + 1):
        done = settle_rows(world.engine, asked(world, SettleMove.IGNORE, [], ["Fee"]), actor="ana")
        numbers, _ = at_once(
            lambda day=day: world.run([], [SOURCE[0] | {"date": on(day)}], as_of=on(20)),
            lambda done=done: undo_settlement(world.engine, done.decision_id, actor="joe"),
        )
        assert world.run_id == numbers
        assert is_sound(world)
        again = world.run([], [SOURCE[0] | {"date": on(day + 10)}], as_of=on(20))
        fee = world.rows(
            "select w.is_open from workbench_row w where w.run_id = :again and w.description = 'Fee'", again=again
        )
        assert [row.is_open for row in fee] == [True]


def test_a_proposal_is_approved_once(world: World) -> None:
    for _ in range(TIMES):
        ask = asked(world, SettleMove.WRITE_OFF, [], ["First half"])
        number = propose_settlement(world.engine, ask, actor="ana")
        (row,) = world.rows("select digest from proposal where id = :number", number=number)

        def decide(number: int = number, digest: str = row.digest) -> Any:
            return approve(world.engine, world.evidence, number, digest=digest, actor=APPROVER)

        answers = at_once(decide, decide, decide)
        assert [answer for answer in answers if answer is ProposalState.APPROVED] == [ProposalState.APPROVED]
        (made,) = world.rows("select id from decision where proposal_id = :number", number=number)
        assert is_sound(world)
        undo_settlement(world.engine, made.id, actor="ana")


def test_two_reruns_of_one_run_are_one(world: World) -> None:
    def again() -> int:
        return rerun(world.engine, world.evidence, world.run_id, actor="ana").run_id

    numbers = at_once(again, again, again)
    assert len({*numbers}) == 1
    assert world.pool.execute(numbers[0]).status == "succeeded"
    assert is_sound(world)


@pytest.mark.parametrize("is_booked", [True, False])
def test_what_is_decided_while_a_period_is_signed_off_is_in_the_pack_or_told_as_after_it(
    world: World, monkeypatch: pytest.MonkeyPatch, is_booked: bool
) -> None:
    """The decision comes when the pack is gathered, and before it is signed."""
    (row,) = world.rows("select id, version from discrepancy where run_id = :run and payment_ref = 'INV-2'")
    resolution = Resolution.WRITTEN_OFF if is_booked else Resolution.TIMING
    command = Command(move=Move.RESOLVE, resolution=resolution, comment="Said.", action_key=token())
    begun = Event()

    def decide() -> None:
        begun.set()
        resolve_discrepancies(world.engine, command, [Seen(id=row.id, version=row.version)], actor="ana")

    somebody = Thread(target=decide)

    def gather(*args: Any, **values: Any) -> Any:
        found = gather_close(*args, **values)
        somebody.start()
        begun.wait()
        somebody.join(0.5)
        return found

    period = {"reconciliation_id": world.pool.id, "name": world.pool.name, "first_on": on(1), "last_on": on(20)}
    shown = gather_close(world.engine, world.evidence, **period)
    monkeypatch.setattr(sign_off, "gather_close", gather)
    said = {"reason": "Month end.", "action_key": token(), "shown_digest": shown.pack.digest}
    number = sign_off.close_period(world.engine, world.evidence, **period, **said, actor=APPROVER)
    somebody.join()
    with world.engine.connect() as conn:
        signed = closes.find(conn, number)
    assert signed is not None
    assert len(changes_since(world.engine, world.evidence, signed)) >= 1
    assert is_sound(world)
