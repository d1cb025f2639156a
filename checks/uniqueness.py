"""A transaction of a source system is in the book once. An entry that was reversed counts no more."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, text

from checks.check import BOTH, Category, Check, Judgement, Scope, Subject, Variance, judgement, rows
from recon.model.checks import CatalogueLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """Entries that name the same transaction; letter case and blanks apart when not `is_exact`."""

    source_system: str
    source_txn_id: str
    is_exact: bool
    txn_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    entry_count: int
    repeated: tuple[Repeated, ...]


def gather(conn: Connection, scope: Scope) -> Facts:
    """Transactions that more than one standing entry of the book names, whatever the day."""
    return Facts(
        entry_count=conn.execute(text(_COUNT), scope.named).scalar_one(),
        repeated=rows(conn, _REPEATED, scope, Repeated),
    )


def judge(facts: Facts) -> Judgement:
    """The same name twice is a fault; names that only look the same may be one, and want a look."""
    return judgement(
        examined=facts.entry_count,
        of=("journal entry", "journal entries"),
        sound="each names a source transaction of its own",
        failing=[_variance(found) for found in facts.repeated if found.is_exact],
        warning=[_variance(found) for found in facts.repeated if not found.is_exact],
    )


def _variance(found: Repeated) -> Variance:
    numbers = ", ".join(map(str, found.txn_ids[:20])) + (" and more" if len(found.txn_ids) > 20 else "")
    same = "the same source transaction" if found.is_exact else "source transactions that differ in case or blanks only"
    return Variance(
        subject=Subject(txn_id=found.txn_ids[0], source_system=found.source_system, source_txn_id=found.source_txn_id),
        expected=1,
        actual=len(found.txn_ids),
        unit="entries",
        note=f"Entries {numbers} name {same}.",
    )


_COUNT = "select count(*) from journal_entry where book = :book"

_REPEATED = """
select min(source_system) as source_system, min(source_txn_id) as source_txn_id,
       count(distinct (source_system, source_txn_id)) < count(*) as is_exact, array_agg(id order by id) as txn_ids
  from journal_entry e where book = :book and not exists (select from journal_entry r where r.reverses_id = e.id)
 group by lower(regexp_replace(source_system, '\\s', '', 'g')), lower(regexp_replace(source_txn_id, '\\s', '', 'g'))
having count(*) > 1 order by min(id)
"""

CHECK = Check(
    line=CatalogueLine(
        name="source_txn_uniqueness",
        category=Category.INTERNAL,
        books=BOTH,
        must_hold="A transaction of a source system is booked once.",
        guards_against="The same payment fetched twice, or sent again under a name that differs by a capital.",
        warns_when="Two names differ only in letter case or blanks.",
        fails_when="Two entries name the same transaction of the same system.",
    ),
    gather=gather,
    judge=judge,
)
