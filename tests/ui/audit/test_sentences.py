"""Every event of the log reads as a sentence, whatever its details say."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

import recon
from recon.model.people import ProposalState
from recon.model.settlement import SettleMove
from recon.model.triage import Move
from recon.queries.audit import AuditEvent
from recon.ui.audit.sentences import SAID, sentence

FAMILIES = {
    *(f"rows_{move.value.replace(' ', '_')}" for move in SettleMove),
    *(f"discrepancies_{move}" for move in Move),
    *("suggestions_confirmed", "suggestions_rejected"),
    *(f"proposal_{state}" for state in ProposalState if state is not ProposalState.OPEN),
}
"""Actions whose names are put together when they are recorded."""


def recorded() -> set[str]:
    """Every action that is recorded anywhere, as it is written in the code."""
    files = [path for folder in ("store", "workflows") for path in (Path(recon.__file__).parent / folder).glob("*.py")]
    return FAMILIES | {name for path in files for name in _actions(ast.parse(path.read_text()))}


def _actions(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.keyword(arg="action", value=value) | ast.Assign(targets=[ast.Name(id="action")], value=value):
                chosen = [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]
                yield from (one.value for one in chosen if isinstance(one, ast.Constant) and isinstance(one.value, str))


def event(action: str, **detail: object) -> AuditEvent:
    return AuditEvent(
        id=1, at=datetime(2026, 3, 2, tzinfo=UTC), actor="ana", action=action, subject="run 12", detail=detail
    )


@pytest.mark.parametrize("action", sorted(recorded()))
def test_every_action_that_is_recorded_has_its_words(action: str) -> None:
    assert action in SAID


def test_words_are_only_kept_for_what_is_recorded() -> None:
    assert SAID.keys() - recorded() == set()


def test_a_sentence_names_what_it_is_about() -> None:
    assert sentence(event("run_published", discrepancies=1)) == "published run 12 with 1 discrepancy"
    assert sentence(event("rows_ignored", rows=[["source", 2, 100, "EUR"]])) == "ignored 1 row of run 12"
    resolved = event("discrepancies_resolved", after={"resolution": "written_off"})
    assert sentence(resolved) == "resolved run 12 as written off"


def test_what_a_detail_says_is_only_text() -> None:
    hostile = event("upload_received", filename="{subject.__class__}\u202e{0}")
    assert sentence(hostile) == "sent {subject.__class__} {0} as run 12"


def test_an_event_of_another_version_is_still_told() -> None:
    assert sentence(event("moon_landed")) == "Moon landed: run 12"
    assert sentence(event("exported")) == "took a copy of run 12 away"
