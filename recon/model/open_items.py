"""Open items: transactions still unmatched, which live across the runs of a reconciliation until they are cleared."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import pyarrow as pa

from recon.model.transactions import TRANSACTION_SCHEMA


class ItemState(StrEnum):
    OPEN = "open"
    IN_TRANSIT = "in_transit"  # its counterpart is not due yet
    CLEARED = "cleared"


class ClearedBy(StrEnum):
    """What cleared an item."""

    MATCH = "match"  # a run found its counterpart
    DECISION = "decision"  # a person settled it
    AMENDED = "amended"  # its file says something else of it now
    VANISHED = "vanished"  # the corrected file of the run it was first in does not have it


ITEM_SCHEMA: Final = pa.schema(
    [
        *TRANSACTION_SCHEMA,  # its `line` is minus the item's number, so that it is no line of the run's own file
        pa.field("fingerprint", pa.string(), nullable=False),
        pa.field("first_run_id", pa.int64(), nullable=False),
        pa.field("first_seen_on", pa.date32(), nullable=False),
        pa.field("due_on", pa.date32()),
    ]
)
"""Items as a run carries them, by number."""
