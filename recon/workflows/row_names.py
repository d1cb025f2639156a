"""The fingerprints of a published run's rows: of its own as its whole file has them, of carried ones as they were kept.

Rows that are alike are told apart by their number in the file, so a part of the file does not say them.
"""

from __future__ import annotations

from collections.abc import Container

import pyarrow as pa
import pyarrow.compute as pc

from recon.model.fingerprint import fingerprints
from recon.model.transactions import Side
from recon.store.evidence import Evidence, reading_name, run_name
from recon.store.reading_files import TRANSACTIONS
from recon.store.run_files import carried_rows


def row_names(
    evidence: Evidence,
    side: Side,
    rows: pa.Table,
    *,
    reading_key: str,
    run_id: int,
    attempt: int,
    manifest: Container[str],
) -> pa.Array:
    """One name a row. `manifest`: the names of the run's evidence. Raises `EvidenceMissing`."""
    file = evidence.read_table(reading_name(reading_key, TRANSACTIONS))
    lines, names = [file["line"].combine_chunks()], [fingerprints(file)]
    kept = run_name(run_id, attempt, carried_rows(side))
    if kept in manifest:
        pool = evidence.read_table(kept)
        lines.append(pool["line"].combine_chunks())
        names.append(pool["fingerprint"].combine_chunks())
    place = pc.index_in(rows["line"].combine_chunks(), pa.concat_arrays(lines))
    return pa.concat_arrays(names).take(place)
