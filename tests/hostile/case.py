"""One hostile file and what must come of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Outcome(StrEnum):
    """The outcome letters of the corpus."""

    REFUSED = "F"
    REJECTED = "R"
    ACCEPTED = "A"
    ASKED = "Q"
    STORED = "S"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`name` begins with the number of the case (`B27-unclosed-quote`).

    `code`: of the refusal, of the question, of every reject, or of a note that must be there; `lines`: the lines of
    the rejects; `accepted`: rows that are read, where it matters; `shown`: text the first transaction must hold
    verbatim as its description; `amounts`: the minor units that must come out, in file order.
    """

    name: str
    data: bytes
    outcome: Outcome
    code: str | None = None
    lines: tuple[int, ...] = ()
    accepted: int | None = None
    ignored: int | None = None
    shown: str | None = None
    amounts: tuple[int, ...] | None = None
    filename: str = "export.csv"
    currency: str | None = None
    answers: dict[str, str] = field(default_factory=dict)


HEADER = "date,amount,currency,description,txn_id"


def rows(*lines: str, header: str = HEADER, end: str = "\n") -> str:
    """A file of a header and these lines."""
    return end.join((header, *lines)) + end


def amounts(*cells: str, currency: str = "USD") -> bytes:
    """A file with one row per amount cell, each quoted, from line 2 on."""
    quoted = ('"' + cell.replace('"', '""') + '"' for cell in cells)
    return rows(*(f"2026-01-{day:02d},{cell},{currency},x,T{day}" for day, cell in enumerate(quoted, start=1))).encode()


def dates(*cells: str) -> bytes:
    """A file with one row per date cell, from line 2 on."""
    return rows(*(f'"{cell}",10.00,USD,x,T{number}' for number, cell in enumerate(cells, start=1))).encode()


def texts(*cells: str) -> bytes:
    """A file with one row per description, each quoted, from line 2 on."""
    quoted = ('"' + cell.replace('"', '""') + '"' for cell in cells)
    return rows(*(f"2026-01-05,10.00,USD,{cell},T{number}" for number, cell in enumerate(quoted, start=1))).encode()


PLAIN = ("2026-01-05,10.00,USD,one,T1", "2026-01-06,20.00,USD,two,T2", "2026-01-07,30.00,USD,three,T3")
"""Three good rows, on lines 2 to 4 below the header."""
