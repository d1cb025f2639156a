"""The rules a reconciliation goes by: versions that are only ever added; the newest counts for the next run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from recon.model.rules import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedRules:
    """One version of a reconciliation's rules, from 1 up, and why it was made."""

    version: int
    rules: Rules
    note: str
    created_at: datetime
    created_by: str
