"""The digest of a result: it follows from what was concluded, not from how the rows lie in files or in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pyarrow as pa
import pytest

from recon.model.outcome import Outcome
from recon.model.rules import Rules
from recon.workflows.digest import result_digest
from recon.workflows.reconcile import reconcile_tables
from tests.workflows.sides import REFERENCE, SOURCE, table

OURS, THEIRS = table(SOURCE), table(REFERENCE)


def outcome() -> Outcome:
    return reconcile_tables(OURS, THEIRS, Rules())


def backwards(rows: pa.Table) -> pa.Table:
    return rows.take(pa.array(range(len(rows) - 1, -1, -1)))


def in_pieces(rows: pa.Table) -> pa.Table:
    return pa.concat_tables([rows.slice(0, 1), rows.slice(1)])


def test_neither_order_nor_chunks_nor_threads_change_it() -> None:
    found = outcome()
    assert len(found.matches)
    assert len(found.discrepancies)
    turned = reconcile_tables(backwards(OURS), backwards(THEIRS), Rules())
    pieces = replace(found, matches=in_pieces(found.matches), discrepancies=in_pieces(found.discrepancies))
    assert {
        result_digest(found, OURS, THEIRS, threads=1),
        result_digest(turned, backwards(OURS), backwards(THEIRS)),
        result_digest(pieces, in_pieces(OURS), in_pieces(THEIRS)),
    } == {result_digest(found, OURS, THEIRS)}


OTHER = {"payment_ref": "INV-9", "description": "", "currency": "USD", "date": date(2026, 3, 3), "amount": -1_000}


@pytest.mark.parametrize("name", OTHER)
def test_every_part_of_a_row_counts(name: str) -> None:
    at, field = OURS.column_names.index(name), OURS.schema.field(name)
    values = [OTHER[name], *OURS[name].to_pylist()[1:]]
    changed = OURS.set_column(at, field, pa.array(values, field.type))
    found = outcome()
    assert result_digest(found, changed, THEIRS) != result_digest(found, OURS, THEIRS)


def test_a_missing_number_is_not_a_zero_and_a_row_counts_as_often_as_it_occurs() -> None:
    found = outcome()
    at = OURS.column_names.index("fee")
    free = OURS.set_column(at, OURS.schema.field(at), pa.repeat(pa.scalar(0, pa.int64()), len(OURS)))
    assert result_digest(found, free, THEIRS) != result_digest(found, OURS, THEIRS)
    twice = replace(found, discrepancies=pa.concat_tables([found.discrepancies, found.discrepancies.slice(0, 1)]))
    assert result_digest(twice, OURS, THEIRS) != result_digest(found, OURS, THEIRS)
