"""The audit log as a page reads it: what fits a filter, the newest first, however many events there are.

Pages follow each other by the event they begin with, not by how many come before: the millionth is as near as the
first. How many fit is counted up to COUNTED.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    Engine,
    any_,
    func,
    literal,
    literal_column,
    select,
    text,
    tuple_,
)
from sqlalchemy.dialects.postgresql import distinct_on

from recon.store.audit_seal import LOGS
from recon.store.check_tables import audit_seal, check_run
from recon.store.tables import AUDIT_WORDS, audit_event

COUNTED: Final = 10_000
WORD_LIMIT: Final = 12
PREFIX_LENGTH: Final = 3
LOOKED_AT: Final = 1_500
"""Newest events that a search reads before it asks the index of words."""

CHAIN_CHECK: Final = "audit_chain_intact"
_WORD: Final = re.compile(r"[^\W_]{1,100}")
_NEWEST: Final = (audit_event.c.at.desc(), audit_event.c.id.desc())
_OLDEST: Final = (audit_event.c.at, audit_event.c.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    """A row of the log. `detail` has `before`, `after` and `reason` where something changed."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which events; what is None or empty does not matter. Days are UTC, both included; `search`: all its words."""

    actor: str | None = None
    actions: tuple[str, ...] = ()
    subject: str = ""
    first_on: date | None = None
    last_on: date | None = None
    search: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedLog:
    """How far a log is sealed: its newest seal, and how many rows wait for the next."""

    log: str
    last_id: int
    head: str
    sealed_at: datetime
    waiting_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    """Some events, newest first. `newer`, `older`: the event the page before and after it begin with, if there is."""

    events: tuple[AuditEvent, ...]
    newer: int | None
    older: int | None


def audit_page(engine: Engine, wanted: AuditFilter, *, limit: int = 50, begin: int | None = None) -> AuditPage:
    """The events that fit, from the newest, or from event `begin` on."""
    with engine.connect() as conn:
        place = _place(conn, begin)
        here = tuple_(audit_event.c.at, audit_event.c.id)
        older = [] if place is None else [here <= tuple_(*place)]
        where = _where(wanted)
        found = _among_newest(conn, wanted, older, limit + 1)
        if len(found) <= limit:
            where = _narrowed(conn, wanted)
            query = select(audit_event).where(*where, *older).order_by(*_NEWEST).limit(limit + 1)
            found = tuple(AuditEvent(**row) for row in conn.execute(query).mappings())
        newer = None
        if place is not None:
            ahead = select(audit_event.c.id).where(*where, here > tuple_(*place)).order_by(*_OLDEST).limit(limit)
            newer = next(iter(reversed(conn.execute(ahead).scalars().all())), None)
    return AuditPage(events=found[:limit], newer=newer, older=found[limit].id if len(found) > limit else None)


def audit_count(engine: Engine, wanted: AuditFilter) -> int:
    """How many events fit; COUNTED + 1 stands for any more than that."""
    some = select(audit_event.c.id).where(*_where(wanted)).limit(COUNTED + 1).subquery()
    with engine.connect() as conn:
        return conn.execute(select(func.count()).select_from(some)).scalar_one()


def one_event(engine: Engine, event_id: int) -> AuditEvent | None:
    """One event; None when there is none with this number."""
    with engine.connect() as conn:
        row = conn.execute(select(audit_event).where(audit_event.c.id == event_id)).mappings().one_or_none()
    return None if row is None else AuditEvent(**row)


def known(engine: Engine, column: str) -> tuple[str, ...]:
    """The different actors, or actions, of the log, by name; found by leaps, not by reading it."""
    assert column in ("actor", "action")
    leaps = text(
        f"with recursive one as ((select {column} as value from audit_event order by {column} limit 1) union all "  # noqa: S608
        f"select (select {column} from audit_event where {column} > one.value order by {column} limit 1) from one "
        "where one.value is not null) select value from one where value is not null"
    )
    with engine.connect() as conn:
        return tuple(conn.execute(leaps).scalars())


def last_verified(engine: Engine) -> AuditEvent | None:
    """When everything was last verified, by whom, and what was found."""
    query = select(audit_event).where(audit_event.c.action == "verified", audit_event.c.subject == "everything")
    with engine.connect() as conn:
        row = conn.execute(query.order_by(*_NEWEST).limit(1)).mappings().one_or_none()
    return None if row is None else AuditEvent(**row)


def sealed_heads(engine: Engine) -> dict[str, str]:
    """Log -> the digest of its newest seal. Noted outside this machine it is an anchor: the log cannot be cut."""
    newest = select(audit_seal.c.log, audit_seal.c.digest).ext(distinct_on(audit_seal.c.log))
    with engine.connect() as conn:
        rows = conn.execute(newest.order_by(audit_seal.c.log, audit_seal.c.first_id.desc()))
        return {row.log: row.digest for row in rows}


def sealed_logs(engine: Engine) -> tuple[SealedLog, ...]:
    """Every log that has a seal, in the order of LOGS; nothing is verified by this."""
    newest = (
        select(audit_seal).ext(distinct_on(audit_seal.c.log)).order_by(audit_seal.c.log, audit_seal.c.first_id.desc())
    )
    with engine.connect() as conn:
        seals = {row.log: row for row in conn.execute(newest)}
        return tuple(
            SealedLog(
                log=log.name,
                last_id=seals[log.name].last_id,
                head=seals[log.name].digest,
                sealed_at=seals[log.name].sealed_at,
                waiting_count=conn.execute(
                    select(func.count()).select_from(log).where(log.c.id > seals[log.name].last_id)
                ).scalar_one(),
            )
            for log in LOGS
            if log.name in seals
        )


def recorded_heads(engine: Engine) -> dict[str, str]:
    """Log -> the head that the last check of the chains recorded."""
    query = (
        select(check_run.c.metrics["heads"])
        .where(
            check_run.c.check_name == CHAIN_CHECK, check_run.c.finished_at.is_not(None), check_run.c.status != "error"
        )
        .order_by(check_run.c.id.desc())
        .limit(1)
    )
    with engine.connect() as conn:
        return dict(conn.execute(query).scalar() or {})


def _among_newest(
    conn: Connection, wanted: AuditFilter, older: Sequence[ColumnElement[bool]], count: int
) -> tuple[AuditEvent, ...]:
    """What a search finds among the LOOKED_AT newest events: where most fit, that is a page; by the index of words it
    would be all of them."""
    if not wanted.search.strip():
        return ()
    newest = select(audit_event).where(*_plain(wanted), *older).order_by(*_NEWEST).limit(LOOKED_AT).subquery()
    query = select(newest).where(*_words(wanted)).order_by(newest.c.at.desc(), newest.c.id.desc()).limit(count)
    return tuple(AuditEvent(**row) for row in conn.execute(query).mappings())


def _narrowed(conn: Connection, wanted: AuditFilter) -> list[ColumnElement[bool]]:
    """The filter, of a search that finds few as the numbers of what it finds.

    A search in order of time is quick where much fits, and reads the whole log where little does: which of both it is,
    PostgreSQL cannot know.
    """
    where = _where(wanted)
    if not wanted.search.strip():
        return where
    found = conn.execute(select(audit_event.c.id).where(*where).limit(COUNTED + 1)).scalars().all()
    return where if len(found) > COUNTED else [audit_event.c.id == any_(literal(list(found), ARRAY(BigInteger)))]


def _where(wanted: AuditFilter) -> list[ColumnElement[bool]]:
    return [*_plain(wanted), *_words(wanted)]


def _plain(wanted: AuditFilter) -> list[ColumnElement[bool]]:
    """The filter but for its search."""
    e = audit_event.c
    found: list[ColumnElement[bool]] = []
    if wanted.actor:
        found.append(e.actor == wanted.actor)
    if wanted.actions:
        found.append(e.action.in_(wanted.actions))
    if wanted.subject.strip():
        found.append(e.subject == wanted.subject.strip())
    if wanted.first_on:
        found.append(e.at >= datetime.combine(wanted.first_on, time(), UTC))
    if wanted.last_on:
        found.append(e.at < datetime.combine(wanted.last_on + timedelta(days=1), time(), UTC))
    return found


def _words(wanted: AuditFilter) -> list[ColumnElement[bool]]:
    """Its search: every word of it, or what it begins with; of one or two characters the whole word, for what begins
    with them is half the log."""
    words = _WORD.findall(wanted.search)[:WORD_LIMIT]
    if words:
        said = " & ".join(word if len(word) < PREFIX_LENGTH else f"{word}:*" for word in words)
        return [literal_column(f"({AUDIT_WORDS})").op("@@", is_comparison=True)(func.to_tsquery("simple", said))]
    return [literal_column("false")] if wanted.search.strip() else []


def _place(conn: Connection, event_id: int | None) -> tuple[datetime, int] | None:
    if event_id is None:
        return None
    row = conn.execute(select(audit_event.c.at, audit_event.c.id).where(audit_event.c.id == event_id)).one_or_none()
    return None if row is None else (row[0], row[1])
