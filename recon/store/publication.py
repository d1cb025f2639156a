"""Publishing a run: everything it found becomes visible in one transaction, or nothing does.

The transaction copies the discrepancies, adds totals and proof, lets the database count again what they say (twice
guarded: the step that made them proved it too), and ends with the fence: the run must still be in this attempt's hands,
and nobody may have asked to cancel. The run's row is written last, so that progress and cancel are never kept waiting.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import psycopg
import pyarrow as pa
import pyarrow.csv
from psycopg import sql
from sqlalchemy import Connection, DateTime, Engine, Row, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from recon.errors import RunCancelled, RunDoesNotTieOut, RunSuperseded
from recon.model.outcome import OutcomeTotal, ProofLine, matched_row_count
from recon.store import audit
from recon.store.evidence import run_name
from recon.store.run_files import MANIFEST
from recon.store.runs import Claim
from recon.store.tables import discrepancy, run, run_proof, run_total

BATCH_ROWS: Final = 20_000
"""Rows copied between two looks at whether to go on."""


MANY_ROWS: Final = 5_000
"""From so many rows on, what PostgreSQL knew of the table before is no guide to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What a run publishes. `discrepancies` has the columns of `recon.store.tables.discrepancy` that a run fills."""

    discrepancies: pa.Table
    totals: tuple[OutcomeTotal, ...]
    proof: tuple[ProofLine, ...]
    source_count: int
    reference_count: int
    matched_count: int
    suggested_count: int
    confidence: tuple[int, ...]
    decision_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """What a run's evidence is known by: file -> sha256, and the digest of the result."""

    manifest: Mapping[str, str]
    digest: str


def publish(
    conn: Connection,
    claim: Claim,
    publication: Publication,
    *,
    sealed: Callable[[], Seal],
    seconds: Mapping[str, float],
    on_rows: Callable[[int], None],
    also: Callable[[Connection], None] | None = None,
) -> None:
    """Make the attempt the run's published one; `on_rows` hears how many rows are copied and may raise to stop.

    `also` is what else changes with the publication, in its transaction.
    `sealed` gives the seal of the evidence once all of it is stored, and is waited for before anything can be seen.
    `seconds` is what the other stages took, by name, read after that; publishing adds its own.

    Raises `RunSuperseded` or `RunCancelled` when the attempt is not to be published any more, and `RunDoesNotTieOut`
    when the rows do not add up to the proof: the caller's transaction then rolls back.
    """
    started = time.monotonic()
    _copy_discrepancies(conn, claim, publication.discrepancies, on_rows)
    _add_totals(conn, claim, publication)
    _recount(conn, claim, publication)
    seal = sealed()
    if also is not None:  # last, so that the locks it takes are held for a short while
        also(conn)
    took = {**seconds, "publish": round(time.monotonic() - started, 3)}
    _pass_the_fence(conn, claim, publication, seal, took)
    detail = {
        "attempt": claim.attempt,
        "digest": seal.digest,
        "manifest": seal.manifest[run_name(claim.run_id, claim.attempt, MANIFEST)],  # its sha256 stands for all files
        "discrepancies": publication.discrepancies.num_rows,
    }
    audit.record(conn, actor="system", action="run_published", subject=f"run {claim.run_id}", detail=detail)


def count_anew(engine: Engine, row_count: int) -> None:
    """After a large publication: let PostgreSQL look at the rows it now has, so that the queue is read by its indexes.

    It would do so by itself within minutes; operators come at once. What stops it is no harm to the run.
    """
    if row_count < MANY_ROWS:
        return
    with suppress(DBAPIError), engine.begin() as conn:
        conn.execute(text("set local lock_timeout = '2s'"))
        conn.execute(text("analyze discrepancy, discrepancy_tally"))


def _copy_discrepancies(conn: Connection, claim: Claim, table: pa.Table, on_rows: Callable[[int], None]) -> None:
    raw = conn.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    columns = ["run_id", "attempt", *table.column_names]
    assert set(columns) <= set(discrepancy.columns.keys())
    statement = sql.SQL("copy discrepancy ({}) from stdin (format csv)").format(
        sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    on_rows(0)
    with raw.cursor() as cursor, cursor.copy(statement) as copy:
        for done, lines in _csv(claim, table):
            copy.write(lines)
            on_rows(done)


def _csv(claim: Claim, table: pa.Table) -> Iterator[tuple[int, bytes]]:
    """The rows as CSV that PostgreSQL cannot misread: every value is quoted, and only null is bare."""
    options = pyarrow.csv.WriteOptions(include_header=False, quoting_style="all_valid")
    done = 0
    for batch in table.to_batches(max_chunksize=BATCH_ROWS):
        rows = pa.table(
            {
                "run_id": pa.repeat(claim.run_id, batch.num_rows),
                "attempt": pa.repeat(claim.attempt, batch.num_rows),
                **dict(zip(batch.schema.names, batch.columns, strict=True)),
            }
        )
        target = io.BytesIO()
        pyarrow.csv.write_csv(rows, target, options)
        done += batch.num_rows
        yield done, target.getvalue()


def _add_totals(conn: Connection, claim: Claim, publication: Publication) -> None:
    key = {"run_id": claim.run_id, "attempt": claim.attempt}
    totals = [
        {
            **key,
            "side": total.side,
            "currency": total.currency,
            "outcome": total.outcome,
            "row_count": total.row_count,
            "amount": Decimal(total.amount),
        }
        for total in publication.totals
    ]
    proof = [
        {
            **key,
            "currency": line.currency,
            "source_count": line.source_count,
            "source_total": Decimal(line.source_total),
            "reference_count": line.reference_count,
            "reference_total": Decimal(line.reference_total),
            "by_kind": {kind: {"count": count, "amount": str(amount)} for kind, count, amount in line.by_kind},
            "unexplained": Decimal(line.unexplained),
        }
        for line in publication.proof
    ]
    if totals:
        conn.execute(insert(run_total), totals)
    if proof:
        conn.execute(insert(run_proof), proof)


# What the database says itself ----------------------------------------------------------------------------------------

_SIDES_DIFFER = text("""
    with outcome as (
        select side, currency, sum(row_count) as rows, sum(amount) as amount
          from run_total where run_id = :run_id and attempt = :attempt group by side, currency),
    proved as (
        select 'source' as side, currency, source_count as rows, source_total as amount
          from run_proof where run_id = :run_id and attempt = :attempt
        union all
        select 'reference', currency, reference_count, reference_total
          from run_proof where run_id = :run_id and attempt = :attempt)
    select side, currency, outcome.rows, proved.rows, outcome.amount, proved.amount
      from outcome full join proved using (side, currency)
     where coalesce(outcome.rows, 0) <> coalesce(proved.rows, 0)
        or coalesce(outcome.amount, 0) <> coalesce(proved.amount, 0)
     limit 1""")

_PROOF_DIFFERS = text("""
    with found as (
        select currency, kind, count(*) as rows, sum(amount) as amount
          from discrepancy where run_id = :run_id and attempt = :attempt group by currency, kind
        union all
        select currency, outcome, sum(row_count), sum(case side when 'source' then amount else -amount end)
          from run_total where run_id = :run_id and attempt = :attempt and outcome in ('in_transit', 'set_aside')
         group by currency, outcome),
    proved as (
        select currency, entry.key as kind, (entry.value->>'count')::bigint as rows,
               (entry.value->>'amount')::numeric as amount
          from run_proof, jsonb_each(by_kind) as entry where run_id = :run_id and attempt = :attempt)
    select currency, kind, found.rows, proved.rows, found.amount, proved.amount
      from found full join proved using (currency, kind)
     where coalesce(found.rows, 0) <> coalesce(proved.rows, 0)
        or coalesce(found.amount, 0) <> coalesce(proved.amount, 0)
     limit 1""")

_UNEXPLAINED = text("""
    select currency, unexplained
      from run_proof proof
     where run_id = :run_id and attempt = :attempt
       and (unexplained <> 0 or source_total - reference_total <> unexplained + coalesce(
            (select sum((entry.value->>'amount')::numeric) from jsonb_each(proof.by_kind) as entry), 0))
     limit 1""")


def _recount(conn: Connection, claim: Claim, publication: Publication) -> None:
    """No row vanishes, and every cent is explained, by the database's own count."""
    key = {"run_id": claim.run_id, "attempt": claim.attempt}
    for query, what in (
        (_SIDES_DIFFER, "rows and outcomes differ"),
        (_PROOF_DIFFERS, "discrepancies and proof differ"),
        (_UNEXPLAINED, "an amount is unexplained"),
    ):
        broken: Row[Any] | None = conn.execute(query, key).first()
        if broken is not None:
            raise RunDoesNotTieOut(claim.run_id, f"{what} ({', '.join(str(value) for value in broken)})")
    counted = select(func.sum(run_proof.c.source_count), func.sum(run_proof.c.reference_count)).where(
        run_proof.c.run_id == claim.run_id, run_proof.c.attempt == claim.attempt
    )
    rows = tuple(int(value or 0) for value in conn.execute(counted).one())
    if rows != (publication.source_count, publication.reference_count):
        raise RunDoesNotTieOut(claim.run_id, f"{rows} rows have an outcome, not all that were read")


def _pass_the_fence(
    conn: Connection, claim: Claim, publication: Publication, seal: Seal, seconds: Mapping[str, float]
) -> None:
    now = func.clock_timestamp(type_=DateTime(timezone=True))
    mine = (run.c.id == claim.run_id, run.c.attempt == claim.attempt, run.c.status == "running")
    done = conn.execute(
        update(run)
        .where(*mine, run.c.cancel_requested_at.is_(None))
        .values(
            status="succeeded",
            published_attempt=claim.attempt,
            finished_at=now,
            progress_at=now,
            lease_until=None,
            stage="done",
            source_count=publication.source_count,
            reference_count=publication.reference_count,
            matched_count=publication.matched_count,
            matched_row_count=matched_row_count(publication.totals),
            suggested_count=publication.suggested_count,
            discrepancy_count=publication.discrepancies.num_rows,
            seconds=dict(seconds),
            confidence=list(publication.confidence),
            decision_count=publication.decision_count,
            manifest=dict(seal.manifest),
            digest=seal.digest,
        )
    )
    if done.rowcount == 1:
        return
    if conn.execute(select(run.c.id).where(*mine)).first() is not None:
        raise RunCancelled(claim.run_id)
    raise RunSuperseded(claim.run_id, claim.attempt)
