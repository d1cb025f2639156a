"""The ledger's laws under commands in any order, held against a model that is nothing but a dictionary of balances.

After every step: balances are the model's, all of a book and currency sum to zero, no protected balance is overdrawn; a
command that was refused left every table as it was, and one sent again gave its first answer and changed nothing. At
the end, a replay of the events gives what is stored.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import hypothesis
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine

from recon.errors import TieoutError
from recon.ledger.refusals import KeyReused
from recon.model.ledger import (
    AccountOpened,
    AccountType,
    Book,
    Command,
    LedgerEvent,
    OpenAccount,
    PostEntry,
    ReverseEntry,
    Transfer,
    WantedLine,
)
from recon.money import to_text
from recon.queries.ledger import account_balances
from recon.workflows.replay_ledger import replay_ledger
from recon.workflows.trial_balance import trial_balance_as_of
from tests.ledger.builders import TODAY, Ledger, contents

DEBIT_NORMAL = ("asset", "expense", "user")
AMOUNTS = st.integers(min_value=-2, max_value=20)
"""In minor units, some of them no amounts at all; small, so that balances run out."""


def machine(engine: Engine) -> type[RuleBasedStateMachine]:
    """Of this database; every example goes on where the last one left it, with accounts of its own."""

    class Laws(RuleBasedStateMachine):
        accounts = Bundle("accounts")
        entries = Bundle("entries")

        def __init__(self) -> None:
            super().__init__()
            self.ledger = Ledger(engine)
            self.opened: dict[UUID, OpenAccount] = {}
            self.balances: dict[UUID, int] = {}
            self.posted: dict[int, dict[UUID, int]] = {}
            self.reversed: set[int] = set()
            self.done: list[tuple[Command, LedgerEvent]] = []

        def send(self, command: Command, *, may: bool) -> LedgerEvent | None:
            """The event, or None when refused; which of both must be what the model says."""
            if may:
                event = self.ledger.send(command)
                self.done.append((command, event))
                return event
            before = contents(engine)
            with pytest.raises(TieoutError):
                self.ledger.send(command)
            assert contents(engine) == before
            return None

        def posts(self, command: Any, changes: dict[UUID, int], *, may: bool) -> Any:
            event = self.send(command, may=may and all(self.may_change(*change) for change in changes.items()))
            if event is None:
                return multiple()
            for account, amount in changes.items():
                self.balances[account] += amount
            self.posted[event.id] = changes
            return event.id

        def may_change(self, account: UUID, amount: int) -> bool:
            opened = self.opened[account]
            left = self.balances[account] + amount
            return opened.allows_overdraft or (left >= 0 if opened.type in DEBIT_NORMAL else left <= 0)

        def alike(self, *accounts: UUID) -> bool:
            return len({(self.opened[a].book, self.opened[a].currency) for a in accounts}) == 1

        @initialize(target=accounts)
        def one_that_may_be_overdrawn(self) -> UUID:
            return self.open_account(Book.UAE, "USD", AccountType.LIABILITY, True)

        @rule(
            target=accounts,
            book=st.sampled_from([Book.UAE, Book.UAE, Book.INDIA]),
            currency=st.sampled_from(["USD", "USD", "JPY"]),
            type_=st.sampled_from(AccountType),
            overdraft=st.booleans(),
        )
        def open(self, book: Book, currency: str, type_: AccountType, overdraft: bool) -> UUID:
            return self.open_account(book, currency, type_, overdraft)

        def open_account(self, book: Book, currency: str, type_: AccountType, overdraft: bool) -> UUID:
            command = OpenAccount(key=uuid4().hex, book=book, currency=currency, type=type_, allows_overdraft=overdraft)
            event = self.send(command, may=True)
            assert event is not None
            assert isinstance(event.fact, AccountOpened)
            self.opened[event.fact.account_id] = command
            self.balances[event.fact.account_id] = 0
            return event.fact.account_id

        @rule(target=entries, source=accounts, destination=accounts, amount=AMOUNTS)
        def transfer(self, source: UUID, destination: UUID, amount: int) -> Any:
            currency = self.opened[source].currency
            command = Transfer(
                key=uuid4().hex,
                source_account_id=source,
                destination_account_id=destination,
                amount=to_text(amount, currency),
                currency=currency,
            )
            may = amount > 0 and source != destination and self.alike(source, destination)
            return self.posts(command, {source: -amount, destination: amount}, may=may)

        @rule(
            target=entries,
            first=accounts,
            others=st.lists(st.tuples(accounts, AMOUNTS), min_size=1, max_size=3),
            surplus=st.sampled_from([0, 0, 0, 1]),
        )
        def post(self, first: UUID, others: list[tuple[UUID, int]], surplus: int) -> Any:
            amounts = [(first, surplus - sum(amount for _, amount in others)), *others]
            lines = tuple(
                WantedLine(account_id=a, amount=to_text(n, self.opened[a].currency), currency=self.opened[a].currency)
                for a, n in amounts
            )
            changes: dict[UUID, int] = {}
            for account, amount in amounts:
                changes[account] = changes.get(account, 0) + amount
            may = not surplus and all(amount for _, amount in amounts) and self.alike(*changes)
            return self.posts(PostEntry(key=uuid4().hex, book=self.opened[first].book, lines=lines), changes, may=may)

        @rule(target=entries, entry=entries)
        def reverse(self, entry: int) -> Any:
            changes = {account: -amount for account, amount in self.posted[entry].items()}
            posted = self.posts(ReverseEntry(key=uuid4().hex, entry_id=entry), changes, may=entry not in self.reversed)
            if isinstance(posted, int):
                self.reversed.add(entry)
            return posted

        @rule(account=accounts, amount=st.sampled_from(["NaN", "1e2", "0.001", "1,00", "", "-0"]))
        def nonsense(self, account: UUID, amount: str) -> None:
            command = Transfer(
                key=uuid4().hex,
                source_account_id=account,
                destination_account_id=uuid4(),
                amount=amount,
                currency=self.opened[account].currency,
            )
            self.send(command, may=False)

        @rule(drawn=st.data())
        def send_again(self, drawn: st.DataObject) -> None:
            command, event = drawn.draw(st.sampled_from(self.done))
            before = contents(engine)
            assert self.ledger.send(command) == event
            with pytest.raises(KeyReused):
                self.ledger.send(replace(command, metadata={"another": "command"}))
            assert contents(engine) == before

        @invariant()
        def balances_are_the_models(self) -> None:
            stored = {found.id: found.balance for found in account_balances(engine)}
            assert {account: stored[account] for account in self.balances} == self.balances

        @invariant()
        def every_book_and_currency_sums_to_zero(self) -> None:
            assert all(line.difference == 0 for line in trial_balance_as_of(engine))
            assert all(line.difference == 0 for line in trial_balance_as_of(engine, as_of=TODAY - timedelta(days=1)))

        def teardown(self) -> None:
            assert not replay_ledger(engine).differences

    return Laws


def test_no_order_of_commands_breaks_a_law(engine: Engine) -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        machine(engine),
        settings=hypothesis.settings(
            max_examples=15, stateful_step_count=20, suppress_health_check=list(hypothesis.HealthCheck)
        ),
    )
