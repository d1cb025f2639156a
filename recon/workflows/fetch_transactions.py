"""Fetch transactions from a connector and keep them as a file is kept: they are read, run and replayed the same way.

An address says where they come from: the connector's name, a colon, and what that connector understands. The same
transactions under the same name are one upload; fetched again after something changed, they are another.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

import pyarrow.parquet as pq
from sqlalchemy import Engine

from recon.connectors import CONNECTORS
from recon.model.people import Action
from recon.store import audit
from recon.store.evidence import Evidence
from recon.store.uploads import Upload
from recon.workflows.permit import permit
from recon.workflows.receive_upload import receive_upload

_BY_NAME: Final = {connector.NAME: connector for connector in CONNECTORS}


def is_address(text: str) -> bool:
    """Whether a text names a connector; what else it says is for that connector to judge."""
    name, colon, _ = text.partition(":")
    return bool(colon) and name in _BY_NAME


def fetch_transactions(engine: Engine, evidence: Evidence, address: str, *, actor: str) -> Upload:
    """The upload that holds what the address gives now. Raises what the connector and `permit` raise."""
    assert is_address(address)
    with engine.connect() as conn:
        permit(conn, actor, Action.IMPORT)
    name, _, rest = address.partition(":")
    fetched = _BY_NAME[name].fetch(engine, rest)
    with tempfile.TemporaryDirectory(prefix="tieout-fetch-") as folder:
        file = Path(folder) / "transactions.parquet"
        pq.write_table(fetched.table, file, compression="zstd")
        filename = f"{fetched.name}.parquet"
        upload = receive_upload(engine, evidence, file, filename=filename, actor=actor, address=address).upload
    with engine.begin() as conn:
        detail = {"address": address, "rows": fetched.table.num_rows, "sha256": upload.sha256}
        audit.record(conn, actor=actor, action="transactions_fetched", subject=f"upload {upload.id}", detail=detail)
    return upload
