"""What a check is: a catalogue line, `gather`, which alone asks the database, and `judge`, which is pure.

A check reads the tables itself: a query shared with a page would share its mistake. It says how much it looked at, and
finding nothing to look at is said, never taken for a pass in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import Connection, text

from recon.connectors.brokers import BrokerStatement, Wanted
from recon.model.books import Broker
from recon.model.checks import (
    EXAMINED,
    CatalogueLine,
    Category,
    CheckBook,
    CheckStatus,
    Judgement,
    ReconCheckResult,
    Subject,
    Variance,
)
from recon.store.checks import figure

__all__ = [
    "BOTH",
    "Category",
    "Check",
    "CheckBook",
    "CheckStatus",
    "Judgement",
    "ReconCheckResult",
    "Scope",
    "Subject",
    "Variance",
    "judgement",
    "plural",
    "rows",
]

BOTH: Final = (CheckBook.UAE, CheckBook.INDIA)

Facts = TypeVar("Facts")
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a run looks at: one book, as it stood at the end of a day."""

    book: CheckBook
    as_of: date
    statement: BrokerStatement | None = None  # what the check's broker says; asked before the database is

    @property
    def named(self) -> dict[str, Any]:
        """Parameters of a check's SQL."""
        return {"book": self.book.value, "as_of": self.as_of}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check(Generic[Facts]):
    """A named question about the books."""

    line: CatalogueLine
    gather: Callable[[Connection, Scope], Facts]
    judge: Callable[[Facts], Judgement]
    asks: tuple[Broker, Wanted] | None = None  # the broker it compares with, and what is asked of it

    @property
    def name(self) -> str:
        return self.line.name


def judgement(
    *,
    examined: int,
    of: tuple[str, str],
    sound: str,
    failing: Sequence[Variance] = (),
    warning: Sequence[Variance] = (),
    **metrics: Any,
) -> Judgement:
    """The usual way to judge: anything in `failing` fails, else anything in `warning` warns, else it is ok.

    `of` is the singular and plural of what was examined; `sound` says what holds of it when nothing was found.
    """
    found = (*failing, *warning)
    status = CheckStatus.FAIL if failing else CheckStatus.WARN if warning else CheckStatus.OK
    if not examined and not found:
        summary = f"Nothing was examined: there are no {of[1]} yet."
    else:
        result = plural(len(found), "variance", "variances") if found else sound
        summary = f"{plural(examined, *of)} examined: {result}."
    return Judgement(status=status, summary=summary, metrics={EXAMINED: examined, **metrics}, variances=found)


def rows(conn: Connection, sql: str, scope: Scope, kind: type[Found], **more: object) -> tuple[Found, ...]:
    """The rows of a query as values of `kind`, whose fields have the columns' names; whole numbers as int."""
    return tuple(
        kind(**{name: _value(value) for name, value in row._mapping.items()})
        for row in conn.execute(text(sql), scope.named | more)
    )


def _value(given: Any) -> Any:
    match given:
        case Decimal():
            return figure(given)
        case list():
            return tuple(given)
        case _:
            return given


def plural(count: int, one: str, many: str) -> str:
    """`1 entry`, `2,000 entries`."""
    return f"{count:,} {one if count == 1 else many}"
