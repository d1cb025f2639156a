"""A stored balance of a past day is still what the journal says of that day.

Entries may be booked on days before they are recorded. Such a late entry explains a difference: the snapshot was right
when it was taken, and wants to be taken again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Connection, text

from checks.check import BOTH, Category, Check, Judgement, Scope, Subject, Variance, judgement, rows
from recon.model.checks import CatalogueLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Stale:
    """A snapshot that is not the sum of the lines up to its day. `late` are lines recorded after it was taken."""

    account_id: UUID
    customer: str | None
    as_of: date
    currency: str
    total: int
    late: int
    late_ids: tuple[int, ...]  # some of their entries
    stored: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """An account whose newest snapshot is older than the newest of the book."""

    account_id: UUID
    customer: str | None
    newest_on: date
    latest_on: date  # of this account


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    snapshot_count: int
    stale: tuple[Stale, ...]
    behind: tuple[Behind, ...]


def gather(conn: Connection, scope: Scope) -> Facts:
    """Snapshots up to the day against the lines booked by the end of theirs."""
    return Facts(
        snapshot_count=conn.execute(text(_COUNT), scope.named).scalar_one(),
        stale=rows(conn, _STALE, scope, Stale),
        behind=rows(conn, _BEHIND, scope, Behind),
    )


def judge(facts: Facts) -> Judgement:
    """A difference that late entries explain, or an account that was left out, warns; any other difference fails."""
    stale = [_stale(snapshot) for snapshot in facts.stale]
    return judgement(
        examined=facts.snapshot_count,
        of=("snapshot", "snapshots"),
        sound="each is what the journal says of its day",
        failing=[variance for variance in stale if variance.unexplained],
        warning=[*(v for v in stale if not v.unexplained), *map(_behind, facts.behind)],
    )


def _stale(snapshot: Stale) -> Variance:
    return Variance(
        subject=Subject(
            account_id=snapshot.account_id, customer=snapshot.customer, currency=snapshot.currency, on=snapshot.as_of
        ),
        expected=snapshot.total,
        actual=snapshot.stored,
        explained=-snapshot.late,
        unit=snapshot.currency,
        note=_note(snapshot.late_ids),
    )


def _note(late_ids: tuple[int, ...]) -> str | None:
    if not late_ids:
        return None
    numbers = ", ".join(map(str, late_ids))
    return f"Booked on or before this day after the snapshot was taken: entry {numbers}."


def _behind(account: Behind) -> Variance:
    return Variance(
        subject=Subject(account_id=account.account_id, customer=account.customer, item="latest snapshot"),
        expected=0,
        actual=(account.newest_on - account.latest_on).days,
        unit="days",
        note=f"Others have a snapshot of {account.newest_on}; this account's latest is of {account.latest_on}.",
    )


_COUNT = "select count(*) from balance_snapshot where book = :book and as_of <= :as_of"

_STALE = """
with taken as (select * from balance_snapshot where book = :book and as_of <= :as_of),
moved as (
    select account_id, booked_on as day, sum(amount) as amount from journal_line
     where book = :book and booked_on <= :as_of and account_id in (select account_id from taken)
     group by account_id, booked_on
    union all
    select account_id, as_of, 0 from taken),
running as (
    select account_id, day, sum(sum(amount)) over (partition by account_id order by day) as total
      from moved group by account_id, day)
select t.account_id, c.external_ref as customer, t.as_of, t.currency, r.total, t.balance as stored,
       late.amount as late, late.ids as late_ids
  from taken t join running r on r.account_id = t.account_id and r.day = t.as_of
  cross join lateral (
       select coalesce(sum(l.amount), 0) as amount,
              coalesce((array_agg(distinct l.entry_id order by l.entry_id))[1 : 10], '{}') as ids from journal_line l
        where l.account_id = t.account_id and l.booked_on <= t.as_of and l.entry_id > t.event_id) as late
  left join wallet w on w.account_id = t.account_id left join customer c on c.id = w.customer_id
 where t.balance <> r.total order by t.as_of, t.account_id
"""

_BEHIND = """
with latest as (
    select account_id, max(as_of) as latest_on from balance_snapshot where book = :book and as_of <= :as_of
     group by account_id),
newest as (select max(latest_on) as newest_on from latest)
select l.account_id, c.external_ref as customer, newest_on, latest_on
  from latest l cross join newest left join wallet w on w.account_id = l.account_id
  left join customer c on c.id = w.customer_id
 where latest_on < newest_on order by l.account_id
"""

CHECK = Check(
    line=CatalogueLine(
        name="snapshot_reconcile",
        category=Category.DERIVATION,
        books=BOTH,
        must_hold="A stored balance of a past day is the sum of the lines booked by the end of that day.",
        guards_against="History that moved under a report already sent, and a snapshot that was taken wrongly.",
        warns_when="Entries booked back explain the difference, or an account was left out of the latest snapshots.",
        fails_when="A snapshot differs from its day by what nothing explains.",
    ),
    gather=gather,
    judge=judge,
)
