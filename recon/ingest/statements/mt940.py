"""SWIFT MT940 (statement) and MT942 (interim report), with what banks made of them.

One message per statement, `:20:` to `-`. Source of the rules: SWIFT user handbook, category 9. `:61:` is an entry,
`:86:` after it what the bank says about it. A reversal turns its mark round: RC takes a credit back, so money goes out.
EC and ED are expected, not booked. The entry date has no year: the one nearest to the value date is meant. Where the
entry date is no day at all, as some banks write it, the value date is the booking date too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from recon.ingest.answers import Answers
from recon.ingest.encoding import decode
from recon.ingest.findings import Finding
from recon.ingest.grid import OddRow
from recon.ingest.statements.remittance import Remittance, read_remittance
from recon.ingest.statements.statement import Balance, Entry, Section, Statement, StatementFormat, grid_of
from recon.model.reading import Control, ControlKind, Example

_CLAIM: Final = re.compile(rb"(?:^|[\r\n}])[ \t]*:20:.*?[\r\n]:(?:60[FM]|34F|13D?|61):", re.S)
_TAG: Final = re.compile(r":(\d{2}[A-Z]?):(.*)", re.S)
_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_ENVELOPE: Final = re.compile(r"^(?:\{[1235]:[^}]*\}+\s*)*(?:\{4:)?\s*")
_BALANCE: Final = re.compile(r"([CD])(\d{6})([A-Z]{3})(\d[\d.]*,?\d*)")
_SUM: Final = re.compile(r"(\d{1,5})([A-Z]{3})(\d[\d.]*,?\d*)")
_ENTRY: Final = re.compile(
    r"(?P<value>\d{6})(?P<booked>\d{4})?(?P<mark>R[CD]|E[CD]|[CD])(?P<funds>[A-Z](?=[\d,]))?"
    r"(?P<amount>\d*,?\d*)(?P<kind>[A-Z][A-Z0-9]{3})?(?P<ref>.*?)(?://(?P<bank>.*))?$"
)
_MONEY_OUT: Final = ("D", "RC")
_EXPECTED: Final = ("EC", "ED")
_NO_REFERENCE: Final = frozenset(("", "NONREF", "NOTPROVIDED", "NOREF"))
_CENTURY_PIVOT: Final = 80
"""Two-digit years from here on are of the 1900s: SWIFT's own rule for six-digit dates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    """One field: its tag, the line it starts on, and its text, lines joined by line feeds."""

    tag: str
    line: int
    text: str


def _claims(head: bytes) -> bool:
    return _CLAIM.search(head) is not None


def _read(data: bytes, answers: Answers) -> Statement:
    text = decode(data, answers)
    reader = _Reader()
    last_line = 0
    for found in _fields(text.data.decode("utf-8", "replace")):
        reader.take(found)
        last_line = found.line
    reader.end_statement(last_line)
    return Statement(
        encoding=text.encoding,
        grid=grid_of(reader.entries, reader.odd),
        sections=tuple(reader.sections),
        ignored=dict(reader.ignored),
        findings=tuple(reader.findings),
    )


MT940: Final = StatementFormat(name="mt940", title="SWIFT MT940 and MT942", claims=_claims, read=_read)


def _fields(text: str) -> Iterator[_Field]:
    """The fields of all messages; a line that begins no field goes on with the one before it."""
    tag, first, lines = "", 0, list[str]()
    for number, raw in enumerate(_LINE_END.split(text), start=1):
        line = _ENVELOPE.sub("", raw) if raw.startswith("{") else raw
        starts = _TAG.match(line)
        is_end = line.strip() in ("-", "-}") or line.startswith("-}")
        if starts or is_end:
            if tag:
                yield _Field(tag=tag, line=first, text="\n".join(lines))
            tag, first, lines = (starts[1], number, [starts[2]]) if starts else ("", number, [])
        elif tag:
            lines.append(line)
    if tag:
        yield _Field(tag=tag, line=first, text="\n".join(lines))


@dataclass(slots=True)
class _Reader:
    """Collects entries and the statements they stand in, field by field."""

    entries: list[Entry] = field(default_factory=list)
    odd: list[OddRow] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)
    _stated: dict[str, str] = field(default_factory=dict)
    _start: int = 0
    _first_entry: int = 0
    _waiting: _Field | None = None

    def take(self, found: _Field) -> None:
        if found.tag != "86":
            self._book(None)
        if found.tag == "20":
            self.end_statement(found.line - 1)
            self._start, self._first_entry = found.line, len(self.entries)
        if found.tag == "61":
            self._waiting = found
        elif found.tag == "86":
            self._book(found)
        else:
            self._stated.setdefault(found.tag, found.text)

    def end_statement(self, last_line: int) -> None:
        """Close the statement at hand: its entries get its account and currency, and it is a section."""
        self._book(None)
        if not self._stated:
            return
        currency = self._currency()
        account = _account(self._stated.get("25", self._stated.get("25P", "")), currency)
        own = self.entries[self._first_entry :]
        self.entries[self._first_entry :] = [replace(entry, account=account, currency=currency) for entry in own]
        section = self._section(account, currency, last_line)
        self.sections.append(section)
        has_balances = not self._stated.keys().isdisjoint(("60F", "60M"))
        if has_balances and (section.opening is None or section.closing is None):
            self.findings.append(_balance_missing(section))
        self._stated = {}

    def _section(self, account: str, currency: str, last_line: int) -> Section:
        number = " ".join(self._stated.get("28C", self._stated.get("28", "")).split())
        sums = {tag: _SUM.match(self._stated.get(tag, "")) for tag in ("90D", "90C")}
        debits, credits_ = sums["90D"], sums["90C"]
        return Section(
            name=f"Statement {number}".strip() if number else f"The statement on line {self._start}",
            account=account,
            currency=currency,
            first_line=self._start,
            last_line=last_line,
            opening=self._balance("60F", "60M"),
            closing=self._balance("62F", "62M"),
            count=int(debits[1]) + int(credits_[1]) if debits and credits_ else None,
            debits=_plain(debits[3]) if debits else None,
            credits=_plain(credits_[3]) if credits_ else None,
        )

    def _currency(self) -> str:
        for tag in ("60F", "60M", "62F", "62M", "64"):
            if (found := _BALANCE.match(self._stated.get(tag, ""))) is not None:
                return found[3]
        for tag in ("90D", "90C"):
            if (found := _SUM.match(self._stated.get(tag, ""))) is not None:
                return found[2]
        floor = self._stated.get("34F", "")[:3]
        return floor if floor.isalpha() and floor.isupper() else ""

    def _balance(self, *tags: str) -> Balance | None:
        for tag in tags:
            if (found := _BALANCE.match(self._stated.get(tag, ""))) is not None:
                on = _day(found[2])
                sign = "-" if found[1] == "D" else ""
                return Balance(amount=sign + _plain(found[4]), on=on.isoformat() if on else "")
        return None

    def _book(self, about: _Field | None) -> None:
        """The entry that waits for its `:86:`, with it or without one. What `:86:` says after a balance is no entry."""
        waiting, self._waiting = self._waiting, None
        if waiting is None:
            return
        parsed = _entry(waiting, read_remittance(about.text if about else ""))
        if isinstance(parsed, OddRow):
            self.odd.append(parsed)
        elif parsed is None:
            self.ignored["expected, not booked"] += 1
        else:
            self.entries.append(parsed)


def _entry(found: _Field, said: Remittance) -> Entry | OddRow | None:
    """One `:61:`; None for an expected entry."""
    first, *details = found.text.split("\n")
    parts = _ENTRY.match(first.strip())
    if parts is None or not parts["amount"].strip(","):
        return _odd(found, "STATEMENT_LINE", "This is no statement line we can read: date, mark and amount expected.")
    if parts["mark"] in _EXPECTED:
        return None
    value = _day(parts["value"])
    if value is None:
        return _odd(found, "DATE_IMPOSSIBLE", f"{parts['value']} is no day: year, month and day expected.")
    reference, bank = (parts["ref"] or "").strip(), (parts["bank"] or "").strip()
    supplement = " ".join(line.strip() for line in details if line.strip())
    return Entry(
        line=found.line,
        date=_booked(parts["booked"], value).isoformat(),
        value_date=value.isoformat(),
        amount=("-" if parts["mark"] in _MONEY_OUT else "") + _plain(parts["amount"]),
        txn_id="" if bank in _NO_REFERENCE else bank,
        payment_ref=said.reference or ("" if reference in _NO_REFERENCE else reference),
        description=said.text or supplement,
        counterparty=said.counterparty,
        kind=said.kind or parts["kind"] or "",
    )


def _balance_missing(section: Section) -> Finding:
    which = "opening balance (:60F:)" if section.opening is None else "closing balance (:62F:)"
    says = f"{section.name} has no {which} that can be read: the file may be cut short."
    control = Control(
        kind=ControlKind.COUNT, account=section.account or None, currency=None, stated=1, found=0, says=says
    )
    return Finding(control=control, example=Example(line=section.last_line, cells={"statement": section.name}))


def _odd(found: _Field, code: str, problem: str) -> OddRow:
    return OddRow(line=found.line, cells=(found.text.replace("\n", " "),), code=code, problem=problem)


def _account(text: str, currency: str) -> str:
    """The account as `:25:` names it, without the currency some banks write behind it."""
    account = " ".join(text.split())
    return account.removesuffix(currency).rstrip(" /") if currency and len(account) > len(currency) else account


def _plain(amount: str) -> str:
    whole, _, fraction = amount.replace(".", "").partition(",")
    return f"{whole or '0'}.{fraction}" if fraction else whole or "0"


def _day(text: str) -> date | None:
    year = int(text[:2])
    try:
        return date(year + (1900 if year >= _CENTURY_PIVOT else 2000), int(text[2:4]), int(text[4:6]))
    except ValueError:
        return None


def _booked(month_day: str | None, value: date) -> date:
    """The entry date nearest to the value date; the value date where there is none, or where it is no day."""
    if month_day is None:
        return value
    near: list[date] = []
    for year in (value.year - 1, value.year, value.year + 1):
        try:
            near.append(date(year, int(month_day[:2]), int(month_day[2:])))
        except ValueError:
            continue
    return min(near, key=lambda day: abs((day - value).days), default=value)
