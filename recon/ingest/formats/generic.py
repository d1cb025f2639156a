"""Any table with a date and an amount: columns are found by the names they usually go by."""

from __future__ import annotations

from typing import Final

from recon.ingest.formats.format import Format

GENERIC: Final = Format(name="generic", title="Any table with a date and an amount", marks=(), is_signed=False)
