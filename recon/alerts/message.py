"""What an alert says: ids, statuses and counts, nothing that would harm in the wrong hands.

Whoever needs to know more follows the link and signs in.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from recon.model.checks import CheckStatus, StatusChange


class Kind(StrEnum):
    """The `type` of the message."""

    STATUS_CHANGED = "check.status_changed"
    RESOLVED = "check.resolved"
    FILE_MISSING = "feed.file_missing"
    FILE_CAME = "feed.file_came"
    EMERGENCY = "proposal.decided_in_emergency"
    RUN_FAILED = "run.failed_by_itself"
    RUN_HELD_UP = "run.held_up_by_itself"


def kind_of(change: StatusChange) -> Kind | None:
    """What kind of news the change is; None when it is none: a check that is as it was, or was ok from the start."""
    before = change.before or CheckStatus.OK
    if before is change.after:
        return None
    return Kind.RESOLVED if change.after is CheckStatus.OK else Kind.STATUS_CHANGED


def payload_of(change: StatusChange) -> dict[str, object]:
    """What is kept of the change, and sent."""
    return {
        "check": change.check_name,
        "category": str(change.category),
        "book": str(change.book),
        "old_status": str(change.before) if change.before else None,
        "new_status": str(change.after),
        "variance_count": change.variance_count,
        "run_id": change.run_id,
    }


def file_payload(feed_id: int, *, due_at: datetime | None, missing_count: int) -> dict[str, object]:
    """What is kept and sent of a feed's file that has not come, or of the one that ended the wait."""
    is_missing = missing_count > 0
    return {
        "feed_id": feed_id,
        "due_at": due_at.astimezone(UTC).isoformat() if due_at else None,
        "missing_count": missing_count,
        "old_status": "ok" if is_missing else "missing",
        "new_status": "missing" if is_missing else "ok",
    }


def emergency_payload(proposal_id: int, *, state: str) -> dict[str, object]:
    """What is kept and sent of a proposal an administrator decided, because no approver could."""
    return {"proposal_id": proposal_id, "old_status": "open", "new_status": state}


def scheduled_payload(reconciliation_id: int, *, run_id: int | None) -> dict[str, object]:
    """What is kept and sent of a run nobody asked for that failed, or that could not even begin."""
    status = "held_up" if run_id is None else "failed"
    return {"reconciliation_id": reconciliation_id, "run_id": run_id, "old_status": "due", "new_status": status}


def body_of(kind: str, at: datetime, payload: Mapping[str, Any], *, public_url: str) -> bytes:
    """The message as JSON, the same bytes for the same alert; `link` leads to what it is about."""
    place = "feeds"
    if "check" in payload:
        place = f"integrity?{urlencode({'check': payload['check'], 'book': payload['book']})}"
    elif "proposal_id" in payload:
        place = f"approvals?{urlencode({'proposal': payload['proposal_id']})}"
    elif "reconciliation_id" in payload:
        run_id = payload["run_id"]
        place = "" if run_id is None else f"runs?{urlencode({'run': run_id})}"
    link = f"{public_url.rstrip('/')}/{place}"
    stamp = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    message = {"type": kind, "timestamp": stamp, "data": {**payload, "link": link}}
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
