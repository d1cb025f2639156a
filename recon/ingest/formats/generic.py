"""Any table with a date and an amount: columns are found by the names they usually go by."""

from __future__ import annotations

from recon.ingest.formats.format import Format

GENERIC = Format(name="generic", claims=lambda names: True, roles=lambda names: {})
