"""Debits and credits are where they belong: out of a transfer's source, and no protected account beyond zero."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, text

from checks.check import BOTH, Category, Check, Judgement, Scope, Subject, Variance, judgement, rows
from recon.model.checks import CatalogueLine


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongSide:
    """A protected account on the wrong side of zero: as stored now, or only by its lines up to the day."""

    account_id: UUID
    currency: str
    type: str
    balance: int
    is_stored: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Turned:
    """What the journal has of a transfer for an account, where that is not what it moved: minus at its source."""

    txn_id: int
    source_system: str
    source_txn_id: str
    account_id: UUID
    currency: str
    expected: int
    actual: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    account_count: int
    transfer_count: int
    wrong_side: tuple[WrongSide, ...]
    turned: tuple[Turned, ...]


def gather(conn: Connection, scope: Scope) -> Facts:
    """Protected accounts beyond zero, and transfers whose lines say something else."""
    counts = conn.execute(text(_COUNTS), scope.named).one()
    return Facts(
        account_count=counts.account_count,
        transfer_count=counts.transfer_count,
        wrong_side=rows(conn, _WRONG_SIDE, scope, WrongSide),
        turned=rows(conn, _TURNED, scope, Turned),
    )


def judge(facts: Facts) -> Judgement:
    """A turned line and a stored balance on the wrong side fail; a day on which only the dates are at odds warns."""
    sides = {is_stored: [w for w in facts.wrong_side if w.is_stored is is_stored] for is_stored in (True, False)}
    return judgement(
        examined=facts.account_count + facts.transfer_count,
        of=("account or transfer", "accounts and transfers"),
        sound="every debit and credit is on its side",
        failing=[*map(_turned, facts.turned), *map(_wrong_side, sides[True])],
        warning=[_wrong_side(wrong) for wrong in sides[False]],
        account_count=facts.account_count,
        transfer_count=facts.transfer_count,
    )


def _turned(line: Turned) -> Variance:
    return Variance(
        subject=Subject(
            account_id=line.account_id,
            currency=line.currency,
            txn_id=line.txn_id,
            source_system=line.source_system,
            source_txn_id=line.source_txn_id,
        ),
        expected=line.expected,
        actual=line.actual,
        unit=line.currency,
        note="What the journal has for this account is not what the transfer moved.",
    )


def _wrong_side(account: WrongSide) -> Variance:
    return Variance(
        subject=Subject(account_id=account.account_id, currency=account.currency),
        expected=0,
        actual=account.balance,
        unit=account.currency,
        note=f"This {account.type} account allows no overdraft."
        if account.is_stored
        else f"This {account.type} account is overdrawn on the day, though not today: entries are booked out of order.",
    )


_COUNTS = """
select (select count(*) from account where book = :book) as account_count,
       (select count(*) from ledger_event where book = :book and kind = 'TransferPosted') as transfer_count
"""

_WRONG_SIDE = """
with sides as (
    select id, currency, type, case when type in ('liability', 'income', 'equity') then -1 else 1 end as side
      from account where book = :book and not allows_overdraft),
on_day as (
    select account_id, sum(amount) as balance from journal_line where book = :book and booked_on <= :as_of
     group by account_id)
select s.id as account_id, s.currency, s.type,
       case when b.balance * side < 0 then b.balance else d.balance end as balance, b.balance * side < 0 as is_stored
  from sides s join account_balance b on b.account_id = s.id left join on_day d on d.account_id = s.id
 where b.balance * side < 0 or d.balance * side < 0
 order by s.id
"""

_TURNED = """
with moved as (
    select id, body ->> 'source_system' as source_system, body ->> 'source_txn_id' as source_txn_id,
           (body ->> 'amount')::numeric as amount, body ->> 'currency' as currency,
           (body ->> 'source_account_id')::uuid as source, (body ->> 'destination_account_id')::uuid as destination
      from ledger_event where book = :book and kind = 'TransferPosted'),
wanted as (
    select id, source_system, source_txn_id, currency, source as account_id, -amount as expected from moved
    union all
    select id, source_system, source_txn_id, currency, destination, amount from moved)
select w.id as txn_id, w.source_system, w.source_txn_id, w.account_id, w.currency, w.expected,
       coalesce(l.amount, 0) as actual
  from wanted w left join (
       select entry_id, account_id, sum(amount) as amount from journal_line where book = :book
        group by entry_id, account_id) as l on l.entry_id = w.id and l.account_id = w.account_id
 where coalesce(l.amount, 0) <> w.expected order by w.id, w.expected
"""

CHECK = Check(
    line=CatalogueLine(
        name="dr_cr_sign_convention",
        category=Category.INTERNAL,
        books=BOTH,
        must_hold="Out of an account is a credit, into it a debit, and no account without overdraft is beyond zero.",
        guards_against="Source and destination mixed up, a sign lost on the way, an overdraft nobody allowed.",
        warns_when="An account is overdrawn on the day alone, because entries are booked out of order.",
        fails_when="A transfer's line has another sign or amount, or a protected balance is on the wrong side.",
    ),
    gather=gather,
    judge=judge,
)
