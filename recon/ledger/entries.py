"""Lines of a journal file -> the commands that post its entries, and a reject for each line of an entry that cannot be.

Pure. An entry's command follows from what its lines say and not from their order, so that a file sent again, sorted or
cut in another way, posts nothing twice.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from recon.ledger.check import TEXT_LIMIT
from recon.model.ledger import AccountBalance, Book, PostEntry, WantedLine
from recon.model.reading import Reject
from recon.money import to_text

NAMED_BY: Final = ("code", "name")
"""Entries of an account's metadata that a file may name it by, beside its id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLine:
    """A line of the file: `entry` is shared by the lines of one entry, `account` an id, a code or a name."""

    line: int
    entry: str
    date: date
    account: str
    amount: int
    currency: str
    description: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEntry:
    """An entry as the file has it, whole."""

    lines: tuple[FileLine, ...]  # by line number
    command: PostEntry | None  # None: it cannot be posted, and `rejects` say why
    rejects: tuple[Reject, ...] = ()


class AccountNames:
    """Which account of a book a text means. Two accounts of one name are told apart by the currency, or not at all."""

    def __init__(self, accounts: Iterable[AccountBalance]) -> None:
        self._named: dict[tuple[str, str], set[UUID]] = defaultdict(set)
        self._ids: dict[str, UUID] = {}
        for account in accounts:
            self._ids[str(account.id)] = account.id
            for key in NAMED_BY:
                name = account.metadata.get(key)
                if isinstance(name, str):
                    self._named[name.strip(), account.currency].add(account.id)

    def find(self, named: str, currency: str) -> UUID | str:
        """The account's id, or a sentence about why it is none."""
        by_id = self._ids.get(named.lower())
        if by_id is not None:
            return by_id
        found = self._named.get((named, currency), set())
        if len(found) == 1:
            return next(iter(found))
        if found:
            return f"{len(found)} accounts in {currency} go by this name. Give the account's id."
        return f"No {currency} account of this book has this id, code or name. Open it first, or check the name."


def entries_of(
    lines: Iterable[FileLine], accounts: AccountNames, *, book: Book, source_system: str, spoilt: Set[str] = frozenset()
) -> tuple[FileEntry, ...]:
    """Every entry of the file, by day and name. `spoilt` are entries of which a line could not be read."""
    by_entry: dict[str, list[FileLine]] = defaultdict(list)
    for line in lines:
        by_entry[line.entry].append(line)
    found = (
        _entry(name, sorted(group, key=lambda line: line.line), accounts, book, source_system, is_spoilt=name in spoilt)
        for name, group in by_entry.items()
    )
    return tuple(sorted(found, key=lambda entry: (entry.lines[0].date, entry.lines[0].entry)))


def rejected(entry: FileEntry, code: str, problem: str) -> tuple[Reject, ...]:
    """A reject for each line of an entry that is refused as a whole."""
    return _rejects(entry.lines, {}, code=code, problem=problem)


def _entry(
    name: str, lines: list[FileLine], accounts: AccountNames, book: Book, source_system: str, *, is_spoilt: bool
) -> FileEntry:
    found = {line.line: accounts.find(line.account, line.currency) for line in lines}
    unknown = {number: problem for number, problem in found.items() if isinstance(problem, str)}
    days = {line.date for line in lines}
    if unknown or is_spoilt or len(days) > 1:
        code, problem = "ENTRY_INCOMPLETE", "Another line of its entry could not be used, so none of it was posted."
        if len(days) > 1:
            code, problem = "ENTRY_DATES", f"The lines of this entry have {len(days)} dates. An entry has one."
        return FileEntry(lines=tuple(lines), command=None, rejects=_rejects(lines, unknown, code=code, problem=problem))
    wanted = [
        WantedLine(account_id=account, amount=to_text(line.amount, line.currency), currency=line.currency)
        for line in lines
        if isinstance(account := found[line.line], UUID)
    ]
    command = PostEntry(
        key=_key(f"import {book} {source_system} {name}"),
        book=book,
        lines=tuple(sorted(wanted, key=lambda line: (line.account_id, line.currency, line.amount))),
        booked_on=lines[0].date,
        source_system=source_system,
        source_txn_id=name,
        metadata=_metadata(lines),
    )
    return FileEntry(lines=tuple(lines), command=command)


def _key(said: str) -> str:
    """As it is where that is short enough to be a key."""
    return said if len(said) <= TEXT_LIMIT else f"import {hashlib.sha256(said.encode()).hexdigest()}"


def _metadata(lines: Iterable[FileLine]) -> dict[str, Any]:
    said = sorted({line.description for line in lines if line.description})
    return {"description": "; ".join(said)} if said else {}


def _rejects(lines: Iterable[FileLine], unknown: Mapping[int, str], *, code: str, problem: str) -> tuple[Reject, ...]:
    return tuple(
        Reject(
            line=line.line,
            column="account" if line.line in unknown else None,
            value=line.account if line.line in unknown else line.entry,
            code="ACCOUNT_UNKNOWN" if line.line in unknown else code,
            problem=unknown.get(line.line, problem),
        )
        for line in lines
    )
