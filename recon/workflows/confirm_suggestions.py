"""Confirm or reject suggestions, one or thousands: each is a decision of its own, all are one transaction.

Confirmed are those whose sides close within the tolerance, as a whole; one of which the rows still have to be chosen
stays open and is counted. A rejected one stays open too: its rows have no counterpart yet, and are never paired again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import Connection, Engine

from recon.errors import SettlementRefused
from recon.model.decisions import DecisionKind
from recon.model.outcome import DiscrepancyKind
from recon.model.people import Action, Deed, Person
from recon.model.rules import Rules
from recon.model.settlement import Ask, OpenRow, Settlement, SettleMove
from recon.model.triage import Command, Move, Resolution
from recon.store import audit, discrepancies, settlements, workbench_rows
from recon.store.settlements import Scope, Wanted
from recon.triage import decide as decide_move
from recon.triage.deeds import added, gross
from recon.triage.settle import decide
from recon.workflows.follow_settlement import resolve_settled
from recon.workflows.permit import permit, permit_alone
from recon.workflows.undo_settlement import give_way

AT_ONCE = 20_000
"""Suggestions one command may decide on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """How many suggestions were decided on, how many need a choice, and on how many somebody else was faster."""

    done_count: int
    choice_count: int = 0
    changed_count: int = 0
    decision_ids: tuple[int, ...] = ()


def confirm_suggestions(
    engine: Engine, run_id: int, discrepancy_ids: Sequence[int], *, actor: str, action_key: str
) -> Answered:
    """Match the rows of each suggestion. Sent again, the same command gives the same answer.

    Raises SecondPersonNeeded where all of it is more than the actor may confirm alone: then it can be proposed.
    """
    check(discrepancy_ids)
    with engine.begin() as conn:
        person = permit(conn, actor, Action.MATCH)
        return confirm(conn, run_id, discrepancy_ids, actor=actor, action_key=action_key, alone=person)


def confirm(
    conn: Connection,
    run_id: int,
    discrepancy_ids: Sequence[int],
    *,
    actor: str,
    action_key: str,
    alone: Person | None,
    proposal_id: int | None = None,
) -> Answered:
    """The same in the caller's transaction. `alone`: the person who decides by themselves; None when approved."""
    scope = settlements.lock_scope(conn, run_id)
    if known := settlements.kept_by_key(conn, action_key):
        return _known(tuple(one.decision_id for one in known), asked=len(set(discrepancy_ids)))
    groups = _open_groups(conn, run_id, discrepancy_ids)
    closing = [(rows, found) for rows in groups.values() if (found := _closes(run_id, rows, scope.rules))]
    if alone is not None and closing:
        deeds = {Deed.CONFIRM: added(gross(rows) for rows, _ in closing)}
        permit_alone(conn, alone, deeds, reconciliation_id=scope.reconciliation_id)
    free = [row for rows, _ in closing for row in rows]
    give_way(conn, scope, free, actor=actor)
    settlements.refuse_settled(conn, scope.reconciliation_id, free)
    kind = DecisionKind.MANUAL_MATCH
    numbers = _take(conn, scope, [rows for rows, _ in closing], kind, actor, action_key, proposal_id=proposal_id)
    if numbers:
        counted = [(number, found, len(rows)) for number, (rows, found) in zip(numbers, closing, strict=True)]
        settlements.keep(conn, run_id, counted, move=SettleMove.MATCH.value, action_key=action_key)
        settlements.settle_rows(conn, numbers)
        ids = [rows[0].discrepancy_id or 0 for rows, _ in closing]
        comment = "The suggestion was confirmed."
        resolve_settled(conn, run_id, ids, Resolution.MATCHED, comment, key=action_key, actor=actor)
        _audit(conn, run_id, "suggestions_confirmed", ids, numbers, action_key, actor=actor)
    return Answered(
        done_count=len(numbers),
        choice_count=len(groups) - len(numbers),
        changed_count=len(set(discrepancy_ids)) - len(groups),
        decision_ids=numbers,
    )


def confirmable(conn: Connection, run_id: int, discrepancy_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """Of these suggestions those that can be confirmed as a whole, each with its larger side by currency."""
    check(discrepancy_ids)
    scope = settlements.lock_scope(conn, run_id)
    groups = _open_groups(conn, run_id, discrepancy_ids)
    return {id_: gross(rows) for id_, rows in groups.items() if _closes(run_id, rows, scope.rules)}


def reject_suggestions(
    engine: Engine, run_id: int, discrepancy_ids: Sequence[int], *, reason: str = "", actor: str, action_key: str
) -> Answered:
    """Say that the rows of each suggestion do not belong together. Sent again, the same command changes nothing."""
    check(discrepancy_ids)
    with engine.begin() as conn:
        permit(conn, actor, Action.MATCH)
        scope = settlements.lock_scope(conn, run_id)
        if known := settlements.kept_by_key(conn, action_key):
            return _known(tuple(one.decision_id for one in known), asked=len(set(discrepancy_ids)))
        groups = _open_groups(conn, run_id, discrepancy_ids)
        numbers = _take(conn, scope, list(groups.values()), DecisionKind.NEVER_PAIR, actor, action_key, reason=reason)
        if numbers:
            keep_barred(conn, run_id, list(zip(numbers, groups.values(), strict=True)), action_key)
            workbench_rows.set_opened_many(conn, dict(zip(groups, numbers, strict=True)))
            _say(conn, tuple(groups), reason, action_key, actor=actor)
            _audit(conn, run_id, "suggestions_rejected", list(groups), numbers, action_key, actor=actor)
    changed = len(set(discrepancy_ids)) - len(groups)
    return Answered(done_count=len(numbers), changed_count=changed, decision_ids=numbers)


def keep_barred(
    conn: Connection,
    run_id: int,
    decided: Sequence[tuple[int, Sequence[OpenRow]]],
    action_key: str,
    *,
    replaces: Sequence[int] = (),
) -> None:
    """Keep decisions that rows do not belong together; `replaces`: decisions that said they do."""
    settlement = Settlement(kind=DecisionKind.NEVER_PAIR, resolution=Resolution.DISMISSED)
    counted = [(number, settlement, len(rows)) for number, rows in decided]
    settlements.keep(conn, run_id, counted, move="never pair", action_key=action_key, replaces=replaces)


def check(discrepancy_ids: Sequence[int]) -> None:
    """Raise where nothing is chosen, or more than is done at once."""
    if not discrepancy_ids:
        raise SettlementRefused("No suggestion is chosen. Tick the ones this is about.")
    if len(discrepancy_ids) > AT_ONCE:
        raise SettlementRefused(f"No more than {AT_ONCE:,} suggestions are decided at once. Choose fewer.")


def _known(decision_ids: tuple[int, ...], *, asked: int) -> Answered:
    return Answered(done_count=len(decision_ids), choice_count=asked - len(decision_ids), decision_ids=decision_ids)


def _open_groups(conn: Connection, run_id: int, ids: Sequence[int]) -> dict[int, tuple[OpenRow, ...]]:
    """Discrepancy -> rows, of the suggestions that are open with all their rows, and not rejected."""
    rows = workbench_rows.rows_of_discrepancies(conn, run_id, sorted(set(ids)))
    groups = {id_: tuple(own) for id_, own in groupby(rows, key=lambda row: row.discrepancy_id or 0)}
    return {
        id_: own
        for id_, own in groups.items()
        if all(
            row.is_open and row.decision_id is None and row.opened_by is None and row.kind == DiscrepancyKind.SUGGESTION
            for row in own
        )
    }


def _closes(run_id: int, rows: Sequence[OpenRow], rules: Rules) -> Settlement | None:
    """What matching them all comes to; None where they have to be chosen from."""
    ask = Ask(run_id=run_id, move=SettleMove.MATCH, rows=tuple(row.seen for row in rows), action_key="")
    try:
        return decide(ask, rows, rules)
    except SettlementRefused:
        return None


def _take(
    conn: Connection,
    scope: Scope,
    groups: Sequence[Sequence[OpenRow]],
    kind: DecisionKind,
    actor: str,
    action_key: str,
    *,
    reason: str = "",
    proposal_id: int | None = None,
) -> tuple[int, ...]:
    wanted = [Wanted(kind=kind, rows=rows, action_key=f"{action_key}-{rows[0].discrepancy_id}") for rows in groups]
    said = reason.strip() or ("Suggestion confirmed." if kind is DecisionKind.MANUAL_MATCH else "Suggestion rejected.")
    if not wanted:
        return ()
    return settlements.take(conn, scope.reconciliation_id, wanted, actor=actor, reason=said, proposal_id=proposal_id)


def _say(conn: Connection, ids: Sequence[int], reason: str, action_key: str, *, actor: str) -> None:
    """Tell it in the history of the discrepancies, which stay open."""
    comment = f"Not a match. {reason}".strip()
    command = Command(move=Move.COMMENT, comment=comment, action_key=action_key)
    stands = discrepancies.lock(conn, ids, action_key)
    verdict = decide_move(command, [row.seen for row in stands], stands)
    discrepancies.apply(conn, command, verdict, actor=actor)


def _audit(
    conn: Connection,
    run_id: int,
    action: str,
    ids: Sequence[int],
    numbers: Sequence[int],
    action_key: str,
    *,
    actor: str,
) -> None:
    detail = {"discrepancies": list(ids), "decisions": list(numbers), "action_key": action_key}
    audit.record(conn, actor=actor, action=action, subject=f"run {run_id}", detail=detail)
