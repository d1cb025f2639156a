"""Accounts of the ledger over some days: what can be taken as a side of a reconciliation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import quote, urlencode

from recon.model.books import Book

LEDGER: Final = "ledger"
"""What addresses of the ledger start with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPeriod:
    """Accounts of one book, each by its id, code or name, and the days; both included, None for no limit."""

    book: Book
    accounts: tuple[str, ...]
    first_on: date | None = None
    last_on: date | None = None

    @property
    def address(self) -> str:
        """`ledger:uae?account=Alice&from=2026-03-01`: as the command line takes it and the audit keeps it."""
        days = [("from", self.first_on), ("to", self.last_on)]
        said = [("account", name) for name in self.accounts] + [(key, day.isoformat()) for key, day in days if day]
        return f"{LEDGER}:{self.book}?{urlencode(said, quote_via=quote)}"
