"""The names of what a run leaves in the evidence store, and where the rows are that it matched.

A run's rows are those of its two readings, in their order, unless it carried open items or left rows out that earlier
runs had: then its own tables of them are part of its evidence. Positions in matches count in these tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from recon.model.transactions import Side
from recon.store.evidence import reading_name, run_name
from recon.store.reading_files import TRANSACTIONS

MATCHES: Final = "matches.parquet"
NETTED: Final = "netted.parquet"
DISCREPANCIES: Final = "discrepancies.parquet"
MANIFEST: Final = "manifest.json"


def own_rows(side: str) -> str:
    """The part that holds a side's rows, where they are not the reading's."""
    return f"{Side(side).value}.parquet"


def carried_rows(side: str) -> str:
    """The part that holds the open items of a side that a run began with (ITEM_SCHEMA)."""
    return f"carried_{Side(side).value}.parquet"


def rows_name(
    side: str, *, reading_key: str, run_id: int, attempt: int | None, manifest: Mapping[str, str] | None
) -> str:
    """Where the rows of a side of a published run are, given the run's manifest."""
    if attempt is not None and manifest:
        own = run_name(run_id, attempt, own_rows(side))
        if own in manifest:
            return own
    return reading_name(reading_key, TRANSACTIONS)


def replayed_decisions(document: Mapping[str, Any]) -> tuple[int, ...]:
    """The numbers of the decisions a run began with, as its manifest says it."""
    if "decisions" in document:
        return tuple(document["decisions"])
    return tuple((document.get("carried") or {}).get("decisions", ()))
