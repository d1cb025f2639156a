"""Nothing is done that the audit log does not tell: every workflow that changes something names what it records.

A workflow that opens a transaction or asks for permission is in RECORDS with its events, or in QUIET with the reason
why it has none of its own. A new one in neither fails here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

import recon

ROOT: Final = Path(recon.__file__).parent

RECORDS: Final[dict[str, tuple[str, ...]]] = {
    "cancel_run": ("run_cancelled", "run_cancel_requested"),
    "close_period": ("period_closed", "period_reopened"),
    "confirm_suggestions": ("suggestions_confirmed", "suggestions_rejected"),
    "execute_run": ("run_published", "run_failed", "run_cancelled", "run_released", "run_interrupted"),
    "expect_files": ("arrival_changed",),
    "fetch_transactions": ("transactions_fetched",),
    "import_journal": ("journal_imported",),
    "name_owners": ("owners_named",),
    "manage_people": ("person_listed", "person_changed", "policy_set", "policy_dropped"),
    "name_write_off_accounts": ("write_off_accounts_named",),
    "post_waiting": ("write_offs_posted",),
    "proposals": ("proposed", "proposal_approved", "proposal_rejected", "proposal_withdrawn", "proposal_void"),
    "read_audit": ("exported",),
    "record_export": ("exported",),
    "receive_upload": ("upload_received",),
    "resolve_discrepancies": (
        "discrepancies_resolved",
        "discrepancies_reopened",
        "discrepancies_commented",
        "discrepancies_assigned",
    ),
    "run_in_foreground": ("run_started",),
    "save_carrying": ("carrying_saved",),
    "save_mapping": ("mapping_saved", "mapping_forgotten"),
    "save_rules": ("rules_saved", "reconciliation_made"),
    "save_view": ("view_saved", "view_dropped"),
    "say_about_variance": ("variance_classified", "variance_commented"),
    "send_alerts_again": ("alert_sent_again",),
    "settle_rows": ("rows_*",),
    "submit_run": ("run_requested", "reconciliation_made"),
    "suggest_rules": ("rule_suggestion_dismissed", "rule_suggestions_restored"),
    "take_in_file": ("feed_file_taken_in", "control_accepted", "feed_file_set_aside", "feed_file_put_back"),
    "triage_sheet": ("sheet_brought_back",),
    "undo_settlement": ("decision_taken_back",),
    "unmatch_rows": ("rows_unmatched",),
    "verify": ("verified",),
}
"""Workflow -> what it records, itself or by what it calls; `*` stands for the rest of a name made of a closed set."""

QUIET: Final[dict[str, str]] = {
    "carry_forward": "part of execute_run: its publication tells",
    "checks_on_demand": "each check's own run says who asked for it",
    "command_ledger": "the ledger's own log of events, sealed like the audit log",
    "decide_on_filter": "resolve_discrepancies tells, step by step",
    "deliver_alerts": "the outbox keeps every try of every alert",
    "lease": "a sign of life of a run at work",
    "live_tie_outs": "compares, changes nothing",
    "permit": "asks, changes nothing",
    "post_entries": "the ledger's own log of events",
    "prepare_workbench": "an index of a run's rows, made from evidence",
    "propose_confirmation": "proposals tells",
    "propose_posting": "proposals tells",
    "propose_reopening": "proposals tells",
    "propose_resolution": "proposals tells",
    "propose_rules": "proposals tells",
    "propose_settlement": "proposals tells",
    "propose_unmatch": "proposals tells",
    "read_for_feed": "save_mapping and take_in_file tell",
    "read_upload": "a reading follows from the upload and the mapping, which are told",
    "run_newest": "read_for_feed and start_run tell",
    "seal_logs": "the seals are its record",
    "start_run": "submit_run tells",
    "tell_missing_files": "an alert: the outbox keeps it, and every try",
    "tend_runs": "as execute_run: what becomes of an attempt",
    "undo_decision": "resolve_discrepancies tells",
}


def changing() -> list[str]:
    """Every workflow that opens a transaction of its own or asks for permission."""
    files = sorted((ROOT / "workflows").glob("*.py"))
    return [
        path.stem
        for path in files
        if any(call in path.read_text() for call in (".begin()", "permit(", "permit_often("))
    ]


def recorded() -> set[str]:
    """Every text that could name an action: as written, and with `*` where a part is only known when it runs."""
    files = [path for folder in ("store", "workflows") for path in (ROOT / folder).glob("*.py")]
    return {text for path in files for node in ast.walk(ast.parse(path.read_text())) for text in _texts(node)}


def _texts(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in parts)


def fits(action: str, pattern: str) -> bool:
    start = pattern.removesuffix("*")
    return action == pattern or (start != pattern and start.endswith("_") and action.startswith(start))


@pytest.mark.parametrize("workflow", changing())
def test_a_workflow_that_changes_something_is_in_the_log(workflow: str) -> None:
    assert (workflow in RECORDS) != (workflow in QUIET), "say in this file what it records, or why it does not"


@pytest.mark.parametrize("workflow", sorted({*RECORDS, *QUIET}))
def test_only_workflows_that_are_there_are_listed(workflow: str) -> None:
    assert (ROOT / "workflows" / f"{workflow}.py").exists()


@pytest.mark.parametrize("action", sorted({action for actions in RECORDS.values() for action in actions}))
def test_what_is_listed_is_recorded_somewhere(action: str) -> None:
    assert any(fits(action, pattern) for pattern in recorded())
