"""How events of the audit log are said: a label and a colour for every action, and the words for a log."""

from __future__ import annotations

from typing import Final

LOGS: Final = {
    "audit_event": "Audit log",
    "ledger_event": "Ledger events",
    "discrepancy_event": "Triage",
    "decision": "Decisions by hand",
    "variance_event": "Variances",
}


def action_label(action: str) -> str:
    """`run_published` -> `Run published`."""
    return action.replace("_", " ").capitalize()


def log_label(log: str) -> str:
    return LOGS.get(log, action_label(log))
