"""Debits equal credits: the books as a whole, in each currency, and every entry by itself.

The sum is taken twice, over the journal's lines and over the stored balances: what one of them lost the other may have.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from checks.check import BOTH, Category, Check, Judgement, Scope, Subject, Variance, judgement, rows
from recon.model.checks import CatalogueLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """One currency: lines up to the day with their sum, and the sum of the stored balances. Minor units."""

    currency: str
    line_count: int
    line_total: int
    balance_total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lopsided:
    """An entry whose lines do not sum to zero in a currency."""

    txn_id: int
    source_system: str
    source_txn_id: str
    currency: str
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    totals: tuple[Total, ...]
    lopsided: tuple[Lopsided, ...]


def gather(conn: Connection, scope: Scope) -> Facts:
    """Sums of the book up to the day, and the entries that do not balance."""
    return Facts(
        totals=rows(conn, _TOTALS, scope, Total),
        lopsided=rows(conn, _LOPSIDED, scope, Lopsided),
    )


def judge(facts: Facts) -> Judgement:
    """Every sum must be zero. What the lopsided entries account for is not told again for their currency."""
    entries = [
        Variance(
            subject=Subject(
                txn_id=entry.txn_id,
                source_system=entry.source_system,
                source_txn_id=entry.source_txn_id,
                currency=entry.currency,
            ),
            expected=0,
            actual=entry.total,
            unit=entry.currency,
            note="The lines of this entry do not sum to zero.",
        )
        for entry in facts.lopsided
    ]
    told = {entry.currency for entry in facts.lopsided}
    return judgement(
        examined=sum(total.line_count for total in facts.totals),
        of=("journal line", "journal lines"),
        sound="debits equal credits in every currency",
        failing=(*entries, *_sums(facts.totals, told)),
        currency_count=len(facts.totals),
        journal_difference={total.currency: str(total.line_total) for total in facts.totals if total.line_total},
        balance_difference={total.currency: str(total.balance_total) for total in facts.totals if total.balance_total},
    )


def _sums(totals: tuple[Total, ...], told: set[str]) -> list[Variance]:
    wrong = [("balances", total.currency, total.balance_total) for total in totals]
    wrong += [("journal", total.currency, total.line_total) for total in totals if total.currency not in told]
    return [
        Variance(
            subject=Subject(currency=currency, item=item),
            expected=0,
            actual=amount,
            unit=currency,
            note=f"The sum of all {'stored balances' if item == 'balances' else 'journal lines'} is not zero.",
        )
        for item, currency, amount in wrong
        if amount
    ]


_TOTALS = """
with lines as (select currency, count(*) as line_count, sum(amount) as line_total
                 from journal_line where book = :book and booked_on <= :as_of group by currency),
balances as (select a.currency, sum(b.balance) as balance_total
               from account a join account_balance b on b.account_id = a.id where a.book = :book group by a.currency)
select currency, coalesce(line_count, 0) as line_count, coalesce(line_total, 0) as line_total,
       coalesce(balance_total, 0) as balance_total
  from lines full join balances using (currency) order by currency
"""

_LOPSIDED = """
select l.entry_id as txn_id, e.source_system, e.source_txn_id, l.currency, l.total
  from (select entry_id, currency, sum(amount) as total
          from journal_line where book = :book and booked_on <= :as_of
         group by entry_id, currency having sum(amount) <> 0) as l
  left join journal_entry e on e.id = l.entry_id order by l.entry_id, l.currency
"""

CHECK = Check(
    line=CatalogueLine(
        name="trial_balance_zero",
        category=Category.INTERNAL,
        books=BOTH,
        must_hold="Debits equal credits in each currency, in every entry, and over all balances.",
        guards_against="Half an entry written, a line changed behind the ledger's back, money that came from nowhere.",
        warns_when="Never: a cent too much is a cent too much.",
        fails_when="Any sum differs from zero.",
    ),
    gather=gather,
    judge=judge,
)
