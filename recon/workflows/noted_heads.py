"""Heads of the logs that were noted outside the logs: with each check of the chains, and in the evidence of each run.

The evidence store is not the database: after an older backup of the one is restored, or the ends of the logs are cut
off, the other still says how far they went.
"""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import Engine

from recon.errors import EvidenceMissing
from recon.queries.audit import recorded_heads
from recon.queries.kept import run_numbers
from recon.store.evidence import Evidence, run_name
from recon.store.run_files import MANIFEST


def noted_heads(engine: Engine, evidence: Evidence) -> dict[str, dict[str, str]]:
    """Log -> digest -> where it was noted, in words that go on from `the head recorded`."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for run_id in evidence.runs():
        for attempt in evidence.attempts(run_id):
            try:
                document = evidence.read_json(run_name(run_id, attempt, MANIFEST))
                heads = dict(document.get("heads", {}))
            except (EvidenceMissing, ValueError, TypeError, AttributeError):
                continue  # an attempt that never got so far, or a file that is spoilt: told where files are verified
            for log, digest in heads.items():
                found[str(log)].setdefault(str(digest), f"with run {run_id}")
    for log, digest in recorded_heads(engine).items():
        found[log].setdefault(digest, "earlier")
    return dict(found)


def unknown_runs(engine: Engine, evidence: Evidence) -> tuple[str, ...]:
    """A sentence for each run that has evidence, and that the database does not know."""
    known = run_numbers(engine)
    return tuple(
        f"The evidence store has run {number}, which the database does not know: it was removed there, or an older "
        "backup was restored."
        for number in evidence.runs()
        if number not in known
    )
