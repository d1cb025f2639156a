"""Whatever several people do to a desk, with or without leave: the books never lie, and all of it can be undone.

A long run: `TIEOUT_DESK_EXAMPLES=300 pytest tests/scenarios/test_desk_machine.py`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, ClassVar

from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine

from recon.errors import TieoutError
from recon.model.rules import Rules
from recon.model.settlement import Ask, SeenRow, SettleMove
from recon.model.transactions import Side
from recon.model.triage import Command, Move, Resolution, Seen, Verdict
from recon.queries.discrepancies import DiscrepancyFilter, Order, totals
from recon.store.evidence import Evidence
from recon.workflows.close_period import close_period, reopen_period
from recon.workflows.confirm_suggestions import confirm_suggestions, reject_suggestions
from recon.workflows.decide_on_filter import can_change, decide_on_filter
from recon.workflows.gather_close import gather_close
from recon.workflows.proposals import approve, reject, withdraw
from recon.workflows.propose_resolution import propose_resolution
from recon.workflows.propose_settlement import propose_settlement
from recon.workflows.resolve_discrepancies import resolve_discrepancies
from recon.workflows.settle_rows import settle_rows
from recon.workflows.triage_sheet import export_triage_sheet, import_triage_sheet
from recon.workflows.undo_decision import undo_decision
from recon.workflows.undo_settlement import undo_settlement
from recon.workflows.unmatch_rows import unmatch_rows
from recon.workflows.verify import verify
from tests.scenarios.desk_books import broken, everything, loss
from tests.scenarios.desk_draws import (
    ACTOR,
    AMENDED,
    ANSWERS,
    FILES,
    PICK,
    PICKS,
    PLANS,
    REASON,
    RULES,
    SECOND,
    Plan,
    one,
    some,
)
from tests.scenarios.desk_world import (
    ADMIN,
    OWN_PROPOSALS,
    REFERENCE,
    SOURCE,
    World,
    on,
    refused_or_done,
    token,
    varied,
)
from tests.workflows.sheets import edited

EXAMPLES = int(os.environ.get("TIEOUT_DESK_EXAMPLES", "3"))
STEPS = int(os.environ.get("TIEOUT_DESK_STEPS", "12"))


class Desk(RuleBasedStateMachine):
    """What people do is tried on the desk as it is; the laws are looked at after every step."""

    engine: ClassVar[Engine]
    evidence: ClassVar[Evidence]

    def __init__(self) -> None:
        super().__init__()
        self.verdicts: list[Verdict] = []
        self.commands: list[Callable[[], Any]] = []
        self.sheets: list[tuple[int, bytes]] = []
        self.before: dict[str, str] = {}

    @initialize(carries=st.booleans(), has_accounts=st.booleans())
    def opens(self, carries: bool, has_accounts: bool) -> None:
        self.world = World(engine=self.engine, evidence=self.evidence, carries=carries)
        self.world.run(SOURCE, REFERENCE)
        if carries:
            self.world.carry(False)
            self.world.run(SOURCE, REFERENCE, rerun_of=self.world.run_id)
            self.world.carry(True)
        self.untouched = self.world.outcome()
        if has_accounts:
            self.world.name_accounts()
        self.before = everything(self.engine)

    def tried(self, action: Callable[[], Any], *, has_key: bool = True) -> Any:
        """Do it; what is refused leaves everything as it was. None where it was refused.

        `has_key`: it is known by a key of its own, and does nothing when it is sent again.
        """
        done = refused_or_done(action)
        if isinstance(done, TieoutError):
            after = everything(self.engine)
            differs = {name for name in after if after[name] != self.before.get(name)}
            assert not differs, f"refused, and changed all the same: {differs}: {done!r}"
            note(f"refused: {done}")
            return None
        note(f"done: {done!r:.400}")
        self.commands += [action] if has_key else []
        return done

    # Files and runs

    @rule(source=FILES, reference=FILES, amended=AMENDED, changed=AMENDED, day=st.integers(1, 20))
    def files_come(self, source: list[int], reference: list[int], amended: Any, changed: Any, day: int) -> None:
        self.world.run(varied(SOURCE, source, amended), varied(REFERENCE, reference, changed), as_of=on(day))

    @rule(source=FILES, reference=FILES, amended=AMENDED, pick=PICK, rules=RULES)
    def a_run_is_done_again(
        self, source: list[int], reference: list[int], amended: Any, pick: int, rules: Rules
    ) -> None:
        files = varied(SOURCE, source, amended), varied(REFERENCE, reference, ())
        number = one(self.world.runs, pick)
        self.tried(lambda: self.world.run(*files, rerun_of=number, rules=rules), has_key=False)

    @rule(pick=PICK)
    def an_older_run_is_looked_at(self, pick: int) -> None:
        self.world.run_id = one(self.world.runs, pick)

    @rule(is_on=st.booleans())
    def carrying_is_switched(self, is_on: bool) -> None:
        self.world.carry(is_on)

    @precondition(lambda self: self.world.accounts is None)
    @rule()
    def accounts_are_named(self) -> None:
        self.world.name_accounts()

    # The workbench

    def ask(self, move: SettleMove, source: list[int], reference: list[int], reason: Resolution | None) -> Ask | None:
        rows = self.world.rows(
            "select side, line, open_amount from workbench_row where run_id = :run and is_open order by 1, 2"
        )
        chosen = some([row for row in rows if row.side == "source"], source)
        chosen += some([row for row in rows if row.side == "reference"], reference)
        if not chosen:
            return None
        seen = tuple(SeenRow(side=Side(row.side), line=row.line, open_amount=row.open_amount) for row in chosen)
        return Ask(
            run_id=self.world.run_id, move=move, rows=seen, reason_code=reason, reason="Said.", action_key=token()
        )

    @rule(move=st.sampled_from(SettleMove), source=PICKS, reference=PICKS, reason=REASON, actor=ACTOR)
    def rows_are_settled(
        self, move: SettleMove, source: list[int], reference: list[int], reason: Resolution | None, actor: str
    ) -> None:
        if ask := self.ask(move, source, reference, reason):
            self.tried(lambda: settle_rows(self.engine, ask, actor=actor))

    @rule(plan=st.sampled_from(PLANS), actor=ACTOR, is_proposed=st.booleans())
    def rows_that_fit_are_settled(self, plan: Plan, actor: str, is_proposed: bool) -> None:
        move, source, reference, reason = plan
        seen = self.world.fitting(source, reference)
        if seen:
            act = propose_settlement if is_proposed else settle_rows
            ask = Ask(
                run_id=self.world.run_id,
                move=move,
                rows=seen,
                reason_code=reason,
                reason="Said.",
                action_key=token(),
            )
            self.tried(lambda: act(self.engine, ask, actor=actor))

    @rule(pick=PICK, actor=ACTOR)
    def a_decision_is_taken_back(self, pick: int, actor: str) -> None:
        if found := self.world.decisions():
            number = one(found, pick)
            self.tried(lambda: undo_settlement(self.engine, number, actor=actor))

    @rule(pick=PICK, actor=ACTOR)
    def a_match_is_taken_apart(self, pick: int, actor: str) -> None:
        pairs = self.world.booked()
        if pairs:
            source, reference = one(pairs, pick)
            key = token()
            self.tried(
                lambda: unmatch_rows(
                    self.engine,
                    self.evidence,
                    self.world.run_id,
                    source_line=source,
                    reference_line=reference,
                    actor=actor,
                    action_key=key,
                )
            )

    @rule(picks=PICKS, actor=ACTOR, is_confirmed=st.booleans())
    def suggestions_are_answered(self, picks: list[int], actor: str, is_confirmed: bool) -> None:
        rows = self.world.rows("select id from discrepancy where run_id = :run and kind = 'suggestion' order by id")
        if ids := [row.id for row in some(rows, picks)]:
            answer, key = confirm_suggestions if is_confirmed else reject_suggestions, token()
            self.tried(lambda: answer(self.engine, self.world.run_id, ids, actor=actor, action_key=key))

    # Triage

    def seen(self, picks: list[int], *, is_stale: bool) -> list[Seen]:
        rows = self.world.rows("select id, version from discrepancy where run_id = :run order by id")
        return [Seen(id=row.id, version=row.version - is_stale) for row in some(rows, picks)]

    @rule(move=st.sampled_from(Move), answer=ANSWERS, picks=PICKS, pick=PICK, is_stale=st.booleans(), actor=ACTOR)
    def discrepancies_are_decided(
        self, move: Move, answer: Resolution, picks: list[int], pick: int, is_stale: bool, actor: str
    ) -> None:
        command, seen = self.world.command(move, answer, pick), self.seen(picks, is_stale=is_stale)
        if seen and (done := self.tried(lambda: resolve_discrepancies(self.engine, command, seen, actor=actor))):
            assert done.asked_count == len(seen)
            self.verdicts.append(done)

    @rule(move=st.sampled_from(Move), answer=ANSWERS, pick=PICK, actor=ACTOR)
    def all_of_a_filter_are_decided(self, move: Move, answer: Resolution, pick: int, actor: str) -> None:
        command = self.world.command(move, answer, pick)
        wanted = can_change(command, DiscrepancyFilter(run_id=self.world.run_id))
        shown = totals(self.engine, wanted)
        if shown and (done := self.tried(lambda: decide_on_filter(self.engine, command, wanted, shown, actor=actor))):
            self.verdicts.append(done)

    @precondition(lambda self: self.verdicts)
    @rule(pick=PICK, actor=ACTOR)
    def what_was_decided_is_undone(self, pick: int, actor: str) -> None:
        verdict = one(self.verdicts, pick)
        key = token()
        if verdict.is_undoable and (
            done := self.tried(lambda: undo_decision(self.engine, verdict, action_key=key, actor=actor))
        ):
            self.verdicts.append(done)

    @rule(picks=PICKS, answer=ANSWERS, actor=ACTOR, is_kept=st.booleans())
    def a_sheet_comes_back(self, picks: list[int], answer: Resolution, actor: str, is_kept: bool) -> None:
        wanted = DiscrepancyFilter(run_id=self.world.run_id)
        content = self.tried(lambda: export_triage_sheet(self.engine, wanted, Order(), actor=actor), has_key=False)
        if content is None:
            return
        self.before = everything(self.engine)
        edits = {2 + pick % 8: {"reason": answer.value, "comment": "From the sheet."} for pick in picks}
        content = edited(content, edits)
        if is_kept:
            self.sheets.append((self.world.run_id, content))
            return
        run_id, sent = one([*self.sheets, (self.world.run_id, content)], sum(picks))
        self.tried(lambda: import_triage_sheet(self.engine, run_id, sent, actor=actor), has_key=False)

    # Two people

    @rule(move=st.sampled_from(SettleMove), source=PICKS, reference=PICKS, reason=REASON, actor=ACTOR)
    def a_settlement_is_proposed(
        self, move: SettleMove, source: list[int], reference: list[int], reason: Resolution | None, actor: str
    ) -> None:
        if ask := self.ask(move, source, reference, reason):
            self.tried(lambda: propose_settlement(self.engine, ask, actor=actor))

    @rule(answer=ANSWERS, picks=PICKS, pick=PICK, actor=ACTOR)
    def a_resolution_is_proposed(self, answer: Resolution, picks: list[int], pick: int, actor: str) -> None:
        if seen := self.seen(picks, is_stale=False):
            command = self.world.command(Move.RESOLVE, answer, pick)
            self.tried(lambda: propose_resolution(self.engine, command, seen, actor=actor))

    @rule(pick=PICK, how=st.sampled_from(["approve", "approve", "approve", "reject", "withdraw"]), actor=SECOND)
    def a_proposal_is_decided(self, pick: int, how: str, actor: str) -> None:
        rows = self.world.rows(OWN_PROPOSALS)
        if not rows:
            return
        row = one(rows, pick)
        self.tried(
            {
                "approve": lambda: approve(self.engine, self.evidence, row.id, digest=row.digest, actor=actor),
                "reject": lambda: reject(self.engine, row.id, actor=actor, reason="No."),
                "withdraw": lambda: withdraw(self.engine, row.id, actor=actor),
            }[how]
        )

    # Periods

    @rule(actor=SECOND, last=st.integers(1, 20))
    def a_period_is_signed_off(self, actor: str, last: int) -> None:
        look = partial(
            gather_close,
            self.engine,
            self.evidence,
            reconciliation_id=self.world.pool.id,
            name=self.world.pool.name,
            first_on=on(1),
            last_on=on(last),
        )
        if gathered := self.tried(look, has_key=False):
            key = token()
            self.tried(
                lambda: close_period(
                    self.engine,
                    self.evidence,
                    **look.keywords,
                    shown_digest=gathered.pack.digest,
                    reason="Month end.",
                    action_key=key,
                    actor=actor,
                )
            )

    @rule(actor=SECOND, pick=PICK)
    def a_period_is_opened_again(self, actor: str, pick: int) -> None:
        rows = self.world.rows(
            "select id from period_close where reopens_id is null and reconciliation_id = :id order by id"
        )
        if rows:
            number, key = one(rows, pick).id, token()
            self.tried(lambda: reopen_period(self.engine, number, reason="More came.", action_key=key, actor=actor))

    # Impatience

    @precondition(lambda self: self.commands)
    @rule()
    def the_last_command_is_sent_again(self) -> None:
        """A double click: whatever it answers, nothing is done twice."""
        before = everything(self.engine)
        with suppress(TieoutError):
            self.commands[-1]()
        after = everything(self.engine)
        assert {name for name in after if after[name] != before[name]} == set()

    # What must hold

    @invariant()
    def the_books_do_not_lie(self) -> None:
        if not hasattr(self, "world"):
            return
        now = everything(self.engine)
        changed = {name for name in now if now[name] != self.before.get(name)}
        assert not changed or "audit_event" in changed, f"nobody is told of a change of {changed}"
        self.before = now
        assert broken(self.engine, reconciliation_id=self.world.pool.id, run_id=self.world.run_id) == {}
        if self.world.accounts:
            (row,) = self.world.rows(
                "select balance from account_balance where account_id = :account", account=self.world.accounts[0]
            )
            assert row.balance == self.world.posted(), "the account of losses is not what stands as written off"

    def teardown(self) -> None:
        """Undo all that stands: the newest run is as it was when it was published, and everything can be proved."""
        if not hasattr(self, "world"):
            return
        while found := self.world.decisions():
            undo_settlement(self.engine, found[-1], actor=ADMIN)
        rows = self.world.rows(
            "select d.id, d.version from discrepancy d"
            " join run on run.id = d.run_id and run.published_attempt = d.attempt"
            " where run.reconciliation_id = :id and d.status = 'resolved' order by d.id"
        )
        if rows:
            seen = [Seen(id=row.id, version=row.version) for row in rows]
            command = Command(move=Move.REOPEN, action_key=token())
            assert resolve_discrepancies(self.engine, command, seen, actor=ADMIN).is_complete
        assert broken(self.engine, reconciliation_id=self.world.pool.id, run_id=self.world.run_id) == {}
        assert not self.world.rows(
            "select line from workbench_row w join run on run.id = w.run_id where run.reconciliation_id = :id"
            " and (not w.is_open or w.open_amount <> w.amount or w.opened_by is not null)"
        )
        assert loss(self.engine, self.world.pool.id, "EUR") == 0
        assert verify(self.engine, self.evidence, actor=ADMIN, run_id=self.world.run_id).problems == ()
        self.world.carry(False)
        self.world.run(SOURCE, REFERENCE, rerun_of=self.world.runs[0])
        assert self.world.outcome() == self.untouched, "nothing is left of what was undone"


def test_whatever_people_do_the_books_do_not_lie(engine: Engine, evidence_url: str) -> None:
    Desk.engine, Desk.evidence = engine, Evidence(evidence_url)
    run_state_machine_as_test(
        Desk,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
