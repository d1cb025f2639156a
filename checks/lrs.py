"""Every remittance under India's scheme (LRS) reached the customer's account with ViewTrade, and nothing else did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection

from checks.check import BOTH, Category, Check, CheckBook, Judgement, Scope, Subject, Variance, rows
from checks.external import OPEN_FLOWS, OpenFlow, customers_of, judge_external, stated
from recon.connectors.brokers import BrokerStatement, Wanted
from recon.ledger.tie_out import Tied, tie_out
from recon.model.books import Broker, FlowKind
from recon.model.checks import CatalogueLine

ARRIVES_DAYS: Final = 3
"""A remittance that young may not have reached the broker yet."""

Key = tuple[str, str, str]
"""Customer, the broker's reference, currency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remittance:
    """One sent by the day. `amount` in minor units: what should be with the broker, 0 when it came back."""

    customer: str
    ref: str
    currency: str
    amount: int
    is_returned: bool
    is_young: bool
    sent_on: date
    entry_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    statement: BrokerStatement
    remittances: tuple[Remittance, ...]
    flows: tuple[OpenFlow, ...]


def gather(conn: Connection, scope: Scope) -> Facts:
    """Remittances to ViewTrade and the open flows, beside the deposits the broker has received."""
    sent = rows(conn, _REMITTANCES, scope, Remittance, broker=Broker.VIEWTRADE.value, days=ARRIVES_DAYS)
    return Facts(statement=stated(scope), remittances=sent, flows=rows(conn, OPEN_FLOWS, scope, OpenFlow))


def judge(facts: Facts) -> Judgement:
    """By customer and reference, over all that either side has."""
    statement = facts.statement
    variances = _variances(facts)
    return judge_external(
        statement,
        variances,
        customers=customers_of(statement, facts.remittances),
        sound="every remittance arrived whole",
        remittance_count=len(facts.remittances),
        deposit_count=sum(map(len, statement.deposits.values())),
        customers_off_count=len({variance.subject.customer for variance in variances if variance.unexplained}),
    )


def _variances(facts: Facts) -> list[Variance]:
    statement = facts.statement
    sent = {(r.customer, r.ref, r.currency): r for r in facts.remittances if r.customer not in statement.unread}
    received = {
        (customer, deposit.ref, deposit.currency): deposit.amount
        for customer, deposits in statement.deposits.items()
        for deposit in deposits
    }
    open_amounts = {(f.customer, f.currency, f.amount) for f in facts.flows if f.kind == FlowKind.REMITTANCE}
    on_the_way = {
        key: [-r.amount]
        for key, r in sent.items()
        if not r.is_returned and (r.is_young or (r.customer, r.currency, r.amount) in open_amounts)
    }
    ours = {key: 0 if r.is_returned else r.amount for key, r in sent.items()}
    tied = tie_out(ours, received, on_the_way, nothing=0)
    return [_variance(found, sent.get(found.key)) for found in tied if found.difference]


def _variance(found: Tied[Key, int], sent: Remittance | None) -> Variance:
    customer, ref, currency = found.key
    return Variance(
        subject=Subject(
            customer=customer,
            currency=currency,
            txn_id=sent.entry_id if sent else None,
            source_system=Broker.VIEWTRADE.value,
            source_txn_id=ref,
        ),
        expected=found.ours,
        actual=found.theirs,
        explained=found.explained,
        unit=currency,
        note=_note(sent, is_there=found.is_theirs),
    )


def _note(sent: Remittance | None, *, is_there: bool) -> str:
    if sent is None:
        return "ViewTrade received it, and we know of no such remittance."
    if sent.is_returned:
        return f"Sent on {sent.sent_on} and returned, and still with ViewTrade."
    return f"Sent on {sent.sent_on}, and arrived with another amount." if is_there else f"Sent on {sent.sent_on}."


_REMITTANCES: Final = """
select c.external_ref as customer, r.broker_ref as ref, r.currency, r.amount, r.sent_on, r.entry_id,
       coalesce(r.returned_on <= :as_of, false) as is_returned, r.sent_on > cast(:as_of as date) - :days as is_young
  from lrs_remittance r join customer c on c.id = r.customer_id
 where r.book = :book and r.broker = :broker and r.sent_on <= :as_of
"""

CHECK = Check(
    line=CatalogueLine(
        name="lrs_viewtrade_tie_out",
        category=Category.EXTERNAL,
        books=BOTH,
        applies_to=(CheckBook.INDIA,),
        must_hold="Every LRS remittance reached the customer's account with ViewTrade whole, and nothing else did.",
        guards_against="A remittance lost, shortened by a bank on its way, or credited to another customer.",
        warns_when="Some customers could not be read; the others tie out.",
        fails_when="A remittance of more than three days that no open flow explains, or any other difference.",
    ),
    gather=gather,
    judge=judge,
    asks=(Broker.VIEWTRADE, Wanted.DEPOSITS),
)
