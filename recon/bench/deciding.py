"""How long decisions take on a run with very many discrepancies: ten thousand at once, and twenty people one by one.

The bar is 5 s for ten thousand. Each goes the way the page goes: permission, lock, decision, history, audit, figures.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from typing import Final

from sqlalchemy import Engine

from recon.model.triage import Command, Move, Resolution, Seen, Verdict
from recon.queries.discrepancies import DiscrepancyFilter, Order, Sort, page, totals
from recon.workflows.decide_on_filter import can_change, decide_on_filter
from recon.workflows.resolve_discrepancies import resolve_discrepancies
from recon.workflows.undo_decision import undo_decision

AT_ONCE: Final = 10_000
OPERATORS: Final = 20
EACH: Final = 25
"""Decisions of one operator."""

_ACTOR: Final = "bench"
_BY_ID: Final = Order(by=Sort.ID, is_descending=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """Some decisions, how long they took together, and the slowest answer somebody waited for."""

    what: str
    count: int
    seconds: float
    slowest_seconds: float

    @property
    def per_second(self) -> float:
        return self.count / self.seconds


def bench_deciding(engine: Engine, run_id: int, *, at_once: int = AT_ONCE, operators: int = OPERATORS) -> list[Decided]:
    """Decides on `at_once` open discrepancies of the run in every way there is, then lets operators loose on it."""
    found = page(engine, DiscrepancyFilter(run_id=run_id, is_unassigned=True), _BY_ID, limit=at_once)
    return [*_bulk(engine, run_id, [row.seen for row in found]), _one_by_one(engine, run_id, operators)]


def _bulk(engine: Engine, run_id: int, seen: Sequence[Seen]) -> list[Decided]:
    """One after the other on the same discrepancies: what is undone can be decided again."""
    keys = (f"bench {number}" for number in count())
    mine = DiscrepancyFilter(run_id=run_id, assignee=_ACTOR)

    def on_all(move: Move, resolution: Resolution | None = None, comment: str = "") -> Verdict:
        command = Command(move=move, resolution=resolution, comment=comment, action_key=next(keys))
        wanted = can_change(command, mine)
        return decide_on_filter(engine, command, wanted, totals(engine, wanted), actor=_ACTOR)

    def undo(verdict: Verdict) -> Verdict:
        return undo_decision(engine, verdict, action_key=next(keys), actor=_ACTOR)

    done: list[Decided] = []

    def timed(what: str, decide: Callable[[], Verdict]) -> Verdict:
        started = time.perf_counter()
        verdict = decide()
        spent = time.perf_counter() - started
        done.append(Decided(what=what, count=len(verdict.applied), seconds=spent, slowest_seconds=spent))
        return verdict

    take = Command(move=Move.ASSIGN, assignee=_ACTOR, action_key=next(keys))
    timed("assign", lambda: resolve_discrepancies(engine, take, seen, actor=_ACTOR))
    timed("comment on", lambda: on_all(Move.COMMENT, comment="Looked at."))
    resolved = timed("resolve", lambda: on_all(Move.RESOLVE, Resolution.FEE))
    timed("undo", lambda: undo(resolved))
    timed("resolve again", lambda: on_all(Move.RESOLVE, Resolution.TIMING))
    timed("reopen", lambda: on_all(Move.REOPEN))
    return done


def _one_by_one(engine: Engine, run_id: int, operators: int) -> Decided:
    """Everybody resolves their own share of the queue's beginning, at the same time."""
    found = page(engine, DiscrepancyFilter(run_id=run_id), _BY_ID, limit=operators * EACH)

    def work(number: int) -> list[float]:
        waited = []
        for row in found[number::operators]:
            started = time.perf_counter()
            command = Command(move=Move.RESOLVE, resolution=Resolution.FEE, action_key=f"operator {row.id}")
            verdict = resolve_discrepancies(engine, command, [row.seen], actor=f"operator {number}")
            assert verdict.applied == (row.id,)
            waited.append(time.perf_counter() - started)
        return waited

    started = time.perf_counter()
    with ThreadPoolExecutor(operators) as people:
        waited = [spent for each in people.map(work, range(operators)) for spent in each]
    return Decided(
        what=f"{operators} operators, one by one",
        count=len(waited),
        seconds=time.perf_counter() - started,
        slowest_seconds=max(waited),
    )
