"""Every entry is whole: it has all the lines its event posted, in their order, in its own book and on its day."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, text

from checks.check import BOTH, Category, Check, Judgement, Scope, Subject, Variance, judgement, rows
from recon.model.checks import CatalogueLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Incomplete:
    """An entry with something missing. `posted` is the number of lines its event posted; 0 when it has no event."""

    txn_id: int
    source_system: str | None
    source_txn_id: str | None
    has_entry: bool
    posted: int
    found: int  # lines that count: of the entry's own book and day, numbered as posted; or all, when they are too many


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    entry_count: int
    line_count: int
    incomplete: tuple[Incomplete, ...]


def gather(conn: Connection, scope: Scope) -> Facts:
    """Events, entries and lines over the union of their numbers, whatever the day."""
    counts = conn.execute(text(_COUNTS), scope.named).one()
    return Facts(
        entry_count=counts.entry_count,
        line_count=counts.line_count,
        incomplete=rows(conn, _INCOMPLETE, scope, Incomplete),
    )


def judge(facts: Facts) -> Judgement:
    """One line too few or too many is a fault."""
    return judgement(
        examined=facts.entry_count,
        of=("journal entry", "journal entries"),
        sound="each has all the lines its event posted",
        failing=[_variance(entry) for entry in facts.incomplete],
        line_count=facts.line_count,
    )


def _variance(entry: Incomplete) -> Variance:
    if not entry.has_entry:
        note = "The event posted an entry that is not in the journal."
    elif entry.posted == 0:
        note = "No event posted this entry."
    elif entry.posted < 2:
        note = "The event posted fewer than two lines."
    else:
        note = "Lines are missing, too many, out of order, or of another book or day than their entry."
    return Variance(
        subject=Subject(txn_id=entry.txn_id, source_system=entry.source_system, source_txn_id=entry.source_txn_id),
        expected=entry.posted if entry.posted == 0 else max(entry.posted, 2),
        actual=entry.found,
        unit="lines",
        note=note,
    )


_COUNTS = """
select (select count(*) from journal_entry where book = :book) as entry_count,
       (select count(*) from journal_line where book = :book) as line_count
"""

_INCOMPLETE = """
with posted as (
    select id, body ->> 'source_system' as source_system, body ->> 'source_txn_id' as source_txn_id,
           case kind when 'TransferPosted' then 2 else jsonb_array_length(body -> 'lines') end as line_count
      from ledger_event where book = :book and kind in ('TransferPosted', 'EntryPosted', 'EntryReversed')),
entry as (select * from journal_entry where book = :book),
whole as (select coalesce(p.id, e.id) as id, coalesce(p.source_system, e.source_system) as source_system,
                 coalesce(p.source_txn_id, e.source_txn_id) as source_txn_id, e.id is not null as has_entry,
                 coalesce(p.line_count, 0) as posted, e.book, e.booked_on
            from posted p full join entry e on e.id = p.id),
counted as (select w.id, count(l.entry_id) as lines,
                   count(*) filter (where l.book = w.book and l.booked_on = w.booked_on
                                          and l.line_no between 1 and w.posted) as sound
              from whole w left join journal_line l on l.entry_id = w.id group by w.id)
select id as txn_id, source_system, source_txn_id, has_entry, posted,
       case when lines > posted then lines else sound end as found
  from whole join counted using (id)
 where not has_entry or posted < 2 or lines <> posted or sound <> posted
 order by id
"""

CHECK = Check(
    line=CatalogueLine(
        name="journal_line_completeness",
        category=Category.INTERNAL,
        books=BOTH,
        must_hold="Every posted event has its entry, and every entry all of its event's lines, of its book and day.",
        guards_against="A load that stopped halfway, two opposite lines lost together, an entry nobody posted.",
        warns_when="Never.",
        fails_when="Any entry lacks a line or has one too many.",
    ),
    gather=gather,
    judge=judge,
)
