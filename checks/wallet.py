"""A wallet holds what the journal put into it: its stored balance is the sum of its account's lines."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, text

from checks.check import BOTH, Category, Check, Judgement, Scope, Subject, Variance, judgement, rows
from recon.model.checks import CatalogueLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Underived:
    """A wallet whose balance does not follow from the journal, or that has no account of type user. Minor units."""

    customer: str
    account_id: UUID
    currency: str
    type: str | None
    derived: int
    stored: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    wallet_count: int
    underived: tuple[Underived, ...]


def gather(conn: Connection, scope: Scope) -> Facts:
    """Wallets against the lines of their accounts, all lines whatever their day: a balance has them all."""
    return Facts(
        wallet_count=conn.execute(text(_COUNT), scope.named).scalar_one(),
        underived=rows(conn, _UNDERIVED, scope, Underived),
    )


def judge(facts: Facts) -> Judgement:
    """A cent that the journal does not explain is a fault."""
    return judgement(
        examined=facts.wallet_count,
        of=("wallet", "wallets"),
        sound="each balance is the sum of its entries",
        failing=[_variance(wallet) for wallet in facts.underived],
    )


def _variance(wallet: Underived) -> Variance:
    return Variance(
        subject=Subject(account_id=wallet.account_id, customer=wallet.customer, currency=wallet.currency),
        expected=wallet.derived,
        actual=wallet.stored,
        unit=wallet.currency,
        note=None if wallet.type == "user" else "The wallet's account is not one of a customer.",
    )


_COUNT = "select count(*) from wallet where book = :book"

_UNDERIVED = """
with lines as (select account_id, sum(amount) as derived from journal_line where book = :book group by account_id)
select c.external_ref as customer, w.account_id, w.currency, a.type, coalesce(l.derived, 0) as derived,
       w.balance as stored
  from wallet w join customer c on c.id = w.customer_id
  left join account a on a.id = w.account_id left join lines l on l.account_id = w.account_id
 where w.book = :book and (w.balance <> coalesce(l.derived, 0) or a.type is distinct from 'user')
 order by c.external_ref, w.currency
"""

CHECK = Check(
    line=CatalogueLine(
        name="wallet_derivation",
        category=Category.DERIVATION,
        books=BOTH,
        must_hold="A wallet's balance is the sum of its account's journal lines.",
        guards_against="A wallet credited without an entry, an entry that missed its wallet, one booked twice.",
        warns_when="Never.",
        fails_when="Any wallet differs by a minor unit, or is kept in an account that is no customer's.",
    ),
    gather=gather,
    judge=judge,
)
