"""OFX 1.x (SGML, tags not closed) and 2.x (XML), and QFX, which is OFX from Quicken's banks.

Read as a stream of tags, so that what banks leave open or out does not matter. `TRNAMT` is signed as the account's
holder sees it, whatever `TRNTYPE` says. `DTPOSTED` without a zone would be UTC by the standard, but banks mean their
own day: the first eight digits are the booking date. The standard allows a point or a comma before the decimals and no
grouping, so a lone mark is the decimal mark. The line of an entry is its number in the file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Final

from recon.ingest.answers import Answers
from recon.ingest.encoding import KNOWN, decode, is_utf8
from recon.ingest.grid import OddRow
from recon.ingest.statements.decimal_text import plain_decimal
from recon.ingest.statements.statement import Balance, Entry, Section, Statement, StatementFormat, grid_of
from recon.ingest.stop import Refused
from recon.model.reading import Note

_CLAIM: Final = re.compile(rb"\s*(?:OFXHEADER\s*:|<\?xml[^>]*>\s*<\?OFX\b|<\?OFX\b|(?:<\?xml[^>]*>\s*)?<OFX>)", re.I)
_TAG: Final = re.compile(r"<(/?)([A-Za-z0-9_.]+)\s*/?>([^<]*)")
_CHARSET: Final = re.compile(rb"CHARSET:\s*([\w-]+)", re.I)
_ACCOUNTS: Final = frozenset(("BANKACCTFROM", "CCACCTFROM", "INVACCTFROM"))
_STATEMENTS: Final = frozenset(("STMTRS", "CCSTMTRS", "INVSTMTRS"))
_TRADES: Final = re.compile(r"(?:BUY|SELL)(?!TYPE)\w+|REINVEST|INCOME|TRANSFER|INVEXPENSE|RETOFCAP|SPLIT|CLOSUREOPT")


def _claims(head: bytes) -> bool:
    return _CLAIM.match(head.removeprefix(b"\xef\xbb\xbf")) is not None


def _read(data: bytes, answers: Answers) -> Statement:
    text, encoding = _decoded(data, answers)
    reader = _Reader()
    for closes, name, said in _tags(text):
        if closes:
            reader.close(name)
        else:
            reader.open(name, said)
    if not reader.is_whole:
        raise Refused("FILE_DAMAGED", "The file is cut short: its last tag, </OFX>, is missing. Send it again.")
    return Statement(
        encoding=encoding,
        grid=grid_of(reader.entries, reader.odd),
        sections=tuple(reader.sections),
        ignored=dict(reader.ignored),
        notes=tuple(_notes(reader)),
    )


OFX: Final = StatementFormat(name="ofx", title="OFX 1.x and 2.x, QFX", claims=_claims, read=_read)


def _decoded(data: bytes, answers: Answers) -> tuple[str, str]:
    """The text and its encoding: UTF-8 where it is that, else the one the header names, else a question."""
    named = _CHARSET.search(data[:1024])
    if named is not None and answers.get("ENCODING") is None and not is_utf8(data):
        charset = named[1].decode().lower()
        encoding = {"1252": "cp1252", "8859-1": "iso8859-1"}.get(charset, f"cp{charset}")
        if encoding in KNOWN:
            return data.decode(encoding, "replace"), encoding
    text = decode(data, answers)
    return text.data.decode("utf-8", "replace"), text.encoding


def _tags(text: str) -> Iterator[tuple[bool, str, str]]:
    """(closes, name, text behind it) of every tag from `<OFX>` on."""
    begin = re.search(r"<OFX>", text, re.I)
    for found in _TAG.finditer(text, begin.start() if begin else 0):
        yield bool(found[1]), found[2].upper(), unescape(found[3]).strip()


@dataclass(slots=True)
class _Reader:
    """Collects entries and sections, tag by tag; `_entry` and `_head` hold the leaves of what is open."""

    entries: list[Entry] = field(default_factory=list)
    odd: list[OddRow] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)
    trades_count: int = 0
    is_whole: bool = False
    _head: dict[str, str] = field(default_factory=dict)
    _entry: dict[str, str] | None = None
    _within: str = ""
    _first: int = 1

    @property
    def _next(self) -> int:
        return len(self.entries) + len(self.odd) + 1

    def open(self, name: str, said: str) -> None:
        if name in _STATEMENTS:
            self._head, self._first = {}, self._next
        elif name in ("STMTTRN", "STMTTRNP"):
            self._end_entry()
            self._entry = {"": name}
        elif self._entry is None and _TRADES.fullmatch(name):
            self.trades_count += 1
        elif name in _ACCOUNTS or name in ("LEDGERBAL", "AVAILBAL", "CURRENCY", "ORIGCURRENCY"):
            self._within = name
        elif self._entry is not None:
            self._entry.setdefault(f"{self._within}/{name}" if self._within in _CURRENCIES else name, said)
        elif said:
            self._head.setdefault(f"{self._within}/{name}" if self._within else name, said)

    def close(self, name: str) -> None:
        if name in ("STMTTRN", "STMTTRNP"):
            self._end_entry()
        elif name in _STATEMENTS:
            self._end_entry()
            self._end_statement()
        elif name == self._within:
            self._within = ""
        self.is_whole |= name == "OFX"

    def _end_entry(self) -> None:
        said, self._entry, self._within = self._entry, None, ""
        if said is None:
            return
        if said[""] == "STMTTRNP":
            self.ignored["pending"] += 1
            return
        entry = _entry(said, self._next, self._account(), self._head.get("CURDEF", ""))
        if isinstance(entry, OddRow):
            self.odd.append(entry)
        else:
            self.entries.append(entry)

    def _account(self) -> str:
        return next((said for at in _ACCOUNTS if (said := self._head.get(f"{at}/ACCTID", ""))), "")

    def _end_statement(self) -> None:
        amount = plain_decimal(self._head.get("LEDGERBAL/BALAMT", ""))
        on = _day(self._head.get("LEDGERBAL/DTASOF", ""))
        account = self._account()
        self.sections.append(
            Section(
                name=f"The statement of {account}" if account else f"Statement {len(self.sections) + 1}",
                account=account,
                currency=self._head.get("CURDEF", "").upper(),
                first_line=self._first,
                last_line=self._next - 1,
                closing=Balance(amount=amount, on=on) if amount else None,
            )
        )


_CURRENCIES: Final = frozenset(("CURRENCY", "ORIGCURRENCY"))


def _entry(said: dict[str, str], number: int, account: str, currency: str) -> Entry | OddRow:
    """One `STMTTRN`, from its leaves."""
    amount, booked = plain_decimal(said.get("TRNAMT", "")), _day(said.get("DTPOSTED", ""))
    if not amount or not booked:
        shown = tuple(f"{name} {said[name]}" for name in ("FITID", "DTPOSTED", "TRNAMT") if said.get(name))
        problem = "The entry has no amount or no date that can be read: TRNAMT and DTPOSTED expected."
        return OddRow(line=number, cells=shown, code="STATEMENT_ENTRY", problem=problem)
    name = said.get("NAME", "")
    return Entry(
        line=number,
        date=booked,
        value_date=_day(said.get("DTAVAIL", "")),
        amount=amount,
        currency=said.get("CURRENCY/CURSYM", currency).upper(),
        account=account,
        txn_id=said.get("FITID", ""),
        payment_ref=said.get("REFNUM", "") or said.get("CHECKNUM", ""),
        description=said.get("MEMO", "") or name,
        counterparty=name,
        kind=said.get("TRNTYPE", ""),
    )


def _day(text: str) -> str:
    """The first eight digits as an ISO date; whether it is a day is checked where every date is."""
    digits = text[:8]
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}" if len(digits) == 8 and digits.isdigit() else ""


def _notes(reader: _Reader) -> Iterator[Note]:
    if reader.trades_count:
        text = "Trades in securities are not read: only what moved cash is a transaction."
        yield Note(code="TRADES_LEFT_OUT", text=text, count=reader.trades_count)
