"""Make a published run ready for the workbench: every row that does not tie out, with its fingerprint, once.

It is done when the run is first opened there. Rows that decisions settled while the run was at work are settled here
too, and what they leave open is open.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from sqlalchemy import Connection, Engine, select, text

from recon.errors import RunNotFound
from recon.model.fingerprint import CONTENT, fingerprints
from recon.model.outcome import DiscrepancyKind, MatchStatus, Pass, with_groups
from recon.model.transactions import Side
from recon.store import settlements, workbench_rows
from recon.store.evidence import Evidence, reading_name, run_name
from recon.store.reading_files import TRANSACTIONS
from recon.store.run_files import MANIFEST
from recon.store.tables import discrepancy, reading, run
from recon.store.workbench_tables import open_item
from recon.workflows.follow_settlement import follow

ONE_SIDED: Final = frozenset(
    {
        DiscrepancyKind.MISSING_IN_REFERENCE,
        DiscrepancyKind.MISSING_IN_SOURCE,
        DiscrepancyKind.DUPLICATE,
        DiscrepancyKind.IN_TRANSIT,
    }
)
PAIRED: Final = frozenset(
    {
        DiscrepancyKind.AMOUNT_MISMATCH,
        DiscrepancyKind.FEE_VARIANCE,
        DiscrepancyKind.FX_VARIANCE,
        DiscrepancyKind.INCOMPLETE_GROUP,
    }
)
SUGGESTED: Final = frozenset({DiscrepancyKind.SUGGESTION})

Ints = NDArray[np.int64]
Found = Sequence[Any]
"""Discrepancies: id, kind, currency, pass, source_line and reference_line."""


def prepare_workbench(engine: Engine, evidence: Evidence, run_id: int) -> None:
    """Do it, unless it was done. Raises RunNotFound for a run that published nothing, EvidenceMissing without files."""
    with engine.connect() as conn:
        if workbench_rows.is_prepared(conn, run_id):
            return
        rows = open_rows(conn, evidence, run_id)
    with engine.begin() as conn:
        scope = settlements.lock_scope(conn, run_id)
        if workbench_rows.store_rows(conn, run_id, rows):
            _settle_decided(conn, run_id, scope.reconciliation_id, _lost(conn, evidence, run_id))
    workbench_rows.count_anew(engine, rows.num_rows)


def open_rows(conn: Connection, evidence: Evidence, run_id: int) -> pa.Table:
    """Every row of a published run that is part of a discrepancy, as `workbench_rows.ROW_COLUMNS`."""
    tables, readings, matches = run_rows(conn, evidence, run_id)
    found = _discrepancies(conn, run_id)
    parts = []
    for side in Side:
        places, owners = _owners(side, tables[side], matches, found)
        table = tables[side].take(pa.array(places))
        names = named(conn, readings[side], table)
        parts.append(_rows(side, table, names, [found[owner] for owner in owners.tolist()]))
    return pa.concat_tables(parts)


def run_rows(
    conn: Connection, evidence: Evidence, run_id: int
) -> tuple[dict[Side, pa.Table], dict[Side, pa.Table], pa.Table]:
    """The rows of either side as the run matched them, those of its readings, and its matches."""
    row = conn.execute(
        select(run.c.published_attempt, run.c.source_reading_id, run.c.reference_reading_id, run.c.manifest).where(
            run.c.id == run_id
        )
    ).one_or_none()
    if row is None or row.published_attempt is None:
        raise RunNotFound(run_id)
    tables, readings = {}, {}
    for side, reading_id in ((Side.SOURCE, row.source_reading_id), (Side.REFERENCE, row.reference_reading_id)):
        key = conn.execute(select(reading.c.reading_key).where(reading.c.id == reading_id)).scalar_one()
        readings[side] = evidence.read_table(reading_name(key, TRANSACTIONS))
        own = run_name(run_id, row.published_attempt, f"{side.value}.parquet")
        tables[side] = evidence.read_table(own) if own in (row.manifest or {}) else readings[side]
    matches = evidence.read_table(run_name(run_id, row.published_attempt, "matches.parquet"))
    return tables, readings, with_groups(matches)


def named(conn: Connection, file: pa.Table, rows: pa.Table) -> pa.Array:
    """The fingerprints of some of a run's rows: those of its file by all the file says, those carried by their item."""
    lines = rows["line"].to_numpy()
    keys = ["date", "amount", "currency"]
    numbered = file.select(["line", *CONTENT, "fee"]).append_column("place_", pa.array(np.arange(file.num_rows)))
    wanted = rows.filter(pa.array(lines > 0)).select(keys)
    alike = numbered.join(wanted.group_by(keys).aggregate([]), keys, join_type="left semi").sort_by("place_")
    name = dict(zip(alike["line"].to_pylist(), fingerprints(alike).to_pylist(), strict=True))
    items = [-int(line) for line in lines if line < 0]
    if items:
        query = select(open_item.c.id, open_item.c.fingerprint).where(open_item.c.id.in_(items))
        name |= {-row.id: row.fingerprint for row in conn.execute(query)}
    return pa.array([name[line] for line in lines.tolist()], pa.string())


def _discrepancies(conn: Connection, run_id: int) -> Found:
    d = discrepancy.c
    query = (
        select(d.id, d.kind, d.currency, d["pass"].label("by"), d.source_line, d.reference_line)
        .join_from(discrepancy, run, (run.c.id == d.run_id) & (run.c.published_attempt == d.attempt))
        .where(d.run_id == run_id)
        .order_by(d.id)
    )
    return conn.execute(query).all()


def _owners(side: Side, table: pa.Table, matches: pa.Table, found: Found) -> tuple[Ints, Ints]:
    """Places of rows that are part of a discrepancy, ascending, and the place of that discrepancy in `found`."""
    line_of = "source_line" if side is Side.SOURCE else "reference_line"
    lines = table["line"].to_numpy()
    order = np.argsort(lines)
    owner = np.full(table.num_rows, -1, np.int64)

    def at(numbers: Iterable[int]) -> Ints:
        wanted = np.fromiter(numbers, np.int64)
        places: Ints = order[np.searchsorted(lines, wanted, sorter=order)]
        return places

    for kinds, widen in ((PAIRED, _in_groups), (SUGGESTED, _hanging_together), (ONE_SIDED, None)):
        here = [place for place, one in enumerate(found) if one.kind in kinds and getattr(one, line_of) is not None]
        if not here:
            continue
        rows, own = at(getattr(found[place], line_of) for place in here), np.array(here, np.int64)
        if widen:
            rows, own = widen(side, matches, rows, own)
        owner[rows] = own
    for currency in sorted({one.currency for one in found if _is_exchanged_by_hand(one)}):
        here = [place for place, one in enumerate(found) if _is_exchanged_by_hand(one) and one.currency == currency]
        rows, own = _in_groups(
            side, matches, at(getattr(found[place], line_of) for place in here), np.array(here, np.int64)
        )
        is_mine = pc.equal(table["currency"].take(pa.array(rows)), currency).to_numpy()
        owner[rows[is_mine]] = own[is_mine]
    places = np.flatnonzero(owner >= 0)
    return places, owner[places]


def _is_exchanged_by_hand(one: Any) -> bool:
    """Of a match by hand across currencies each currency is told by itself: its rows are those of that currency."""
    return bool(one.kind == DiscrepancyKind.FX_CONVERSION and one.by == Pass.DECIDED)


def _in_groups(side: Side, matches: pa.Table, rows: Ints, owners: Ints) -> tuple[Ints, Ints]:
    """Rows of matches with all others of their group on this side."""
    in_group = matches.filter(pc.is_valid(matches["group"]))
    if not in_group.num_rows:
        return rows, owners
    row, group = in_group[f"{side}_row"].to_numpy(), in_group["group"].to_numpy()
    owner_of = np.full(int(group.max()) + 1, -1, np.int64)
    known = dict(zip(rows.tolist(), owners.tolist(), strict=True))
    for one, number in zip(row.tolist(), group.tolist(), strict=True):
        if one in known:
            owner_of[number] = known[one]
    has = owner_of[group] >= 0
    return np.concatenate([rows, row[has]]), np.concatenate([owners, owner_of[group][has]])


def _hanging_together(side: Side, matches: pa.Table, rows: Ints, owners: Ints) -> tuple[Ints, Ints]:
    """Rows of suggestions with all others that hang together with them on this side."""
    pairs = matches.filter(pc.equal(matches["status"], str(MatchStatus.SUGGESTED)))
    if not pairs.num_rows:
        return rows, owners
    own, other = pairs[f"{side}_row"].to_numpy(), pairs[f"{_across(side)}_row"].to_numpy()
    mine, mine_at = np.unique(own, return_inverse=True)
    theirs, theirs_at = np.unique(other, return_inverse=True)
    size = len(mine) + len(theirs)
    graph = csr_array((np.ones(len(own), np.int8), (mine_at, theirs_at + len(mine))), shape=(size, size))
    label = connected_components(graph, directed=False)[1][: len(mine)]
    owner_of = np.full(size, -1, np.int64)
    owner_of[label[np.searchsorted(mine, rows)]] = owners
    has = owner_of[label] >= 0
    return mine[has], owner_of[label][has]


def _rows(side: Side, table: pa.Table, names: pa.Array, owners: Found) -> pa.Table:
    return pa.table(
        {
            "side": pa.array([side.value] * table.num_rows, pa.string()),
            "fingerprint": names,
            "kind": pa.array([one.kind for one in owners], pa.string()),
            "discrepancy_id": pa.array([one.id for one in owners], pa.int64()),
            "open_amount": table["amount"],
            **{name: table[name] for name in ("line", "date", "amount", "currency")},
            **{name: _shown(table[name]) for name in ("txn_id", "payment_ref", "description", "counterparty")},
        }
    ).select(workbench_rows.ROW_COLUMNS)


def _across(side: Side) -> Side:
    return Side.REFERENCE if side is Side.SOURCE else Side.SOURCE


def _shown(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Text as the database can hold it; whole, it is in the evidence."""
    return pc.replace_substring(pc.utf8_slice_codeunits(texts, 0, 500), "\x00", "\ufffd")


def _lost(conn: Connection, evidence: Evidence, run_id: int) -> list[int]:
    """The decisions that lost a row in the run, as its manifest says it."""
    attempt = conn.execute(select(run.c.published_attempt).where(run.c.id == run_id)).scalar_one()
    lost: list[int] = evidence.read_json(run_name(run_id, attempt, MANIFEST)).get("lost", [])
    return lost


def _settle_decided(conn: Connection, run_id: int, reconciliation_id: int, lost: Sequence[int]) -> None:
    """Close what decisions that stand have settled, with the discrepancies of which nothing is open then."""
    wanted = {"run_id": run_id, "reconciliation_id": reconciliation_id, "lost": list(lost)}
    ids = list(conn.execute(_DECIDED, wanted).scalars())
    if ids:
        settlements.settle_rows(conn, ids)
        for number in ids:
            follow(conn, run_id, number, actor="system")


_DECIDED: Final = text("""
select distinct decision.id
  from workbench_row w
  join decision_member m on m.fingerprint = w.fingerprint and m.side = w.side
  join decision on decision.id = m.decision_id
 where w.run_id = :run_id and decision.reconciliation_id = :reconciliation_id and decision.revoked_at is null
   and decision.kind in ('manual_match', 'ignore', 'write_off', 'net')
   and decision.id <> all(cast(:lost as bigint[])) order by 1""")
"""But for matches by hand that lost a row: what is left of them is open."""
