"""Money on its way arrives, or is looked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection

from checks.check import BOTH, Category, Check, Judgement, Scope, Subject, Variance, judgement, plural, rows
from recon.model.checks import CatalogueLine
from recon.money import to_display

WARN_DAYS: Final = 3
FAIL_DAYS: Final = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A flow that was open at the end of the day. `amount` in minor units."""

    id: int
    customer: str
    kind: str
    amount: int
    currency: str
    opened_on: date
    source_system: str
    source_txn_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    as_of: date
    flows: tuple[Flow, ...]


def gather(conn: Connection, scope: Scope) -> Facts:
    """Every flow that was open at the end of the day; days are those of UTC."""
    return Facts(as_of=scope.as_of, flows=rows(conn, _OPEN, scope, Flow))


def judge(facts: Facts) -> Judgement:
    """Old flows warn, older ones fail."""
    ages = [(flow, (facts.as_of - flow.opened_on).days) for flow in facts.flows]
    return judgement(
        examined=len(ages),
        of=("pending flow", "pending flows"),
        sound=f"none is older than {WARN_DAYS - 1} days",
        failing=[_variance(flow, days) for flow, days in ages if days >= FAIL_DAYS],
        warning=[_variance(flow, days) for flow, days in ages if WARN_DAYS <= days < FAIL_DAYS],
        oldest_days=max((days for _, days in ages), default=0),
    )


def _variance(flow: Flow, days: int) -> Variance:
    return Variance(
        subject=Subject(
            customer=flow.customer,
            source_system=flow.source_system,
            source_txn_id=flow.source_txn_id,
            item=f"flow {flow.id}",
        ),
        expected=WARN_DAYS - 1,
        actual=days,
        unit="days",
        note=f"A {flow.kind} of {to_display(flow.amount, flow.currency)}, open for {plural(days, 'day', 'days')}.",
    )


_OPEN = """
select f.id, c.external_ref as customer, f.kind, f.amount, f.currency,
       (f.opened_at at time zone 'utc')::date as opened_on, f.source_system, f.source_txn_id
  from pending_flow f join customer c on c.id = f.customer_id
 where f.book = :book and (f.opened_at at time zone 'utc')::date <= :as_of
   and coalesce((coalesce(f.settled_at, f.failed_at) at time zone 'utc')::date > :as_of, true)
 order by f.opened_at, f.id
"""

CHECK = Check(
    line=CatalogueLine(
        name="pending_flow_age",
        category=Category.LIFECYCLE,
        books=BOTH,
        must_hold="Money on its way has arrived, or has failed, before it is three days old.",
        guards_against="A transfer nobody follows up: left one side, never came to the other.",
        warns_when=f"A flow has been open for {WARN_DAYS} days.",
        fails_when=f"A flow has been open for {FAIL_DAYS} days.",
    ),
    gather=gather,
    judge=judge,
)
