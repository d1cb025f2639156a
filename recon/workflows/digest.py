"""The digest of a result: one sha256 that is equal for equal results, whatever the order of the rows in the files.

A row counts by what it says, not by its line. Each match and each discrepancy becomes a hash of its rows' contents and
of what was decided; the digest is the hash of all these hashes in order. Sentences for people are left out.
"""

from __future__ import annotations

import hashlib
from typing import Final

import duckdb
import pyarrow as pa

from recon.model.outcome import Outcome
from recon.model.transactions import TRANSACTION_SCHEMA

_CONTENT: Final = ", ".join(f'"{name}"' for name in TRANSACTION_SCHEMA.names if name != "line")

_ROWS: Final = """
create temp table {side}_row as
select row_number() over () - 1 as position, sha256(to_json(struct_pack({content}))::varchar) as content from {side}"""

_MATCHES: Final = """
select sha256('match' || s.content || r.content || m.status || m.pass || m.amount_delta) as line
  from matches m join source_row s on s.position = m.source_row join reference_row r on r.position = m.reference_row"""

_DISCREPANCIES: Final = """
select sha256('discrepancy' || d.kind || coalesce(d.side, '-') || coalesce(s.content, '-') || coalesce(r.content, '-')
              || d.currency || d.amount) as line
  from discrepancies d
  left join source_row s on s.position = d.source_row left join reference_row r on r.position = d.reference_row"""


def result_digest(outcome: Outcome, source: pa.Table, reference: pa.Table, *, threads: int = 2) -> str:
    """The digest of an outcome of these two transaction tables, as 64 hexadecimal digits."""
    with duckdb.connect(config={"threads": threads}) as con:
        con.execute("set preserve_insertion_order = true")
        con.register("source", source)
        con.register("reference", reference)
        con.register("matches", outcome.matches)
        con.register("discrepancies", outcome.discrepancies)
        for side in ("source", "reference"):
            con.execute(_ROWS.format(side=side, content=_CONTENT))
        digest = hashlib.sha256()
        for query in (_MATCHES, _DISCREPANCIES):
            lines = con.execute(f"select string_agg(line, '' order by line) from ({query})").fetchone()  # noqa: S608
            digest.update((lines[0] or "").encode() if lines else b"")
            digest.update(b"\n")
        return digest.hexdigest()
