"""What one command decided on suggestions is taken back together, as far as nothing later needs it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from recon.model.settlement import SettleMove
from recon.queries.suggested_rows import suggestion_count, suggestion_ids
from recon.store.evidence import Evidence
from recon.workflows.confirm_suggestions import confirm_suggestions, reject_suggestions
from recon.workflows.settle_rows import settle_rows
from recon.workflows.undo_answers import Undone, undo_answers
from tests.workflows.bench import ask, open_lines, opened, statuses
from tests.workflows.sides import DAY, Row

SOURCE: tuple[Row, ...] = tuple((None, DAY + timedelta(days=40 * n), 10_000 * n, "EUR", "Payout") for n in (1, 2))
REFERENCE: tuple[Row, ...] = tuple(
    (None, DAY + timedelta(days=40 * n), amount, "EUR", "Part") for n in (1, 2) for amount in (4_300 * n, 5_700 * n)
)
"""Two payouts, each of two parts: two suggestions."""


@pytest.fixture
def run_id(engine: Engine, evidence: Evidence) -> int:
    return opened(engine, evidence, source=SOURCE, reference=REFERENCE)


def test_confirmed_suggestions_are_open_again_once(engine: Engine, run_id: int) -> None:
    before, stood = open_lines(engine, run_id), statuses(engine, run_id)
    ids = suggestion_ids(engine, run_id, limit=9)
    assert confirm_suggestions(engine, run_id, ids, actor="ana", action_key="yes").done_count == 2
    assert open_lines(engine, run_id) == {"source": {}, "reference": {}}
    assert undo_answers(engine, run_id, "yes", actor="ana") == Undone(undone_count=2)
    assert (open_lines(engine, run_id), statuses(engine, run_id)) == (before, stood)
    assert undo_answers(engine, run_id, "yes", actor="ana") == Undone(undone_count=0)
    assert suggestion_count(engine, run_id) == 2


def test_a_rejection_stands_where_its_row_was_settled_since(engine: Engine, run_id: int) -> None:
    ids = suggestion_ids(engine, run_id, limit=9)
    assert reject_suggestions(engine, run_id, ids, actor="ana", action_key="no").done_count == 2
    assert suggestion_count(engine, run_id) == 0
    settle_rows(engine, ask(engine, run_id, SettleMove.IGNORE, source=[2], reason="Not ours."), actor="ana")
    assert undo_answers(engine, run_id, "no", actor="ana") == Undone(undone_count=1, in_use_count=1)
    assert suggestion_count(engine, run_id) == 1
