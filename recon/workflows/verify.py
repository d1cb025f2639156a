"""Is everything still what it was? The chains of the logs, every file of the evidence, what the database shows of them,
and runs done again.

What was found is itself an audit event, so that it is known when, by whom, and up to which heads it was verified.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Engine

from recon.errors import RunNotPublished, TieoutError
from recon.model.people import Action
from recon.model.progress import Progress, silent
from recon.queries.kept import KeptRun, kept_runs
from recon.queries.runs import one_run
from recon.store import audit, audit_seal
from recon.store.audit_seal import LogState
from recon.store.evidence import Evidence
from recon.workflows.noted_heads import noted_heads, unknown_runs
from recon.workflows.permit import permit
from recon.workflows.replay_run import Replay, replay_run
from recon.workflows.seal_logs import verify_logs
from recon.workflows.verify_evidence import EvidenceState, verify_evidence
from recon.workflows.verify_published import published_problems, reading_problems, state_problems

TOLD: Final = 100
"""Problems kept with the audit event; the first is what matters, the rest shows how far it goes."""


class LogUnknown(TieoutError):
    code = "LOG_UNKNOWN"

    def __init__(self, name: str) -> None:
        known = ", ".join(log.name for log in audit_seal.LOGS)
        super().__init__(f"There is no log {name}. The logs are {known}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What was found. `problems`: a sentence for everything that is not what it was, the first bad place first."""

    logs: tuple[LogState, ...]
    evidence: EvidenceState
    shown_count: int  # published runs that were looked at
    replays: tuple[Replay, ...]
    problems: tuple[str, ...]

    @property
    def is_sound(self) -> bool:
        return not self.problems

    @property
    def heads(self) -> dict[str, str]:
        """The newest digest of each log that has one: to be kept elsewhere, and given as an anchor another day."""
        return {log.log: log.head for log in self.logs if log.head}

    def document(self) -> dict[str, Any]:
        """Itself as JSON takes it."""
        return {
            "sound": self.is_sound,
            "problem_count": len(self.problems),
            "problems": list(self.problems[:TOLD]),
            "heads": self.heads,
            "log_rows": {"sealed": sum(one.sealed_count for one in self.logs), "unsealed": _unsealed(self.logs)},
            "files": self.evidence.file_count,
            "bytes": self.evidence.byte_count,
            "runs": self.shown_count,
            "replayed": [one.run_id for one in self.replays if one.is_same],
            "not_comparable": {str(one.run_id): one.why for one in self.replays if not one.is_comparable},
        }


def verify(
    engine: Engine,
    evidence: Evidence,
    *,
    actor: str,
    run_id: int | None = None,
    all_runs: bool = False,
    anchors: Mapping[str, str] | None = None,
    on_progress: Progress = silent,
) -> Verified:
    """Verify everything kept and do the newest published run again; or all of them; or only what one run is made of.

    `anchors`: log -> a head noted elsewhere. Raises LogUnknown, RunNotFound, RunNotPublished, and what `permit` raises.
    """
    with engine.connect() as conn:
        permit(conn, actor, Action.AUDIT)
    if run_id is not None and one_run(engine, run_id).status != "succeeded":
        raise RunNotPublished(run_id)
    known = {log.name: log for log in audit_seal.LOGS}
    for name in anchors or {}:
        if name not in known:
            raise LogUnknown(name)
    on_progress("logs", 0, len(known))
    noted = noted_heads(engine, evidence)
    for log, digest in (anchors or {}).items():
        noted.setdefault(log, {})[digest] = "elsewhere"
    logs = verify_logs(engine, anchors=noted)
    runs = kept_runs(engine, run_id=run_id)
    files = verify_evidence(
        engine, evidence, runs, run_id=run_id, on_files=lambda done, total: on_progress("files", done, total)
    )
    unknown = unknown_runs(engine, evidence) if run_id is None else ()
    shown = (
        *unknown,
        *reading_problems(engine, evidence, run_id=run_id),
        *_shown(engine, evidence, runs),
        *state_problems(engine, run_id=run_id),
    )
    replays, failed = _replay(engine, evidence, runs if all_runs else runs[:1], on_progress)
    found = Verified(
        logs=logs,
        evidence=files,
        shown_count=len(runs),
        replays=replays,
        problems=(*map(_said, (log for log in logs if log.problem)), *files.problems, *shown, *failed),
    )
    with engine.begin() as conn:
        subject = "everything" if run_id is None else f"run {run_id}"
        audit.record(conn, actor=actor, action="verified", subject=subject, detail=found.document())
    return found


def _shown(engine: Engine, evidence: Evidence, runs: tuple[KeptRun, ...]) -> Iterator[str]:
    """A sentence for everything the database has otherwise than the evidence of these runs."""
    for run in runs:
        try:
            yield from published_problems(engine, evidence, run)
        except Exception as problem:  # noqa: BLE001 - whatever a spoilt file makes its readers raise
            yield f"What run {run.id} published cannot be read: {str(problem) or type(problem).__name__}"


def _replay(
    engine: Engine, evidence: Evidence, runs: tuple[KeptRun, ...], on_progress: Progress
) -> tuple[tuple[Replay, ...], list[str]]:
    """Do these runs again; and a sentence for each that does not give what it published."""
    replays: list[Replay] = []
    failed: list[str] = []
    for done, run in enumerate(runs):
        on_progress("replay", done, len(runs))
        try:
            replays.append(replay_run(engine, evidence, run))
        except Exception as problem:  # noqa: BLE001 - whatever a spoilt file makes readers and engine raise
            failed.append(f"Run {run.id} cannot be done again: {str(problem) or type(problem).__name__}")
            continue
        if replays[-1].is_comparable and not replays[-1].is_same:
            failed.append(f"Run {run.id} done again does not give the result it published.")
    on_progress("replay", len(runs), len(runs))
    return tuple(replays), failed


def _said(log: LogState) -> str:
    return f"{log.log}: {log.problem} In doubt from row {log.broken_from} on."


def _unsealed(logs: tuple[LogState, ...]) -> int:
    return sum(one.unsealed_count for one in logs)
