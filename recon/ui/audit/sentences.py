"""What an event of the audit log says, as a sentence whose subject is whoever did it: `received march.csv`.

Every action that is recorded anywhere has its words here; what they name is taken from the event, and is only text.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

from recon.queries.audit import AuditEvent
from recon.ui.audit.look import action_label
from recon.ui.format import clip, count, counted

SAID: Final[Mapping[str, str]] = {
    "alert_sent_again": "had {subject} delivered again",
    "arrival_changed": "said when files of {feed} are expected",
    "carrying_saved": "changed how open items of {subject} are carried",
    "checks_asked": "asked for {subject}",
    "control_accepted": "accepted a total of {subject} that differs",
    "decision_taken_back": "took decision {decision} back",
    "decisions_taken_back": "took {decisions} back",
    "discrepancies_assigned": "assigned {subject} to {assignee}",
    "discrepancies_carried": "linked {discrepancies} of {subject} to the run before",
    "discrepancies_commented": "commented on {subject}",
    "discrepancies_reopened": "reopened {subject}",
    "discrepancies_resolved": "resolved {subject} as {resolution}",
    "duplicates_denied": "said of {discrepancies} of {subject} that they are no duplicates",
    "exported": "took {file} of {subject} away",
    "feed_file_put_back": "put a file of {subject} back",
    "feed_file_set_aside": "set a file of {subject} aside",
    "feed_file_taken_in": "took a file into {subject}",
    "journal_imported": "imported {posted} into {subject}",
    "ledger_rebuilt": "rebuilt the ledger from its events: {differences} put right",
    "mapping_forgotten": "forgot the mapping of {feed}",
    "mapping_saved": "saved how columns of {feed} are read",
    "owners_named": "named the owners of {subject}",
    "period_closed": "signed {first_on} to {last_on} of {subject} off",
    "period_reopened": "opened {first_on} to {last_on} of {subject} again",
    "person_changed": "changed what {subject} may do",
    "person_listed": "listed {subject}",
    "policy_dropped": "dropped the {subject}",
    "policy_set": "set the {subject}",
    "proposal_approved": "approved {subject}{emergency}",
    "proposal_rejected": "rejected {subject}{emergency}",
    "proposal_void": "found {subject} void: what it was about has changed",
    "proposal_withdrawn": "withdrew {subject}",
    "proposed": "proposed: {what}",
    "reconciliation_made": "made the reconciliation {name}",
    "rows_ignored": "ignored {rows} of {subject}",
    "rows_matched": "matched {rows} of {subject} by hand",
    "rows_netted": "netted {rows} of {subject}",
    "rows_split": "settled a part of {rows} of {subject}",
    "rows_unmatched": "took a match of {subject} apart",
    "rows_written_off": "wrote {rows} of {subject} off",
    "rule_suggestion_dismissed": "dismissed a suggested rule of {subject}",
    "rule_suggestions_restored": "brought suggested rules of {subject} back",
    "rules_saved": "saved rules of {subject}",
    "run_asked_for_by_itself": "asked for {subject} as its files had come",
    "run_by_itself_held_up": "could not run {subject} by itself",
    "run_cancel_requested": "asked to cancel {subject}",
    "run_cancelled": "cancelled {subject}",
    "run_failed": "ended {subject} without a result: {error}",
    "run_interrupted": "lost {subject} at work",
    "run_published": "published {subject} with {discrepancies}",
    "run_released": "gave {subject} back unharmed",
    "run_requested": "asked for {subject}",
    "run_started": "began {subject}",
    "runs_by_itself_set": "said whether {subject} runs by itself",
    "sheet_brought_back": "brought a sheet of {subject} back",
    "suggestions_confirmed": "confirmed {decisions} of {subject}",
    "suggestions_rejected": "rejected {decisions} of {subject}",
    "transactions_fetched": "fetched {address} as {subject}",
    "upload_received": "sent {filename} as {subject}",
    "variance_classified": "said what {subject} is",
    "variance_commented": "commented on {subject}",
    "verified": "verified {subject}: {verdict}",
    "view_changed": "changed {subject}",
    "view_dropped": "dropped the view {name}",
    "view_made_default": "chose the view {view} to begin with",
    "view_saved": "saved the view {name}",
    "write_off_accounts_named": "named the accounts for write-offs of {subject}",
    "write_offs_posted": "posted {subject}'s write-offs that had waited for accounts",
}

_LONGEST: Final = 80


def sentence(event: AuditEvent) -> str:
    """What was done, without who did it; as text, not as Markdown."""
    words = SAID.get(event.action)
    if words is None:
        return f"{action_label(event.action)}: {event.subject}"
    return words.format_map(defaultdict(lambda: "…", _names(event)))


def _names(event: AuditEvent) -> dict[str, str]:
    """What words may name: the event's subject, its details as text, and what is counted or said of them."""
    detail = event.detail
    after = detail.get("after")
    changed: Mapping[str, Any] = after if isinstance(after, Mapping) else {}
    plain = {name: clip(value, _LONGEST) for name, value in detail.items() if isinstance(value, str | int)}
    return plain | {
        "subject": clip(event.subject, _LONGEST),
        "rows": counted(_length(detail, "rows"), "row"),
        "decisions": counted(_length(detail, "decisions"), "decision"),
        "discrepancies": counted(_length(detail, "discrepancies"), "discrepancy", "discrepancies"),
        "differences": counted(_length(detail, "differences"), "difference"),
        "posted": counted(_length(detail, "posted_count"), "entry", "entries"),
        "resolution": clip(changed.get("resolution") or "…", _LONGEST).replace("_", " "),
        "assignee": clip(changed.get("assignee") or "nobody", _LONGEST),
        "file": clip(detail.get("file") or "a copy", _LONGEST),
        "what": clip(detail.get("subject") or event.subject, _LONGEST),
        "error": clip(detail.get("error_text") or "…", _LONGEST),
        "verdict": _verdict(detail),
        "emergency": ", in an emergency" if detail.get("emergency") else "",
    }


def _length(detail: Mapping[str, Any], name: str) -> int:
    """How many there are: a number says so itself."""
    value = detail.get(name)
    return value if isinstance(value, int) else len(value) if isinstance(value, list) else 0


def _verdict(detail: Mapping[str, Any]) -> str:
    if detail.get("sound"):
        return "nothing was changed"
    return f"something was changed, in {count(_length(detail, 'problem_count'))} places"
