"""A desk of one reconciliation and several people, for tests that do to it whatever comes to mind.

Movements are few and alike on purpose: some share an id, some differ by a little, some have no id and equal amounts,
some are a charge and its reversal, one is in yen. So every way of matching, and of deciding by hand, comes up often.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, Row, text

from recon.errors import TieoutError
from recon.model.correction import Booking, Correction
from recon.model.ledger import AccountType, Book, OpenAccount
from recon.model.people import Deed, Person, PersonRole
from recon.model.settlement import SeenRow
from recon.model.transactions import Side
from recon.model.triage import Command, Move, Resolution
from recon.queries.matched_rows import MatchFilter, matched_rows
from recon.queries.runs import run_detail
from recon.store.evidence import Evidence
from recon.workflows.command_ledger import command_ledger
from recon.workflows.manage_people import list_person, set_limits
from recon.workflows.name_write_off_accounts import name_write_off_accounts
from recon.workflows.prepare_workbench import prepare_workbench
from recon.workflows.save_carrying import CarryChange, save_carrying
from tests.workflows.pool import Pool, row

ADMIN, APPROVER, OPERATORS = "root", "ben", ("ana", "joe")
ACTORS = (*OPERATORS, APPROVER, ADMIN, "viv", "aud", "stranger")
"""Who tries things: the first may most, the last nothing."""

LIMIT = 1_000
"""What one person may write off alone, in minor units; and what they may match or ignore, a hundred times that."""

OWN_ENTRIES = """
    select distinct w.entry_id as id from write_off w
     where w.reconciliation_id = :id and w.entry_id is not null order by 1 desc limit 3"""
"""Entries of write-offs of the reconciliation."""

OWN_PROPOSALS = """
    select p.id, p.digest, p.state from proposal p
     where (p.body ->> 'run_id')::bigint in (select id from run where reconciliation_id = :id)
        or (p.body #>> '{discrepancies,0,0}')::bigint in
           (select d.id from discrepancy d join run on run.id = d.run_id where run.reconciliation_id = :id)
     order by p.state = 'open' desc, p.id limit 3"""
"""What is proposed about rows of the reconciliation, first what is open."""

_serial = itertools.count(1)
_tokens = itertools.count(1)

SOURCE: tuple[dict[str, Any], ...] = (
    row("INV-1", 1_000, 2),
    row("INV-2", 2_500, 2),
    row("INV-3", 700, 3),
    row("Payout of the week", 10_000, 3, payment_ref=None),
    row("Coffee", 300, 4, payment_ref=None),
    row("Coffee", 300, 4, payment_ref=None),
    row("Charge", 450, 5, payment_ref=None, txn_id="S7"),
    row("Charge taken back", -450, 6, payment_ref=None, txn_id="S8"),
    row("Osaka Tools", 900, 6, currency="JPY"),
)
REFERENCE: tuple[dict[str, Any], ...] = (
    row("INV-1", 1_000, 3),
    row("INV-2", 2_300, 3),
    row("INV-3", 703, 3),
    row("First half", 4_000, 14, payment_ref=None),
    row("Second half", 6_000, 14, payment_ref=None),
    row("Coffee", 300, 4, payment_ref=None),
    row("Coffee bar", 300, 4, payment_ref=None),
    row("Fee", -12, 9, payment_ref=None, txn_id="R8"),
    row("Osaka Tools", 890, 6, currency="JPY"),
)


def token(word: str = "key") -> str:
    """A key no form had before."""
    return f"{word} {next(_tokens)}"


@dataclass(kw_only=True)
class World:
    """The reconciliation under test. `run_id`: the published run people look at, 0 before there is one."""

    engine: Engine
    evidence: Evidence
    carries: bool
    run_id: int = 0
    runs: list[int] = field(default_factory=list)
    accounts: tuple[UUID, UUID] | None = None

    def __post_init__(self) -> None:
        self.pool = Pool(engine=self.engine, evidence=self.evidence, source_due_days=2, name=f"Desk {next(_serial)}")
        _list_people(self.engine)
        if not self.carries:
            self.carry(False)

    def carry(self, is_on: bool) -> None:
        save_carrying(self.engine, reconciliation=self.pool.name, change=CarryChange(is_on=is_on), actor=ADMIN)

    def run(self, source: Sequence[Any], reference: Sequence[Any], **asked: Any) -> int:
        """Two files, reconciled and put on the workbench. Their rows are of this desk: equal files are one reading."""
        ours, theirs = ([one | {"kind": self.pool.name} for one in rows] for rows in (source, reference))
        submitted = self.pool.submit(ours, theirs, **asked)
        if not submitted.cached:
            assert self.pool.execute(submitted.run_id).status == "succeeded"
            self.runs.append(submitted.run_id)
            self.run_id = submitted.run_id
        prepare_workbench(self.engine, self.evidence, submitted.run_id)
        return submitted.run_id

    def name_accounts(self) -> None:
        """Losses, and what they are taken from; in euros alone, so that yen have no entry."""
        made = []
        for kind in (AccountType.EXPENSE, AccountType.ASSET):
            command = OpenAccount(key=token("account"), book=Book.UAE, currency="EUR", type=kind, allows_overdraft=True)
            event = command_ledger(self.engine, command, actor=ADMIN, today=datetime.now(UTC).date())
            made.append(event.fact.account_id)  # type: ignore[union-attr]
        self.accounts = (made[0], made[1])
        name_write_off_accounts(
            self.engine, self.run_id, currency="EUR", book=Book.UAE, accounts=self.accounts, actor=ADMIN
        )

    def rows(self, statement: str, **values: Any) -> Sequence[Row[Any]]:
        """What a query finds; `:id` is the reconciliation and `:run` the run that is looked at."""
        with self.engine.connect() as conn:
            return conn.execute(text(statement), {"id": self.pool.id, "run": self.run_id, **values}).all()

    def fitting(self, source: Sequence[str], reference: Sequence[str]) -> tuple[SeenRow, ...]:
        """The open rows of the newest run with these descriptions, as they stand; of equal ones as many as named."""
        rows = self.rows(
            "select side, line, open_amount, description from workbench_row where run_id = :run and is_open"
            " order by side, line desc"
        )
        wanted = [*((Side.SOURCE, said) for said in source), *((Side.REFERENCE, said) for said in reference)]
        own = {key: [row for row in rows if (row.side, row.description) == key] for key in wanted}
        found = [row for key in own for row in own[key][: wanted.count(key)]]
        return tuple(SeenRow(side=Side(row.side), line=row.line, open_amount=row.open_amount) for row in found)

    def command(self, move: Move, answer: Resolution, pick: int) -> Command:
        """A command of triage; what is adjusted, and to whom it goes, is drawn by `pick`."""
        entries = self.rows(OWN_ENTRIES)
        corrections = [None, Correction(booking=Booking.ELSEWHERE)]
        corrections += [Correction(booking=Booking.NAMED, entry_id=entry.id) for entry in entries]
        if self.accounts:
            corrections.append(Correction(booking=Booking.POSTED, accounts=self.accounts))
        is_resolved = move is Move.RESOLVE
        return Command(
            move=move,
            resolution=answer if is_resolved else None,
            correction=corrections[pick % len(corrections)] if is_resolved and answer is Resolution.ADJUSTED else None,
            assignee=(*OPERATORS, None)[pick % 3] if move is Move.ASSIGN else None,
            comment="Because.",
            action_key=token(),
        )

    def posted(self) -> int:
        """What triage and the workbench put into the account of losses and did not take out again."""
        named = self.rows(
            "select coalesce(sum(w.amount), 0) as amount from write_off w"
            " where w.reconciliation_id = :id and w.taken_back_at is null and w.booking = 'posted'"
            " and w.entry_id in (select entry_id from journal_line where account_id = :account)",
            account=self.accounts[0] if self.accounts else None,
        )
        return int(named[0].amount)

    def outcome(self) -> list[Any]:
        """What became of the rows of the newest run, by side and currency, and its discrepancies."""
        return [
            *self.rows(
                "select side, currency, outcome, row_count, amount from run_total where run_id = :run order by 1, 2, 3"
            ),
            *self.rows(
                "select kind, source_line, reference_line, currency, amount, status from discrepancy"
                " where run_id = :run order by kind, source_line, reference_line"
            ),
        ]

    def decisions(self) -> list[int]:
        """Those that stand, of the workbench."""
        rows = self.rows(
            "select d.id from decision d join settlement s on s.decision_id = d.id"
            " where d.reconciliation_id = :id and d.revoked_at is null order by d.id"
        )
        return [row.id for row in rows]

    def booked(self) -> list[tuple[int, int]]:
        """Lines of the newest run that are in a match."""
        detail = run_detail(self.engine, self.run_id)
        found = matched_rows(self.evidence, detail, MatchFilter(), limit=50)
        return [(row.source_line, row.reference_line) for row in found]


def refused_or_done(action: Callable[[], Any]) -> Any:
    """What the action gave, or the sentence it was refused with."""
    try:
        return action()
    except TieoutError as problem:
        return problem


def varied(rows: Sequence[dict[str, Any]], chosen: Sequence[int], amended: Sequence[int]) -> list[dict[str, Any]]:
    """The chosen rows in that order; what is amended says another amount."""
    return [rows[at] | ({"amount": rows[at]["amount"] + 5} if at in amended else {}) for at in chosen]


def on(day: int) -> date:
    return date(2026, 3, day)


def _list_people(engine: Engine) -> None:
    with engine.connect() as conn:
        if conn.execute(text("select count(*) from person")).scalar_one():
            return
    list_person(engine, Person(name=ADMIN, role=PersonRole.ADMIN), actor=ADMIN)
    roles = {
        **dict.fromkeys(OPERATORS, PersonRole.OPERATOR),
        APPROVER: PersonRole.APPROVER,
        "viv": PersonRole.VIEWER,
        "aud": PersonRole.AUDITOR,
    }
    for name, role in roles.items():
        list_person(engine, Person(name=name, role=role), actor=ADMIN)
    set_limits(engine, Deed.WRITE_OFF, above={"EUR": LIMIT, "JPY": LIMIT}, actor=ADMIN)
    set_limits(engine, Deed.UNMATCH, above={"EUR": 2_000}, actor=ADMIN)
