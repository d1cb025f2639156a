"""Nothing is done, and nothing taken away, that no log tells.

A workflow that acts for somebody must lead to an audit event, or to the ledger's own log of events, which is sealed
like the audit log; or it is listed here with the reason why it needs none. The same holds for every download button.
Which name leads to which is read from the code, so that a new workflow without an event fails here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.workflows.references import ROOT, Node, names_in, reaches

LOGS: Final[tuple[Node, ...]] = (
    ("recon.store.audit", "record"),
    ("recon.store.ledger", "append"),
    ("recon.store.ledger_batch", "append_all"),
)

QUIET: Final[dict[str, str]] = {
    "assignees.assignees": "says whom a discrepancy can be assigned to",
    "checks_on_demand.ChecksOnDemand": "ask_for_checks tells; the child records each run with who asked",
    "close_period.may_close": "asks, changes nothing",
    "live_tie_outs.LiveTieOuts": "compares what brokers say now, keeps nothing",
    "permit": "asks who may, changes nothing",
    "read_audit.may_read_audit": "asks, changes nothing",
    "resolve_discrepancies.permit_command": "asks, changes nothing",
    "verify_on_demand.VerifyOnDemand": "the child that verifies tells what it found",
}
"""A workflow's module, or one name of it -> why nothing is recorded."""


def acting() -> Iterator[Node]:
    """Every public function and class of the workflows that acts for an `actor`."""
    for path in sorted((ROOT / "recon" / "workflows").glob("*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                functions = [part for part in ast.walk(node) if isinstance(part, ast.FunctionDef)]
                if any(own.arg == "actor" for each in functions for own in (*each.args.args, *each.args.kwonlyargs)):
                    yield f"recon.workflows.{path.stem}", node.name


def downloads() -> Iterator[tuple[str, ast.expr]]:
    """Every download button: the module it is in, and what it gives away."""
    for folder in ("recon", "pages"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "download_button":
                    given = {keyword.arg: keyword.value for keyword in node.keywords}
                    yield _module(path), given["data"]


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def names_of(workflow: Node) -> tuple[str, str]:
    module = workflow[0].rpartition(".")[2]
    return module, f"{module}.{workflow[1]}"


@pytest.mark.parametrize("workflow", tuple(acting()), ids=lambda workflow: names_of(workflow)[1])
def test_who_acts_is_in_a_log(workflow: Node) -> None:
    is_quiet = not QUIET.keys().isdisjoint(names_of(workflow))
    assert reaches([workflow], LOGS) != is_quiet, "record it, or say here why not"


@pytest.mark.parametrize("name", QUIET)
def test_only_what_is_there_is_called_quiet(name: str) -> None:
    assert any(name in names_of(workflow) for workflow in acting())


@pytest.mark.parametrize(("module", "given"), [pytest.param(*each, id=each[0]) for each in downloads()])
def test_what_is_taken_away_is_in_the_log(module: str, given: ast.expr) -> None:
    assert reaches(names_in(module, given), LOGS)
