"""A file of journal lines as it was read, and what came of posting it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from recon.model.reading import Question, Refusal, Reject

JOURNAL_SCHEMA: Final = pa.schema(
    [
        pa.field("line", pa.int64(), nullable=False),
        pa.field("entry", pa.string(), nullable=False),  # the sending system's id, shared by the lines of one entry
        pa.field("date", pa.date32(), nullable=False),
        pa.field("account", pa.string(), nullable=False),  # an id, a code or a name
        pa.field("amount", pa.int64(), nullable=False),  # minor units; debit plus, credit minus
        pa.field("currency", pa.string(), nullable=False),
        pa.field("description", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalReading:
    """`lines` follows JOURNAL_SCHEMA, and is empty while questions are open or the file was refused.

    `rows_read = len(lines) + len(rejects) + rows_ignored`; what is ignored is blank.
    """

    lines: pa.Table
    rows_read: int
    rows_ignored: int
    rejects: tuple[Reject, ...]
    spoilt: frozenset[str] = frozenset()  # entries of which a row was rejected
    questions: tuple[Question, ...] = ()
    refused: Refusal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalImport:
    """What became of every row: posted now, posted by an import before, or rejected with the reason.

    An entry is posted whole or not at all; each of its rows is then rejected.
    """

    posted_count: int  # entries
    known_count: int  # entries that an earlier import posted
    rows_read: int
    rows_posted: int
    rows_known: int
    rows_ignored: int  # blank
    rejects: tuple[Reject, ...]  # by line
    questions: tuple[Question, ...] = ()
    refused: Refusal | None = None
