"""Comparisons with a broker that somebody waits for: made in a thread of the web server, asked about by a page.

A thread, not a child process: it waits for the broker nearly all of its time, which has a deadline of its own, and its
result is only for whoever looks. Nothing is stored; the last report of each comparison is kept until it is made again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

import structlog
from sqlalchemy import Engine

from recon.config import Settings
from recon.errors import TieoutError
from recon.model.books import Book, Broker
from recon.model.people import Action
from recon.workflows.permit import permit
from recon.workflows.tie_out_broker import TieOutReport, holdings_tie_out, ledger_tie_out, lrs_tie_out

AT_ONCE: Final = 2
"""Comparisons that are made side by side; more wait, so that brokers are not flooded from here."""

log = structlog.get_logger(__name__)


class TieOutKind(StrEnum):
    """What is compared."""

    LEDGER = "ledger"
    HOLDINGS = "holdings"
    LRS = "lrs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What is compared, of which book, with which broker. Remittances are of India and ViewTrade, whatever is asked."""

    kind: TieOutKind
    book: Book = Book.INDIA
    broker: Broker = Broker.VIEWTRADE


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """Where a comparison is: under way while neither `report` nor `problem` is there."""

    began_at: datetime
    ended_at: datetime | None = None
    report: TieOutReport | None = None
    problem: Exception | None = None

    @property
    def is_live(self) -> bool:
        return self.ended_at is None


class LiveTieOuts:
    """The comparisons of this process: `start`, then ask `made`."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self._engine = engine
        self._settings = settings
        self._lock = threading.Lock()
        self._turns = threading.BoundedSemaphore(AT_ONCE)
        self._made: dict[Comparison, Made] = {}

    def start(self, wanted: Comparison, *, actor: str) -> None:
        """Begin, unless it is under way. Raises what `permit` raises."""
        with self._engine.connect() as conn:
            permit(conn, actor, Action.CHECKS)
        with self._lock:
            known = self._made.get(wanted)
            if known is not None and known.is_live:
                return
            self._made[wanted] = Made(began_at=datetime.now(UTC))
        threading.Thread(target=self._work, args=(wanted,), name="live-tie-out", daemon=True).start()

    def made(self, wanted: Comparison) -> Made | None:
        """Where it is; None when it was never asked for."""
        with self._lock:
            return self._made.get(wanted)

    def _work(self, wanted: Comparison) -> None:
        report, problem = None, None
        with self._turns:
            try:
                report = _compare(self._engine, self._settings, wanted)
            except Exception as error:  # a thread's end: the page that asked shows it
                problem = error
                if not isinstance(error, TieoutError):
                    log.warning("live_tie_out_failed", kind=wanted.kind.value, exc_info=error)
        with self._lock:
            began_at = self._made[wanted].began_at
            self._made[wanted] = Made(began_at=began_at, ended_at=datetime.now(UTC), report=report, problem=problem)


def _compare(engine: Engine, settings: Settings, wanted: Comparison) -> TieOutReport:
    as_of = datetime.now(UTC).date()
    if wanted.kind is TieOutKind.LRS:
        return lrs_tie_out(engine, settings, as_of=as_of)
    compare = _OF_BOOKS[wanted.kind]
    return compare(engine, settings, as_of=as_of, book=wanted.book, broker=wanted.broker)


_OF_BOOKS: Final[Mapping[TieOutKind, Callable[..., TieOutReport]]] = {
    TieOutKind.LEDGER: ledger_tie_out,
    TieOutKind.HOLDINGS: holdings_tie_out,
}
