"""Runs checks and records what they find. A check that cannot be carried out is an `error` of that check alone.

A run looks at one moment of the database. What it found, which variances are open since, and the alert about a changed
status are written in one transaction, or not at all.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

import structlog
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from checks import CHECKS
from checks.check import Check, CheckBook, CheckStatus, Judgement, ReconCheckResult, Scope
from recon.alerts import outbox
from recon.config import settings
from recon.connectors.brokers import BrokerStatement
from recon.connectors.brokers import Wanted as AskedFor
from recon.errors import TieoutError
from recon.model.books import Broker
from recon.model.checks import EXAMINED, NOT_APPLICABLE, NOT_SET_UP, Category
from recon.model.progress import Progress, silent
from recon.store import checks as store
from recon.workflows.ask_broker import BrokerNotConfigured, ask_broker

STATEMENT_TIMEOUT: Final = "5min"

log = structlog.get_logger(__name__)

Wanted = tuple[Check[Any], CheckBook]
Ask = Callable[[Broker, AskedFor], BrokerStatement]


class CheckSuperseded(TieoutError):
    code = "CHECK_SUPERSEDED"

    def __init__(self, check: str) -> None:
        super().__init__(f"Another process took this run of {check} over. Look at its result on the Integrity page.")


def run_check(
    engine: Engine,
    check: Check[Any],
    book: CheckBook,
    *,
    as_of: date,
    requested_by: str,
    slot: datetime | None = None,
    ask: Ask | None = None,
) -> ReconCheckResult:
    """Run one check on a book and record it. A slot that has its result already gives that one and runs nothing.

    `ask` asks the broker of a check that has one; unless given, at the address in the settings.
    Raises CheckSuperseded when another process took the slot over meanwhile; then nothing was recorded.
    """
    assert book in check.line.books, f"{check.name} is not registered for {book}"
    with engine.begin() as conn:
        begun = store.begin(conn, check.line, book=book, as_of=as_of, requested_by=requested_by, slot=slot)
        if begun is None:
            assert slot is not None, "only a slot can be taken"
            return store.result_of(conn, check_name=check.name, book=book, slot=slot)
    started = time.monotonic()
    found = _judge(engine, check, Scope(book=book, as_of=as_of), ask or _as_set_up(engine, book, as_of))
    duration_ms = round((time.monotonic() - started) * 1000)
    try:
        with engine.begin() as conn:
            change = store.finish(conn, begun, found, duration_ms=duration_ms)
            if change is not None:
                outbox.add(conn, change)
    except store.Superseded:
        raise CheckSuperseded(check.name) from None
    return ReconCheckResult(
        run_id=begun.run_id,
        check_name=check.name,
        category=check.line.category,
        book=book,
        status=found.status,
        summary=found.summary,
        metrics=found.told,
        variances=found.variances,
        ran_at=begun.started_at,
    )


def run_checks(
    engine: Engine,
    wanted: Iterable[Wanted],
    *,
    as_of: date,
    requested_by: str,
    on_progress: Progress = silent,
) -> tuple[ReconCheckResult, ...]:
    """Run some checks one after the other. `on_progress` hears each one's name, how many are done, and of how many."""
    chosen = tuple(wanted)
    results = []
    for done, (check, book) in enumerate(chosen):
        on_progress(f"{check.name}, {book}", done, len(chosen))
        results.append(run_check(engine, check, book, as_of=as_of, requested_by=requested_by))
    on_progress("All checks", len(chosen), len(chosen))
    return tuple(results)


def select(
    *, category: Category | None = None, book: CheckBook | None = None, name: str | None = None
) -> tuple[Wanted, ...]:
    """The checks with the books they are registered for; what is None does not matter."""
    return tuple(
        (check, place)
        for check in CHECKS
        for place in check.line.books
        if category in (None, check.line.category) and book in (None, place) and name in (None, check.name)
    )


def _judge(engine: Engine, check: Check[Any], scope: Scope, ask: Ask) -> Judgement:
    if not check.line.applies(scope.book):
        return _not_applicable(check, scope.book)
    try:
        if check.asks is not None:
            scope = replace(scope, statement=ask(*check.asks))  # before a transaction begins: it may take minutes
        with _moment(engine) as conn:
            facts = check.gather(conn, scope)
        return check.judge(facts)
    except BrokerNotConfigured as gap:
        return _failed(str(gap), **{NOT_SET_UP: True})
    except TieoutError as error:
        return _failed(str(error))
    except DBAPIError as error:
        why = "took too long and was stopped" if _is_timeout(error) else "failed, or is out of reach"
        return _unexpected(check, scope, error, f"The check could not be carried out: its query to the database {why}.")
    except Exception as error:  # noqa: BLE001 - one check's mistake is its own result, and the others still run
        return _unexpected(check, scope, error, f"The check itself has a mistake ({type(error).__name__}).")


def _unexpected(check: Check[Any], scope: Scope, error: Exception, problem: str) -> Judgement:
    """What only we can use is in the log, under the error's id."""
    number = uuid.uuid4().hex[:12]
    log.error("check_failed", error_id=number, check=check.name, book=scope.book.value, exc_info=error)
    return _failed(f"{problem} The log has the details, under error {number}.")


def _as_set_up(engine: Engine, book: CheckBook, as_of: date) -> Ask:
    def ask(broker: Broker, wanted: AskedFor) -> BrokerStatement:
        return ask_broker(engine, settings(), broker, wanted, book=book.book, as_of=as_of)

    return ask


@contextmanager
def _moment(engine: Engine) -> Iterator[Connection]:
    """A transaction that sees one moment throughout and may change nothing."""
    with engine.connect().execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True) as conn:
        conn.execute(text(f"set local statement_timeout = '{STATEMENT_TIMEOUT}'"))
        yield conn
        conn.rollback()


def _not_applicable(check: Check[Any], book: CheckBook) -> Judgement:
    return Judgement(
        status=CheckStatus.OK,
        summary=f"Not applicable: the question of {check.name} does not arise in book {book}.",
        metrics={EXAMINED: 0, NOT_APPLICABLE: True},
    )


def _failed(sentence: str, **metrics: Any) -> Judgement:
    return Judgement(status=CheckStatus.ERROR, summary=sentence, metrics={EXAMINED: 0, **metrics})


def _is_timeout(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlstate", None) == "57014"
