"""Amazon's settlement report, flat file V2: tab-separated, one row for each part of an order's amount.

The first row below the names is the settlement itself: its currency and its total, which the parts must sum to. The
other rows name no currency. Dates and decimals follow the marketplace and are decided over the whole file.
"""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from typing import Final

from recon.ingest.answers import Answers
from recon.ingest.encoding import decode
from recon.ingest.grid import OddRow
from recon.ingest.statements.decimal_text import plain_decimal
from recon.ingest.statements.statement import Balance, Entry, Section, Statement, StatementFormat, grid_of
from recon.ingest.stop import Refused

_CLAIM: Final = re.compile(rb'(?:\xef\xbb\xbf)?"?settlement-id"?\t"?settlement-start-date"?\t')
_NAMES: Final = (
    "total-amount",
    "currency",
    "transaction-type",
    "order-id",
    "amount-type",
    "amount-description",
    "amount",
)


def _claims(head: bytes) -> bool:
    return _CLAIM.match(head) is not None


def _read(data: bytes, answers: Answers) -> Statement:
    text = decode(data, answers)
    rows = csv.reader(text.data.decode("utf-8", "replace").splitlines(keepends=True), delimiter="\t")
    names = next(rows)
    if missing := [name for name in _NAMES if name not in names]:
        raise Refused("FILE_KIND", f"The settlement report lacks the column {missing[0]}. Export the V2 flat file.")
    entries, odd, sections = list[Entry](), list[OddRow](), list[Section]()
    line = rows.line_num
    for cells in rows:
        line = rows.line_num
        said = {name: cell.strip() for name, cell in zip(names, cells, strict=False)}
        if said.get("total-amount"):
            sections.append(_section(said, line))
        elif not sections or len(cells) != len(names):
            problem = (
                f"The row has {len(cells)} cells where {len(names)} are expected, or stands before its settlement."
            )
            odd.append(OddRow(line=line, cells=tuple(cells), code="ROW_COLUMNS", problem=problem))
        elif any(said.values()):
            entries.append(_entry(said, line, sections[-1].currency))
    return Statement(
        encoding=text.encoding,
        grid=grid_of(entries, odd, is_plain=False),
        sections=tuple(_ended(sections, line)),
    )


AMAZON: Final = StatementFormat(
    name="amazon_settlement", title="Amazon settlement report (flat file V2)", claims=_claims, read=_read
)


def _section(said: dict[str, str], line: int) -> Section:
    """A settlement: from nothing to its total."""
    total = plain_decimal(said["total-amount"])
    return Section(
        name=f"Settlement {said.get('settlement-id', '')}".strip(),
        account="",
        currency=said.get("currency", "").upper(),
        first_line=line,
        last_line=line,
        opening=Balance(amount="0") if total else None,
        closing=Balance(amount=total) if total else None,
    )


def _ended(sections: list[Section], last_line: int) -> list[Section]:
    """The sections, each reaching to the line before the next one."""
    ends = [*(section.first_line - 1 for section in sections[1:]), last_line]
    return [replace(section, last_line=end) for section, end in zip(sections, ends, strict=False)]


def _entry(said: dict[str, str], line: int, currency: str) -> Entry:
    parts = (said.get("amount-type", ""), said.get("amount-description", ""))
    return Entry(
        line=line,
        date=said.get("posted-date-time") or said.get("posted-date", ""),
        amount=said.get("amount", ""),
        currency=currency,
        payment_ref=said.get("order-id", ""),
        description=" ".join(part for part in parts if part),
        group_id=said.get("settlement-id", ""),
        kind=said.get("transaction-type", ""),
    )
