"""QIF (Quicken Interchange Format): records of one letter and a text a line, each ended by `^`.

It names no currency, and its dates and amounts are written as the sender's country does: both are decided over the
whole file or asked, like the columns of a table. Splits (`S`, `E`, `$`) sum to their record and are not added to it.
Lists of categories, classes, securities and prices, and trades, move no cash and are left out, counted.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from recon.ingest.answers import Answers
from recon.ingest.encoding import decode
from recon.ingest.grid import OddRow
from recon.ingest.statements.statement import Entry, Section, Statement, StatementFormat, grid_of

_CLAIM: Final = re.compile(rb"\s*!(?:Type|Account|Option)\b", re.I)
_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_CASH: Final = frozenset(("bank", "cash", "ccard", "oth a", "oth l", "invoice"))
_OPENING: Final = frozenset(("opening balance", "anfangssaldo", "solde initial", "saldo inicial", "saldo iniziale"))
_SHORT_YEAR: Final = re.compile(r"'\s*(\d{2})$")
_LONG_YEAR: Final = re.compile(r"'\s*(\d{4})$")


def _claims(head: bytes) -> bool:
    return _CLAIM.match(head.removeprefix(b"\xef\xbb\xbf")) is not None


def _read(data: bytes, answers: Answers) -> Statement:
    text = decode(data, answers)
    reader = _Reader()
    number = 0
    for number, line in enumerate(_LINE_END.split(text.data.decode("utf-8", "replace")), start=1):
        reader.take(number, line.strip())
    reader.end(number)
    return Statement(
        encoding=text.encoding,
        grid=grid_of(reader.entries, reader.odd, is_plain=False),
        sections=tuple(reader.sections),
        ignored=dict(reader.ignored),
    )


QIF: Final = StatementFormat(name="qif", title="QIF", claims=_claims, read=_read)


@dataclass(slots=True)
class _Reader:
    """Collects records line by line. `_type` is the list the records belong to; `_account` the last one named."""

    entries: list[Entry] = field(default_factory=list)
    odd: list[OddRow] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)
    _type: str = ""
    _account: str = ""
    _first_line: int = 1
    _start: int = 0
    _record: dict[str, str] = field(default_factory=dict)

    def take(self, number: int, line: str) -> None:
        if line.startswith("!"):
            self._head(number, line)
        elif line == "^":
            self._end_record()
        elif line:
            self._start = self._start if self._record else number
            self._record.setdefault(line[0].upper(), line[1:].strip())

    def end(self, last_line: int) -> None:
        """The end of the file; a record that no `^` ended was cut."""
        if self._record:
            self._reject("RECORD_CUT", "The record is not ended by ^: the file may be cut short.")
        self._end_section(last_line)

    def _head(self, number: int, line: str) -> None:
        name, _, said = line[1:].partition(":")
        if self._record:
            self._reject("RECORD_CUT", "The record is not ended by ^ before the next list begins.")
        if name.strip().casefold() == "type":
            self._end_section(number - 1)
            self._type, self._first_line = said.strip().casefold(), number
        elif name.strip().casefold() == "account":
            self._end_section(number - 1)
            self._type, self._first_line = "account", number

    def _end_section(self, last_line: int) -> None:
        if self._type in _CASH:
            self.sections.append(
                Section(
                    name=f"The list on line {self._first_line}",
                    account=self._account,
                    currency="",
                    first_line=self._first_line,
                    last_line=last_line,
                )
            )
        self._type = ""

    def _end_record(self) -> None:
        said, self._record = self._record, {}
        if self._type == "account":
            self._account = said.get("N", "")
        elif self._type not in _CASH:
            if said:
                self.ignored[f"of the list {self._type[:40] or 'without a type'}"] += 1
        elif said.get("P", "").casefold() in _OPENING:
            self.ignored["opening balance"] += 1
        elif "D" not in said or not (amount := said.get("T") or said.get("U")):
            self._record = said
            self._reject("STATEMENT_ENTRY", "The record has no date (D) or no amount (T).")
        else:
            self.entries.append(self._entry(said, amount))

    def _entry(self, said: dict[str, str], amount: str) -> Entry:
        return Entry(
            line=self._start,
            date=_date(said["D"]),
            amount=amount,
            account=self._account,
            payment_ref=said.get("N", ""),
            description=said.get("M", "") or said.get("P", ""),
            counterparty=said.get("P", ""),
            kind=said.get("L", ""),
        )

    def _reject(self, code: str, problem: str) -> None:
        cells = tuple(f"{letter}{text}" for letter, text in self._record.items())
        self.odd.append(OddRow(line=self._start, cells=cells, code=code, problem=problem))
        self._record = {}


def _date(text: str) -> str:
    """The date without Quicken's apostrophe, which stands before a year of this century: `1/ 2'24`."""
    spaced = re.sub(r"(?<=[/.-])\s+", "", text)
    return _LONG_YEAR.sub(r"/\1", _SHORT_YEAR.sub(r"/20\1", spaced))
