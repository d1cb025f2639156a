"""Does the database show of a published run what its evidence says? Every discrepancy, and the totals of its proof.

The evidence is held against its digests elsewhere; here it is the truth, and the rows that pages read are held against
it. What people decided about them is held against the log of decisions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Engine

from recon.errors import EvidenceMissing
from recon.model.transactions import Side
from recon.queries import untold
from recon.queries.kept import COUNTS, KeptRun, reading_counts
from recon.queries.published import SCHEMA, proved_totals, published_rows
from recon.store import reading_files
from recon.store.evidence import Evidence, reading_name, run_name
from recon.store.run_files import DISCREPANCIES, rows_name
from recon.workflows.result_rows import ROW_COLUMNS, shown_rows


def published_problems(engine: Engine, evidence: Evidence, run: KeptRun) -> tuple[str, ...]:
    """A sentence for what the database has otherwise than the run's evidence. Raises what unreadable files raise."""
    sides = {side: evidence.read_table(_rows_of(run, side), columns=[*ROW_COLUMNS, "currency"]) for side in Side}
    found = evidence.read_table(run_name(run.id, run.attempt, DISCREPANCIES))
    expected = shown_rows(found, sides[Side.SOURCE], sides[Side.REFERENCE]).select(SCHEMA.names).cast(SCHEMA)
    with engine.connect() as conn:
        stored = published_rows(conn, run.id, run.attempt)
        proved = proved_totals(conn, run.id, run.attempt)
    problems = []
    if stored.num_rows != expected.num_rows:
        problems.append(
            f"Run {run.id} has {stored.num_rows:,} discrepancies in the database, and {expected.num_rows:,} in its "
            "evidence."
        )
    elif (place := _first_difference(stored, expected)) is not None:
        problems.append(
            f"Discrepancy {place[0] + 1:,} of run {run.id} is not what its evidence says: its {place[1]} differs."
        )
    if _lasting(proved) != _lasting(_totals(sides)):
        problems.append(f"The totals in the proof of run {run.id} are not those of its rows.")
    return tuple(problems)


def reading_problems(engine: Engine, evidence: Evidence, *, run_id: int | None = None) -> Iterator[str]:
    """A sentence for each reading whose rows are counted otherwise in the database than in its own document."""
    for key, counted in reading_counts(engine, run_id=run_id).items():
        try:
            document = evidence.read_json(reading_name(reading_files.resolve(evidence, key), reading_files.DOCUMENT))
            said = tuple(document[name] for name in COUNTS)
        except (EvidenceMissing, ValueError, TypeError, KeyError, AttributeError):
            continue  # told where files are verified
        if said != counted:
            yield f"The rows of reading {key[:12]}… are counted otherwise in the database than in its evidence."


def state_problems(engine: Engine, *, run_id: int | None = None) -> tuple[str, ...]:
    """A sentence for every row whose state no event of the logs accounts for; of one run, or of everything."""
    with engine.connect() as conn:
        said = [
            f"Discrepancy {row.id} of run {row.run_id} is not as its last event left it."
            for row in untold.changed_discrepancies(conn, run_id=run_id)
        ]
        if run_id is None:
            said += [
                f"Decision {row.id} stands, and was taken back by the audit log."
                if row.is_standing
                else f"Decision {row.id} was taken back, and the audit log does not say so."
                for row in untold.changed_decisions(conn)
            ]
            said += [
                f"Version {row.version} of the rules of reconciliation {row.reconciliation_id} is not what was saved."
                for row in untold.changed_rules(conn)
            ]
            said += [f"Upload {number} is not as the audit log has it." for number in untold.changed_uploads(conn)]
            said += [f"Close {number} is not as the audit log has it." for number in untold.changed_closes(conn)]
            said += [f"What {name} may do is not as the audit log has it." for name in untold.changed_people(conn)]
            said += [f"Proposal {number} was not decided by whom it says." for number in untold.changed_proposals(conn)]
    return tuple(said)


def _rows_of(run: KeptRun, side: Side) -> str:
    return rows_name(side, reading_key=run.keys[side], run_id=run.id, attempt=run.attempt, manifest=run.manifest)


def _first_difference(one: pa.Table, other: pa.Table) -> tuple[int, str] | None:
    """The first row in which two tables of equal length differ, and the first of its columns that does."""
    found = []
    for order, name in enumerate(one.column_names):
        ours, theirs = one[name].combine_chunks(), other[name].combine_chunks()
        differs = pc.or_(
            pc.fill_null(pc.not_equal(ours, theirs), False), pc.not_equal(pc.is_null(ours), pc.is_null(theirs))
        )
        place = pc.index(differs, True).as_py()
        if place >= 0:
            found.append((place, order, name))
    return None if not found else (min(found)[0], min(found)[2])


def _totals(sides: Mapping[Side, pa.Table]) -> dict[tuple[str, str], tuple[int, int]]:
    """(side, currency) -> rows and their sum, of the rows themselves."""
    found = {}
    for side, rows in sides.items():
        wide = pa.table({"currency": rows["currency"], "amount": rows["amount"].cast(pa.decimal128(38, 0))})
        for row in wide.group_by("currency").aggregate([("amount", "count"), ("amount", "sum")]).to_pylist():
            found[side.value, row["currency"]] = (row["amount_count"], int(row["amount_sum"]))
    return found


def _lasting(totals: Mapping[tuple[str, str], tuple[int, int]]) -> Iterable[object]:
    """Without the currencies a side has no row of, which a proof names all the same."""
    return {key: counted for key, counted in totals.items() if counted[0]}
