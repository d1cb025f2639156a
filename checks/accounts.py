"""An account's stored balance is the sum of its lines: over every account, every balance and every line there is."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, text

from checks.check import BOTH, Category, Check, Judgement, Scope, Subject, Variance, judgement, rows
from recon.model.checks import CatalogueLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Off:
    """An account whose stored balance is not the sum of its lines, or that lacks one. Minor units."""

    account_id: UUID
    currency: str
    has_account: bool
    has_balance: bool
    total: int
    stored: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    account_count: int
    off: tuple[Off, ...]


def gather(conn: Connection, scope: Scope) -> Facts:
    """Balances against lines over the union of accounts, all lines whatever their day: a balance has them all."""
    return Facts(account_count=conn.execute(text(_COUNT), scope.named).scalar_one(), off=rows(conn, _OFF, scope, Off))


def judge(facts: Facts) -> Judgement:
    """A missing balance is a fault even where it would be zero."""
    return judgement(
        examined=facts.account_count,
        of=("account", "accounts"),
        sound="each stored balance is the sum of its lines",
        failing=[_variance(account) for account in facts.off],
    )


def _variance(account: Off) -> Variance:
    note = None
    if not account.has_account:
        note = "The journal has lines for an account that does not exist."
    elif not account.has_balance:
        note = "The account has no stored balance."
    return Variance(
        subject=Subject(account_id=account.account_id, currency=account.currency),
        expected=account.total,
        actual=account.stored,
        unit=account.currency,
        note=note,
    )


_COUNT = "select count(*) from account where book = :book"

_OFF = """
with lines as (
    select account_id, currency, sum(amount) as total from journal_line where book = :book
     group by account_id, currency)
select coalesce(a.id, l.account_id) as account_id, coalesce(a.currency, l.currency) as currency,
       a.id is not null as has_account, b.account_id is not null as has_balance,
       coalesce(l.total, 0) as total, coalesce(b.balance, 0) as stored
  from (select * from account where book = :book) a
  full join lines l on l.account_id = a.id and l.currency = a.currency
  left join account_balance b on b.account_id = a.id
 where a.id is null or b.account_id is null or b.balance <> coalesce(l.total, 0)
 order by 1, 2
"""

CHECK = Check(
    line=CatalogueLine(
        name="account_totals",
        category=Category.DERIVATION,
        books=BOTH,
        must_hold="Every account has a stored balance, and it is the sum of its journal lines.",
        guards_against="A balance changed without an entry, or an entry whose balance was never brought up to date.",
        warns_when="Never.",
        fails_when="Any balance differs by a minor unit, or is missing, or lines belong to no account.",
    ),
    gather=gather,
    judge=judge,
)
