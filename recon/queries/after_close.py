"""What was changed about a period after it was signed off: decisions, their undoing, runs and ledger entries.

A thing is after a close when it happened later than the signature and is about a day of the closed period: of a
decision the days of its rows, of a run those of its files, of a ledger entry its booked day, where the reconciliation
reads one of the entry's accounts. What a decision of the workbench does to discrepancies is told once: as the decision.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qs, unquote
from uuid import UUID

from sqlalchemy import Connection, Engine, and_, func, or_, select, text

from recon.errors import EvidenceMissing
from recon.model.account_period import LEDGER
from recon.model.books import Book
from recon.model.close import Change, Close
from recon.money import Money
from recon.queries.ledger import Entry
from recon.store import account_periods, closes, reading_files
from recon.store.evidence import Evidence
from recon.store.tables import audit_event, discrepancy, discrepancy_event, reading, run, upload


def changes_after(
    conn: Connection, evidence: Evidence, signed: Sequence[Close], *, since: datetime | None = None
) -> tuple[Change, ...]:
    """What was done after these closes of one reconciliation, the oldest first; only later than `since`, if given.

    A change that several of them cover counts for the newest.
    """
    if not signed:
        return ()
    reconciliation_id, start = signed[0].reconciliation_id, since or min(one.at for one in signed)
    asked = {"reconciliation_id": reconciliation_id, "closes": [one.id for one in signed], "since": start}
    found = [
        _change(row) for query in (_TRIAGED, _TAKEN, _TAKEN_BACK, _OPENED_AGAIN) for row in conn.execute(query, asked)
    ]
    found += _late_runs(conn, evidence, signed, start)
    accounts = sorted(accounts_read(conn, reconciliation_id))
    if accounts:
        found += [_change(row) for row in conn.execute(_POSTED, {**asked, "accounts": accounts})]
    return tuple(
        sorted(found, key=lambda one: (one.at, one.about, one.what, one.amount.currency if one.amount else ""))
    )


def closed_after(engine: Engine, discrepancy_id: int) -> Close | None:
    """The close in force that a discrepancy was last resolved or reopened after, if there is one.

    What only follows an earlier run's decision happened when that was taken.
    """
    d = discrepancy.c
    own = select(func.max(discrepancy_event.c.at)).where(discrepancy_event.c.discrepancy_id == d.id, *_DECIDED)
    decided_at = func.greatest(d.resolved_at, own.scalar_subquery()).label("decided_at")
    query = select(run.c.reconciliation_id, d.date, decided_at).join_from(discrepancy, run, run.c.id == d.run_id)
    with engine.connect() as conn:
        row = conn.execute(query.where(d.id == discrepancy_id)).one()
        if row.decided_at is None:
            return None
        found = closes.in_force(conn, row.reconciliation_id, first_on=row.date, last_on=row.date)
    return next((one for one in found if one.at < row.decided_at), None)


def changes_since(engine: Engine, evidence: Evidence, close: Close) -> tuple[Change, ...]:
    """What was done about the days of one close since it was signed, the oldest first."""
    with engine.connect() as conn:
        return changes_after(conn, evidence, [close])


def decided_after_close(engine: Engine, run_id: int) -> int:
    """How many of a published run's discrepancies were resolved or reopened after a close in force that covers them."""
    d, e = discrepancy.c, discrepancy_event.c
    mine = (run.c.id == run_id, d.attempt == run.c.published_attempt)
    with engine.connect() as conn:
        in_force = closes.in_force(conn, _reconciliation_of(conn, run_id))
        if not in_force:
            return 0
        late = or_(
            *(
                and_(d.date.between(one.first_on, one.last_on), or_(d.resolved_at > one.at, e.at > one.at))
                for one in in_force
            )
        )
        query = (
            select(func.count(d.id.distinct()))
            .join_from(run, discrepancy, d.run_id == run.c.id)
            .outerjoin(discrepancy_event, and_(e.discrepancy_id == d.id, *_DECIDED))
        )
        return conn.execute(query.where(*mine, late)).scalar_one()


def decisions_after_close(engine: Engine, run_id: int, decision_ids: Collection[int]) -> dict[int, int]:
    """Of these decisions taken in a run those taken, or taken back, after a close in force: decision -> close."""
    with engine.connect() as conn:
        in_force = closes.in_force(conn, _reconciliation_of(conn, run_id))
        if not in_force or not decision_ids:
            return {}
        asked = {"closes": [one.id for one in in_force], "decisions": list(decision_ids)}
        return {row.decision_id: row.close_id for row in conn.execute(_LATE_DECISIONS, asked)}


def run_after_close(engine: Engine, evidence: Evidence, run_id: int) -> Close | None:
    """The close in force that a run with files of its days was published after, if there is one."""
    with engine.connect() as conn:
        found = _published(conn, run.c.id == run_id)
        in_force = closes.in_force(conn, _reconciliation_of(conn, run_id)) if found else ()
    return next((one for row in found for one in in_force if _is_late(evidence, row, one)), None)


def entry_after_close(engine: Engine, entry: Entry) -> Close | None:
    """The close in force that an entry was booked into, later than it was signed."""
    with engine.connect() as conn:
        touched = {line.account_id for line in entry.lines}
        for one in closes.in_force(conn, first_on=entry.booked_on, last_on=entry.booked_on):
            if one.at < entry.recorded_at and touched & accounts_read(conn, one.reconciliation_id):
                return one
    return None


def accounts_read(conn: Connection, reconciliation_id: int) -> frozenset[UUID]:
    """The ledger's accounts that runs of a reconciliation took as a side."""
    subject = func.concat("upload ", upload.c.id)
    address = audit_event.c.detail["address"].astext
    query = (
        select(address)
        .distinct()
        .join_from(run, reading, reading.c.id.in_([run.c.source_reading_id, run.c.reference_reading_id]))
        .join(upload, upload.c.id == reading.c.upload_id)
        .join(audit_event, and_(audit_event.c.subject == subject, audit_event.c.action == "transactions_fetched"))
        .where(run.c.reconciliation_id == reconciliation_id)
    )
    return frozenset(
        account.id
        for said in conn.execute(query).scalars()
        for book, name in _named_in(said)
        for account in account_periods.named(conn, book, name)
    )


def _named_in(address: str) -> Iterator[tuple[Book, str]]:
    """The accounts an address of the ledger names (`recon.connectors.ledger`)."""
    connector, _, rest = address.partition(":")
    place, _, query = rest.partition("?")
    book, _, account = place.partition("/")
    if connector == LEDGER and book in tuple(Book):
        for name in (unquote(account), *parse_qs(query).get("account", ())):
            if name:
                yield Book(book), name


def _late_runs(conn: Connection, evidence: Evidence, signed: Sequence[Close], since: datetime) -> Iterator[Change]:
    of_it = and_(run.c.reconciliation_id == signed[0].reconciliation_id, run.c.finished_at > since)
    newest_first = sorted(signed, key=lambda one: -one.id)
    for row in _published(conn, of_it):
        late = next((one for one in newest_first if _is_late(evidence, row, one)), None)
        if late is not None:
            yield Change(
                close_id=late.id,
                at=row.finished_at,
                actor=row.requested_by,
                what="Run published",
                about=f"run {row.id}",
                row_count=row.source_count + row.reference_count,
            )


def _published(conn: Connection, which: Any) -> Sequence[Any]:
    source, reference = reading.alias(), reading.alias()
    query = (
        select(
            run.c.id,
            run.c.finished_at,
            run.c.requested_by,
            run.c.source_count,
            run.c.reference_count,
            source.c.reading_key.label("source_key"),
            reference.c.reading_key.label("reference_key"),
        )
        .join(source, source.c.id == run.c.source_reading_id)
        .join(reference, reference.c.id == run.c.reference_reading_id)
        .where(which, run.c.published_attempt.is_not(None))
    )
    return conn.execute(query.order_by(run.c.id)).all()


def _is_late(evidence: Evidence, row: Any, close: Close) -> bool:
    """Whether a run was published after a close of a day that its files have rows of; files that are gone have none."""
    if row.finished_at <= close.at:
        return False
    try:
        spans = [reading_files.days(evidence, key) for key in (row.source_key, row.reference_key)]
    except EvidenceMissing:
        return False
    return any(span is not None and span[0] <= close.last_on and span[1] >= close.first_on for span in spans)


def _change(row: Any) -> Change:
    return Change(
        close_id=row.close_id,
        at=row.at,
        actor=row.actor,
        what=row.what,
        about=row.about,
        row_count=row.row_count,
        amount=None if row.currency is None else Money(amount=int(row.amount), currency=row.currency),
    )


def _reconciliation_of(conn: Connection, run_id: int) -> int:
    found: int = conn.execute(select(run.c.reconciliation_id).where(run.c.id == run_id)).scalar_one()
    return found


_DECIDED: Final = (
    discrepancy_event.c.action.in_(("resolved", "reopened")),
    discrepancy_event.c.action_key.not_like("carried-%"),
)
"""Events by which somebody decided, and not only followed what was decided in an earlier run."""

_TRIAGED: Final = text("""
    select c.id as close_id, min(e.at) as at, e.actor,
           e.action || coalesce(' as ' || replace(e.resolution, '_', ' '), '') as what,
           'run ' || d.run_id as about, count(*) as row_count, d.currency, sum(d.amount) as amount
      from run r
      join discrepancy d on d.run_id = r.id and d.attempt = r.published_attempt
      join discrepancy_event e on e.discrepancy_id = d.id and e.at > :since and e.action in ('resolved', 'reopened')
      join lateral (select max(p.id) as id from period_close p
                     where p.id = any(:closes) and d.date between p.first_on and p.last_on and e.at > p.at) c
        on c.id is not null
     where r.reconciliation_id = :reconciliation_id and e.action_key !~ '^(carried|decision|undo)-[0-9]'
     group by c.id, e.action_key, e.actor, e.action, e.resolution, d.run_id, d.currency""")

_ROWS = """
      join settlement s on s.decision_id = d.id
      join decision_member m on m.decision_id = d.id
      join workbench_row w on w.run_id = s.run_id and w.side = m.side and w.fingerprint = m.fingerprint
      join lateral (select max(p.id) as id from period_close p
                     where p.id = any(:closes) and w.date between p.first_on and p.last_on and {at} > p.at) c
        on c.id is not null"""

_SUMS = """
    select max(c.id) as close_id, {at} as at, {actor} as actor, {what} as what, 'decision ' || d.id as about,
           count(*) as row_count, m.currency, sum(m.amount * case m.side when 'source' then 1 else -1 end) as amount
      from decision d {rows}
     where d.reconciliation_id = :reconciliation_id and {at} > :since
     group by d.id, m.currency"""

_KIND = """case d.kind when 'manual_match' then 'matched by hand' when 'write_off' then 'written off'
                       when 'net' then 'netted' when 'ignore' then 'ignored' when 'never_pair' then 'said not to match'
                       when 'not_duplicate' then 'said to be no duplicate' else d.kind end"""

_TAKEN: Final = text(_SUMS.format(at="d.at", actor="d.actor", what=_KIND, rows=_ROWS.format(at="d.at")))
_TAKEN_BACK: Final = text(
    _SUMS.format(
        at="d.revoked_at",
        actor="d.revoked_by",
        what=f"{_KIND} || ', taken back'",
        rows=_ROWS.format(at="d.revoked_at"),
    )
)

_OPENED_AGAIN: Final = text("""
    select p.reopens_id as close_id, p.at, p.signed_by as actor, 'opened again: ' || p.reason as what,
           'close ' || p.reopens_id as about, null::bigint as row_count, null as currency, null as amount
      from period_close p where p.reopens_id = any(:closes) and p.at > :since""")

_POSTED: Final = text("""
    select c.id as close_id, v.at, v.actor,
           case when e.reverses_id is null then 'entry posted' else 'entry reversed' end || ', booked ' || e.booked_on
               as what,
           'entry ' || e.id as about, null::bigint as row_count, l.currency, sum(l.amount) as amount
      from journal_line l
      join journal_entry e on e.id = l.entry_id
      join ledger_event v on v.id = e.id and v.at > :since
      join lateral (select max(p.id) as id from period_close p
                     where p.id = any(:closes) and l.booked_on between p.first_on and p.last_on and v.at > p.at) c
        on c.id is not null
     where l.account_id = any(:accounts)
     group by c.id, e.id, v.at, v.actor, e.reverses_id, e.booked_on, l.currency""")

_LATE_DECISIONS: Final = text(
    "select d.id as decision_id, max(c.id) as close_id from decision d"  # noqa: S608 - our own words
    + _ROWS.format(at="greatest(d.at, d.revoked_at)")
    + " where d.id = any(:decisions) group by d.id"
)
