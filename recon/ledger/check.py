"""What can be refused of a command by itself, before anything is looked up: texts, metadata, dates."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from recon.ledger.refusals import DateOutOfRange, EntryUnknown, LineCount, MetadataInvalid, TextInvalid
from recon.model.ledger import Command, OpenAccount, PostEntry, ReverseEntry

TEXT_LIMIT: Final = 200
METADATA_LIMIT: Final = 8_192
LINE_LIMIT: Final = 1_000
FIRST_DAY: Final = date(1900, 1, 1)
LAST_DAY: Final = date(2199, 12, 31)
LAST_ENTRY: Final = 2**63 - 1
"""More than that is no number of an entry, and none the database could look up."""


def check(command: Command) -> None:
    """Raise a refusal when the command could not be carried out whatever the ledger holds."""
    _check_text("key", command.key)
    _check_metadata(command.metadata)
    if isinstance(command, OpenAccount):
        return
    for name in ("source_system", "source_txn_id"):
        given = getattr(command, name)
        if given is not None:
            _check_text(name.replace("_", " "), given)
    if command.booked_on is not None and not FIRST_DAY <= command.booked_on <= LAST_DAY:
        raise DateOutOfRange(command.booked_on, first=FIRST_DAY, last=LAST_DAY)
    if isinstance(command, PostEntry) and not 2 <= len(command.lines) <= LINE_LIMIT:
        raise LineCount(len(command.lines), most=LINE_LIMIT)
    if isinstance(command, ReverseEntry) and not 0 < command.entry_id <= LAST_ENTRY:
        raise EntryUnknown(command.entry_id)


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
