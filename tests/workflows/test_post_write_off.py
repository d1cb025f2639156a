"""A write-off is an entry of the ledger that names its decision, and is reversed with it."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import Engine, select

from recon.errors import SettlementRefused, TieoutError
from recon.model.ledger import AccountType, Book, OpenAccount
from recon.model.settlement import SettleMove
from recon.model.transactions import Side
from recon.model.triage import Command, Move, Resolution, Seen
from recon.queries.settled_rows import decided_lines, decided_since
from recon.store.evidence import Evidence
from recon.store.ledger_tables import account_balance, journal_entry, ledger_event
from recon.workflows.command_ledger import command_ledger
from recon.workflows.name_write_off_accounts import name_write_off_accounts
from recon.workflows.resolve_discrepancies import resolve_discrepancies
from recon.workflows.settle_rows import settle_rows
from recon.workflows.undo_settlement import undo_settlement
from tests.workflows.bench import ask, opened, row, statuses
from tests.workflows.test_settle_machine import rows

TODAY = datetime.now(UTC).date()
_BALANCES = select(account_balance.c.account_id, account_balance.c.balance)


@pytest.fixture
def run_id(engine: Engine, evidence: Evidence) -> int:
    return opened(engine, evidence)


@pytest.fixture
def accounts(engine: Engine) -> tuple[UUID, UUID]:
    """Losses, and what they are taken from."""
    made = []
    for key, kind in (("losses", AccountType.EXPENSE), ("receivable", AccountType.ASSET)):
        command = OpenAccount(key=key, book=Book.UAE, currency="EUR", type=kind, allows_overdraft=True)
        event = command_ledger(engine, command, actor="ana", today=TODAY)
        made.append(event.fact.account_id)  # type: ignore[union-attr]
    return made[0], made[1]


def balances(engine: Engine, accounts: tuple[UUID, UUID]) -> list[int]:
    with engine.connect() as conn:
        found = {id_: balance for id_, balance in conn.execute(_BALANCES)}  # noqa: C416 - a row is no pair to a type checker
    return [found[id_] for id_ in accounts]


def test_a_loss_is_a_debit_and_undoing_it_reverses_the_entry(
    engine: Engine, run_id: int, accounts: tuple[UUID, UUID]
) -> None:
    name_write_off_accounts(engine, run_id, currency="EUR", book=Book.UAE, accounts=accounts, actor="ana")
    wanted = ask(engine, run_id, SettleMove.MATCH, source=[3], reference=[3], reason_code=Resolution.FEE)
    done = settle_rows(engine, wanted, actor="ana")
    assert balances(engine, accounts) == [200, -200]
    (line,) = decided_lines(engine, run_id)
    assert (line.entry_ids, line.reason_code) == (done.entry_ids, "fee")
    with engine.connect() as conn:
        entry = conn.execute(select(journal_entry).where(journal_entry.c.id == done.entry_ids[0])).one()
    assert (entry.source_txn_id, entry.metadata) == (
        f"decision {done.decision_id} EUR",
        {"decision_id": done.decision_id, "reason_code": "fee"},
    )
    number = next(id_ for id_, (status, _) in statuses(engine, run_id).items() if status == "resolved")
    reopen = Command(move=Move.REOPEN, action_key="reopen")
    resolve_discrepancies(engine, reopen, [Seen(id=number, version=2)], actor="ana")
    assert balances(engine, accounts) == [0, 0]
    with engine.connect() as conn:
        kinds = conn.execute(select(ledger_event.c.kind).order_by(ledger_event.c.id)).scalars().all()
    assert kinds[-2:] == ["EntryPosted", "EntryReversed"]


def test_a_row_written_off_is_told_beside_the_proof(engine: Engine, run_id: int, accounts: tuple[UUID, UUID]) -> None:
    name_write_off_accounts(engine, run_id, currency="EUR", book=Book.UAE, accounts=accounts, actor="ana")
    wanted = ask(engine, run_id, SettleMove.WRITE_OFF, source=[7], reason_code=Resolution.DATA_ISSUE)
    settle_rows(engine, wanted, actor="ana")
    assert balances(engine, accounts) == [-778, 778]
    assert [(one.kind, one.currency, one.row_count, one.amount) for one in decided_since(engine, run_id)] == [
        ("write_off", "EUR", 1, -778)
    ]


def test_without_accounts_it_is_recorded_and_not_posted(engine: Engine, run_id: int) -> None:
    wanted = ask(engine, run_id, SettleMove.WRITE_OFF, source=[8], reason_code=Resolution.ROUNDING)
    done = settle_rows(engine, wanted, actor="ana")
    assert (done.entry_ids, done.lacks_accounts) == ((), True)


def test_only_two_accounts_of_the_book_and_currency_are_named(
    engine: Engine, run_id: int, accounts: tuple[UUID, UUID]
) -> None:
    for currency, book in (("JPY", Book.UAE), ("EUR", Book.INDIA)):
        with pytest.raises(SettlementRefused, match="two accounts"):
            name_write_off_accounts(engine, run_id, currency=currency, book=book, accounts=accounts, actor="ana")


def test_what_the_ledger_refuses_is_not_settled(engine: Engine, run_id: int) -> None:
    made = []
    for key in ("cash", "bank"):
        command = OpenAccount(key=key, book=Book.UAE, currency="EUR", type=AccountType.ASSET)
        made.append(command_ledger(engine, command, actor="ana", today=TODAY).fact.account_id)  # type: ignore[union-attr]
    name_write_off_accounts(engine, run_id, currency="EUR", book=Book.UAE, accounts=(made[0], made[1]), actor="ana")
    wanted = ask(engine, run_id, SettleMove.MATCH, source=[3], reference=[3], reason_code=Resolution.FEE)
    with pytest.raises(TieoutError, match=r"2\.00"):
        settle_rows(engine, wanted, actor="ana")
    assert row(engine, run_id, wanted.rows[0].side, 3).is_open


def test_of_a_row_settled_in_part_triage_writes_off_the_rest_and_no_more(
    engine: Engine, evidence: Evidence, accounts: tuple[UUID, UUID]
) -> None:
    run_id = opened(engine, evidence, source=rows("s"), reference=rows("r"))
    name_write_off_accounts(engine, run_id, currency="EUR", book=Book.UAE, accounts=accounts, actor="ana")
    split = settle_rows(engine, ask(engine, run_id, SettleMove.SPLIT, source=[4], reference=[3]), actor="ana")
    number = row(engine, run_id, Side.SOURCE, 4).discrepancy_id
    assert number is not None
    command = Command(move=Move.RESOLVE, resolution=Resolution.WRITTEN_OFF, action_key="rest")
    resolve_discrepancies(engine, command, [Seen(id=number, version=1)], actor="ana")
    assert balances(engine, accounts) == [100, -100]
    with pytest.raises(TieoutError, match="Reopen it there first"):
        undo_settlement(engine, split.decision_id, actor="ana")
    reopen = Command(move=Move.REOPEN, action_key="again")
    resolve_discrepancies(engine, reopen, [Seen(id=number, version=2)], actor="ana")
    assert balances(engine, accounts) == [0, 0]
    assert row(engine, run_id, Side.SOURCE, 4).open_amount == 300
