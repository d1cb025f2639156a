"""Every format we read, by the name a reading carries: tables known by their columns, and statements."""

from __future__ import annotations

from recon.ingest.formats import FORMATS
from recon.ingest.statements import STATEMENTS


def known_formats() -> dict[str, str]:
    """Format name -> what it is called; exports of payment companies first, then statements, then any table."""
    *exports, generic = FORMATS
    known = [(each.name, each.title) for each in exports] + [(each.name, each.title) for each in STATEMENTS]
    tables = {"csv": generic.title, "xlsx": f"{generic.title}, in Excel", "xls": f"{generic.title}, in old Excel"}
    return dict(known) | tables | {"parquet": "Transactions in our own columns, as Parquet"}
