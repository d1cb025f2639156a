"""What can be refused of a command by itself, before anything is looked up: texts, metadata, dates."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from recon.ledger.books_refusals import FlowUnknown, MomentWithoutZone, RemittanceUnknown
from recon.ledger.refusals import DateOutOfRange, EntryUnknown, LineCount, MetadataInvalid, TextInvalid
from recon.model.books import BooksCommand
from recon.model.ledger import Command, OpenAccount, PostEntry, PostingCommand, ReverseEntry, Transfer

TEXT_LIMIT: Final = 200
METADATA_LIMIT: Final = 8_192
LINE_LIMIT: Final = 1_000
FIRST_DAY: Final = date(1900, 1, 1)
LAST_DAY: Final = date(2199, 12, 31)
LAST_ID: Final = 2**63 - 1
"""More than that is no number of an entry, flow or remittance, and none the database could look up."""

TEXTS: Final = ("external_ref", "name", "instrument", "broker_ref", "reason", "source_system", "source_txn_id")
DAYS: Final = ("moved_on", "sent_on", "returned_on", "as_of")
MOMENTS: Final = ("opened_at", "settled_at", "failed_at")
NUMBERS: Final = {"entry_id": EntryUnknown, "flow_id": FlowUnknown, "remittance_id": RemittanceUnknown}


def check(command: Command) -> None:
    """Raise a refusal when the command could not be carried out whatever the ledger holds."""
    _check_text("key", command.key)
    _check_metadata(command.metadata)
    match command:
        case OpenAccount():
            return
        case Transfer() | PostEntry() | ReverseEntry():
            _check_posting(command)
        case _:
            _check_books(command)


def _check_posting(command: PostingCommand) -> None:
    for name in ("source_system", "source_txn_id"):
        given = getattr(command, name)
        if given is not None:
            _check_text(name.replace("_", " "), given)
    if command.booked_on is not None:
        _check_day(command.booked_on)
    if isinstance(command, PostEntry) and not 2 <= len(command.lines) <= LINE_LIMIT:
        raise LineCount(len(command.lines), most=LINE_LIMIT)
    if isinstance(command, ReverseEntry) and not 0 < command.entry_id <= LAST_ID:
        raise EntryUnknown(command.entry_id)


def _check_books(command: BooksCommand) -> None:
    """Each part by its name, whichever command has it."""
    for name in command.__slots__:
        given = getattr(command, name)
        if given is None:
            continue
        if name in TEXTS:
            _check_text(name.replace("_", " "), given)
        elif name in DAYS:
            _check_day(given)
        elif name in MOMENTS:
            _check_moment(given)
        elif name in NUMBERS and not 0 < given <= LAST_ID:
            raise NUMBERS[name](given)


def _check_day(day: date) -> None:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise DateOutOfRange(day, first=FIRST_DAY, last=LAST_DAY)


def _check_moment(moment: datetime) -> None:
    if moment.tzinfo is None:
        raise MomentWithoutZone(moment)
    _check_day(moment.date())


def _check_text(name: str, given: str) -> None:
    if not given.strip() or len(given) > TEXT_LIMIT or any(unicodedata.category(c) in ("Cc", "Cs") for c in given):
        raise TextInvalid(name, most=TEXT_LIMIT)


def _check_metadata(metadata: Mapping[str, Any]) -> None:
    """PostgreSQL's JSON takes neither NaN, nor a NUL, nor half a character."""
    try:
        written = json.dumps(dict(metadata), allow_nan=False, ensure_ascii=False, sort_keys=True)
        size = len(written.encode())
    except (TypeError, ValueError, RecursionError):  # no JSON value, NaN, or a lone surrogate
        raise MetadataInvalid("it has a value that JSON has no form for") from None
    if "\\u0000" in written:
        raise MetadataInvalid("it has a NUL character")
    if size > METADATA_LIMIT:
        raise MetadataInvalid(f"it has {size:,} bytes, and at most {METADATA_LIMIT:,} are kept")
