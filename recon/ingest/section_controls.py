"""What the sections of a statement state about themselves, held against the transactions read from them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from recon.ingest.findings import Finding, minor_of
from recon.ingest.statements.statement import Balance, Section
from recon.model.reading import Account, Control, ControlKind, Example
from recon.money import exponents, to_text


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionSums:
    """A section, and what was read of it: its transactions, entries that were rejected, money out and in (minor)."""

    section: Section
    row_count: int
    rejected_count: int
    debits: int
    credits: int

    @property
    def moved(self) -> int:
        return self.credits - self.debits


def sums_of(sections: Sequence[Section], table: pa.Table, rejected: Sequence[int]) -> tuple[SectionSums, ...]:
    """What was read of each section. `table` follows TRANSACTION_SCHEMA; its lines, and those `rejected`, ascend."""
    lines, amounts = np.asarray(table["line"]), np.asarray(table["amount"])
    found = []
    for section in sections:
        bounds = [section.first_line, section.last_line + 1]
        first, stop = np.searchsorted(lines, bounds)
        lost = np.diff(np.searchsorted(np.asarray(rejected, np.int64), bounds))
        own = amounts[first:stop]
        out, into = -int(own[own < 0].sum()), int(own[own > 0].sum())
        found.append(
            SectionSums(section=section, row_count=len(own), rejected_count=int(lost[0]), debits=out, credits=into)
        )
    return tuple(found)


def section_findings(sums: Sequence[SectionSums]) -> Iterator[Finding]:
    """Every balance, sum and count the sections state; balances whose currency is unknown say nothing."""
    for found in sums:
        section = found.section
        if section.count is not None:
            yield _finding(section, ControlKind.COUNT, section.count, found.row_count + found.rejected_count, "entries")
        if section.currency not in exponents():
            continue
        opening, closing = (_minor(balance, section) for balance in (section.opening, section.closing))
        if opening is not None and closing is not None:
            yield _balance(found, opening, closing)
        for word, stated, read in (
            ("debits", section.debits, found.debits),
            ("credits", section.credits, found.credits),
        ):
            minor = None if stated is None else minor_of(stated, section.currency)
            if minor is not None:
                yield _finding(section, ControlKind.TOTAL, minor, read, word)


def accounts_of(sums: Sequence[SectionSums]) -> tuple[Account, ...]:
    """The accounts of the file, each once: opened by its first section, closed by its last."""
    by_account: dict[tuple[str, str], list[SectionSums]] = {}
    for found in sums:
        by_account.setdefault((found.section.account, found.section.currency), []).append(found)
    accounts = []
    for (number, currency), parts in by_account.items():
        opening, closing = parts[0].section.opening, parts[-1].section.closing
        accounts.append(
            Account(
                number=number or None,
                currency=currency,
                row_count=sum(part.row_count for part in parts),
                total=sum(part.moved for part in parts),
                opening=_minor(opening, parts[0].section),
                opened_on=_day(opening),
                closing=_minor(closing, parts[-1].section),
                closed_on=_day(closing),
            )
        )
    return tuple(accounts)


def _balance(found: SectionSums, opening: int, closing: int) -> Finding:
    section = found.section
    text = [to_text(minor, section.currency) for minor in (opening, found.moved, closing)]
    says = (
        f"{_name(section)}: opening balance {text[0]} and movements {text[1]} against closing balance {text[2]} "
        f"{section.currency}."
    )
    control = Control(
        kind=ControlKind.BALANCE,
        account=section.account or None,
        currency=section.currency,
        stated=closing,
        found=opening + found.moved,
        says=says,
    )
    return Finding(control=control, example=_example(section))


def _finding(section: Section, kind: ControlKind, stated: int, found: int, word: str) -> Finding:
    currency = section.currency if kind is ControlKind.TOTAL else None
    said, read = (to_text(n, currency) if currency else str(n) for n in (stated, found))
    unit = f" {currency}" if currency else ""
    says = f"{_name(section)} states {word} of {said}{unit}; {read} were read."
    if kind is ControlKind.COUNT:
        says = f"{_name(section)} states {said} {word}; {read} were found."
    control = Control(
        kind=kind, account=section.account or None, currency=currency, stated=stated, found=found, says=says
    )
    return Finding(control=control, example=_example(section))


def _example(section: Section) -> Example:
    return Example(line=section.first_line, cells={"statement": _name(section)})


def _name(section: Section) -> str:
    return f"{section.name} of {section.account}" if section.account else section.name


def _minor(balance: Balance | None, section: Section) -> int | None:
    if balance is None or section.currency not in exponents():
        return None
    return minor_of(balance.amount, section.currency)


def _day(balance: Balance | None) -> date | None:
    """The day of a balance; none where the file states none, or one that is no day."""
    try:
        return None if balance is None else date.fromisoformat(balance.on)
    except ValueError:
        return None
