"""How many transfers a second the ledger carries, beside the same transfers as bare hand-written SQL in the same run.

Many threads over few accounts, so that most of them want the same rows. Bare means: lock both balances, look, and write
entry, lines and balances in one statement, with none of the ledger's events, keys, checks at commit or refusals. Both
take connections from the same pool, and work on a PostgreSQL of their own in a temporary folder that is gone
afterwards: events cannot be deleted.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final, cast
from uuid import UUID

import psycopg
from sqlalchemy import Engine, text

from recon.config import settings
from recon.ledger.refusals import LedgerRefusal
from recon.model.books import AddCustomer, CustomerAdded, OpenWallet
from recon.model.ledger import AccountOpened, AccountType, Book, OpenAccount, Transfer
from recon.money import to_text
from recon.store import roles
from recon.store.embedded import serving
from recon.store.engine import connect
from recon.store.migrate import migrate
from recon.workflows.command_ledger import command_ledger

ACTOR: Final = "bench"
DAY: Final = date(2026, 3, 31)
CURRENCY: Final = "USD"
FUNDS: Final = 10_000_00
LARGEST: Final = 100_00
TURNS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One transfer of the plan: positions of its accounts, and minor units."""

    source: int
    destination: int
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What came of all moves."""

    seconds: float
    posted_count: int
    refused_count: int
    total: int  # of all balances, in minor units: zero
    lowest: int  # the smallest balance of an account that may not be overdrawn

    @property
    def per_second(self) -> float:
        return (self.posted_count + self.refused_count) / self.seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerBench:
    transfer_count: int
    thread_count: int
    account_count: int
    ledger: Carried
    bare: Carried
    deadlock_count: int

    def document(self) -> dict[str, Any]:
        """What `--json` prints."""
        sides = {"ledger": self.ledger, "bare_sql": self.bare}
        return {
            "transfers": self.transfer_count,
            "threads": self.thread_count,
            "accounts": self.account_count,
            "ratio": self.ratio,
            "deadlocks": self.deadlock_count,
        } | {name: asdict(side) | {"per_second": side.per_second} for name, side in sides.items()}

    @property
    def ratio(self) -> float:
        """The ledger's transfers per second over the bare ones."""
        return self.ledger.per_second / self.bare.per_second


def bench_ledger(
    engine: Engine, transfers: int, *, threads: int = 32, accounts: int = 20, seed: int = 7
) -> LedgerBench:
    """Carry the same transfers in both ways, in turns of a tenth, so that a busy machine slows both alike.

    The database is filled for good: give it one of its own (`own_database`).
    """
    moves = _plan(transfers, accounts, seed)
    ways: dict[str, _LedgerWay | _BareWay] = {
        "ledger": _LedgerWay(engine, accounts),
        "bare": _BareWay(engine, accounts),
    }
    seconds = dict.fromkeys(ways, 0.0)
    posted = dict.fromkeys(ways, 0)
    step = max(1, len(moves) // TURNS)
    for start in range(0, len(moves), step):
        for name, way in ways.items():
            began = time.perf_counter()
            posted[name] += _in_threads(moves[start : start + step], way.carry, threads)
            seconds[name] += time.perf_counter() - began
    carried = {
        name: _carried(engine, way.BALANCES, seconds[name], posted[name], transfers) for name, way in ways.items()
    }
    return LedgerBench(
        transfer_count=transfers,
        thread_count=threads,
        account_count=accounts,
        ledger=carried["ledger"],
        bare=carried["bare"],
        deadlock_count=_deadlocks(engine),
    )


@contextmanager
def own_database() -> Iterator[Engine]:
    """A PostgreSQL in a temporary folder, migrated and empty; started here and gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="tieout-bench-") as folder:
        chosen = settings().model_copy(update={"database_url": None, "home": Path(folder)})
        with serving(chosen):
            engine = connect(chosen)
            try:
                migrate(engine)
                yield engine
            finally:
                engine.dispose()


class _LedgerWay:
    """As the product does it."""

    BALANCES = "select sum(balance), min(balance) filter (where protected_side = 1) from account_balance"

    def __init__(self, engine: Engine, accounts: int) -> None:
        self.engine = engine
        bank = self._open("bank", is_bank=True)
        self.ids = [self._open(f"account {n}") for n in range(accounts)]
        for n, account in enumerate(self.ids):
            self._make_wallet(n, account)
            self._transfer(f"fund {n}", bank, account, FUNDS)

    def carry(self, moves: Sequence[tuple[int, Move]]) -> int:
        done = 0
        for number, move in moves:
            try:
                self._transfer(f"move {number}", self.ids[move.source], self.ids[move.destination], move.amount)
                done += 1
            except LedgerRefusal:
                continue
        return done

    def _open(self, key: str, *, is_bank: bool = False) -> UUID:
        type_ = AccountType.LIABILITY if is_bank else AccountType.USER
        command = OpenAccount(key=key, book=Book.UAE, currency=CURRENCY, type=type_, allows_overdraft=is_bank)
        fact = command_ledger(self.engine, command, actor=ACTOR, today=DAY).fact
        assert isinstance(fact, AccountOpened)
        return fact.account_id

    def _make_wallet(self, number: int, account_id: UUID) -> None:
        """Each is a customer's, so that every transfer keeps the balances of two wallets too."""
        ref = f"customer {number}"
        added = AddCustomer(key=ref, book=Book.UAE, external_ref=ref, name=ref)
        fact = command_ledger(self.engine, added, actor=ACTOR, today=DAY).fact
        assert isinstance(fact, CustomerAdded)
        command = OpenWallet(key=f"wallet {number}", customer_id=fact.customer_id, account_id=account_id)
        command_ledger(self.engine, command, actor=ACTOR, today=DAY)

    def _transfer(self, key: str, source: UUID, destination: UUID, amount: int) -> None:
        command = Transfer(
            key=key,
            source_account_id=source,
            destination_account_id=destination,
            amount=to_text(amount, CURRENCY),
            currency=CURRENCY,
        )
        command_ledger(self.engine, command, actor=ACTOR, today=DAY)


class _BareWay:
    """As one writes it by hand for the driver."""

    BALANCES = "select sum(balance), min(balance) filter (where id > 0) from bare_account"
    TABLES = """
        create table bare_account (id bigint primary key, balance bigint not null) with (fillfactor = 50);
        create table bare_entry (id bigint generated always as identity primary key, booked_on date not null);
        create table bare_line (entry_id bigint references bare_entry, account_id bigint references bare_account,
                                amount bigint not null);
        create index on bare_line (account_id)
    """
    LOCK = "select id, balance from bare_account where id = any(%s) order by id for no key update"
    WRITE = """
        with entry as (insert into bare_entry (booked_on) values (%(day)s) returning id),
        line as (insert into bare_line select id, %(out)s, -%(amount)s::bigint from entry
                 union all select id, %(into)s, %(amount)s::bigint from entry)
        update bare_account
           set balance = balance + case id when %(out)s then -%(amount)s::bigint else %(amount)s::bigint end
         where id in (%(out)s, %(into)s)
    """

    def __init__(self, engine: Engine, accounts: int) -> None:
        self.engine = engine
        with engine.begin() as conn:
            roles.as_owner(conn)
            conn.exec_driver_sql(self.TABLES)
            conn.exec_driver_sql("grant all on bare_account, bare_entry, bare_line to public")
            conn.exec_driver_sql("insert into bare_account values (0, %s)", (-FUNDS * accounts,))
            conn.exec_driver_sql("insert into bare_account select generate_series(1, %s), %s", (accounts, FUNDS))

    def carry(self, moves: Sequence[tuple[int, Move]]) -> int:
        return sum(self._transfer(move.source + 1, move.destination + 1, move.amount) for _, move in moves)

    def _transfer(self, source: int, destination: int, amount: int) -> bool:
        pooled = self.engine.raw_connection()
        try:
            conn = cast(psycopg.Connection, pooled.driver_connection)
            with conn.transaction():
                balances: dict[int, int] = dict(conn.execute(self.LOCK, ([source, destination],)).fetchall())
                if balances[source] < amount:
                    return False
                conn.execute(self.WRITE, {"day": DAY, "out": source, "into": destination, "amount": amount})
                return True
        finally:
            pooled.close()


def _plan(transfers: int, accounts: int, seed: int) -> list[tuple[int, Move]]:
    drawn = random.Random(seed)  # noqa: S311 - a plan, not a secret
    plan = []
    for number in range(transfers):
        source, destination = drawn.sample(range(accounts), 2)
        plan.append((number, Move(source=source, destination=destination, amount=drawn.randint(1, LARGEST))))
    return plan


def _in_threads(
    moves: Sequence[tuple[int, Move]], carry: Callable[[Sequence[tuple[int, Move]]], int], threads: int
) -> int:
    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(carry, [moves[n::threads] for n in range(threads)]))


def _carried(engine: Engine, balances: str, seconds: float, posted: int, asked: int) -> Carried:
    with engine.connect() as conn:
        total, lowest = conn.execute(text(balances)).one()
    return Carried(
        seconds=seconds, posted_count=posted, refused_count=asked - posted, total=int(total), lowest=int(lowest)
    )


def _deadlocks(engine: Engine) -> int:
    with engine.connect() as conn:
        found: Any = conn.execute(
            text("select deadlocks from pg_stat_database where datname = current_database()")
        ).scalar_one()
    return int(found)
