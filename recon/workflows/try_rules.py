"""Try rules out on a past run: a child process works, a thread of ours listens to it, a page asks how far it is.

One at a time, so that a curious user does not take the machine from the runs. What was tried is kept for a while, so
that going back to a draft shows its result at once. Nothing else is stored, and cancelling is ending the child.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine

from recon.errors import TryOutStopped
from recon.model.rules import Rules
from recon.model.tryout import TryResult
from recon.queries.runs import RunDetail
from recon.store import runs
from recon.store.runs import rules_from
from recon.workflows.child_process import environment, module_command
from recon.workflows.code_version import engine_version
from recon.workflows.run_key import is_key_of
from recon.workflows.tried_rules import load_result
from recon.workflows.try_rules_request import CHANGES, OUT_OF_MEMORY, REFUSED_BY_US

CHILD: Final = module_command("recon.workflows.try_rules_child")
KEPT: Final = 40
"""Results that are kept; the oldest go first."""

LONGEST_SECONDS: Final = 3600


def rules_used(detail: RunDetail) -> Rules:
    """The rules a run was made with."""
    return rules_from(dict(detail.rules))


def engine_has_changed(engine: Engine, detail: RunDetail) -> bool:
    """Whether the code that matches is another than the run was made with: then not every change is the rules' doing.

    A repeat goes by the key of the run it repeats, whatever code it was made with: of it this is not known.
    """
    if detail.run.rerun_of_id is not None:
        return False
    with engine.connect() as conn:
        made_as = runs.get(conn, detail.run.id).run_key
    keys = {f"{file.side}_key": file.reading_key for file in detail.files}
    return not is_key_of(made_as, **keys, rules=rules_used(detail))


class Phase(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a try-out is: its stage with rows done of rows total, or the sentence it failed with."""

    phase: Phase
    stage: str = "starting"
    rows_done: int = 0
    rows_total: int = 0
    problem: str | None = None
    started_at: float = field(default_factory=time.monotonic)

    @property
    def is_live(self) -> bool:
        """Whether there is something to wait for."""
        return self.phase in (Phase.WAITING, Phase.RUNNING)

    @property
    def seconds(self) -> float:
        """Since it was asked for, or since its turn came."""
        return time.monotonic() - self.started_at


@dataclass(frozen=True, slots=True, kw_only=True)
class TryOut:
    """Which rules are tried on which published attempt of a run, and the names of the evidence that has its rows.

    `people`: what people decided, as `queries.rulings` gives it. It is no part of the key: a decision taken meanwhile
    leaves what was tried where it is, with the mark of the decisions that were counted.
    """

    run_id: int
    attempt: int
    source_rows: str
    reference_rows: str
    rules: Rules
    run_rules: Rules
    people: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, detail: RunDetail, rules: Rules) -> TryOut:
        """These rules on that published run."""
        assert detail.published_attempt is not None, "only a published run can be compared with"
        rows = {file.side: file.rows_name for file in detail.files}
        return cls(
            run_id=detail.run.id,
            attempt=detail.published_attempt,
            source_rows=rows["source"],
            reference_rows=rows["reference"],
            rules=rules,
            run_rules=rules_used(detail),
        )

    @property
    def key(self) -> str:
        """The hash of all that decides the result."""
        decides = {**self.document(), "engine": engine_version(), "people": None}
        return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()

    def document(self) -> dict[str, Any]:
        """Itself as JSON takes it."""
        return {
            "run_id": self.run_id,
            "attempt": self.attempt,
            "source_rows": self.source_rows,
            "reference_rows": self.reference_rows,
            "rules": self.rules.as_dict(),
            "run_rules": self.run_rules.as_dict(),
            "people": dict(self.people),
        }


class TryOuts:
    """The try-outs of this process: `start`, ask for the `standing`, then for the `result`, or `cancel`."""

    def __init__(self, evidence_url: str, folder: Path, *, command: Sequence[str] = CHILD) -> None:
        self._evidence_url = evidence_url
        self._folder = folder
        self._command = tuple(command)
        self._known: dict[str, Standing] = {}
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._lock = threading.Lock()
        self._turn = threading.Lock()

    def start(self, wanted: TryOut, *, anew: bool = False) -> None:
        """Begin, unless it is under way, or was done before and is not wanted anew."""
        key = wanted.key
        with self._lock:
            standing = self._known.get(key)
            if standing is not None and standing.is_live:
                return
            if anew:
                shutil.rmtree(self._folder / key, ignore_errors=True)
            elif self.result(key) is not None:
                return
            self._known[key] = Standing(phase=Phase.WAITING)
        # The thread lives as long as the child: on Linux a child dies with the thread that started it.
        threading.Thread(target=self._work, args=(wanted,), name=f"try-out-{key[:8]}", daemon=True).start()

    def standing(self, key: str) -> Standing | None:
        """Where the try-out of that key is; None when it was not asked for."""
        with self._lock:
            standing = self._known.get(key)
        if standing is not None and standing.phase is not Phase.DONE:
            return standing
        return Standing(phase=Phase.DONE) if self.result(key) is not None else None

    def result(self, key: str) -> TryResult | None:
        """What the try-out of that key gave; None when it is not done, or no longer kept."""
        return load_result(self._folder / key)

    def changes_path(self, key: str) -> Path:
        """Where the changed pairs of a finished try-out are: a Parquet file of CHANGE_SCHEMA."""
        return self._folder / key / CHANGES

    def cancel(self, key: str) -> None:
        """End it, waiting or at work; asking twice is harmless."""
        with self._lock:
            standing = self._known.get(key)
            if standing is None or not standing.is_live:
                return
            self._known[key] = replace(standing, phase=Phase.CANCELLED)
            if child := self._children.get(key):
                child.kill()  # it has nothing that would need tidying up

    def is_busy(self) -> bool:
        """Whether a child is at work."""
        with self._lock:
            return bool(self._children)

    def _work(self, wanted: TryOut) -> None:
        key = wanted.key
        with self._turn:
            try:
                self._run_child(key, wanted)
            except Exception as problem:  # noqa: BLE001 - a thread's end: the page that asked shows it
                self._move(key, phase=Phase.FAILED, problem=str(problem) or type(problem).__name__)
            finally:
                with self._lock:
                    self._children.pop(key, None)
        self._forget_old()

    def _run_child(self, key: str, wanted: TryOut) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        request = {
            **wanted.document(),
            "evidence": self._evidence_url,
            "folder": str(self._folder / key),
            "parent": os.getpid(),
        }
        with self._lock:
            if not self._known[key].is_live:
                return
            child = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment()
            )
            self._children[key] = child
            self._known[key] = Standing(phase=Phase.RUNNING)
        limit = threading.Timer(LONGEST_SECONDS, child.kill)
        limit.daemon = True
        limit.start()
        try:
            said = self._listen(key, child, json.dumps(request).encode())
        finally:
            limit.cancel()
        self._end(key, child.returncode, said)

    def _listen(self, key: str, child: subprocess.Popen[bytes], request: bytes) -> dict[str, Any]:
        """Give the child its request and hear it to its end; returns the last thing it said."""
        assert child.stdin
        assert child.stdout
        said: dict[str, Any] = {}
        with suppress(BrokenPipeError), child.stdin:
            child.stdin.write(request)
        with child.stdout:
            for line in child.stdout:
                with suppress(ValueError):  # what a library prints is not for us
                    said = json.loads(line)
                    if "stage" in said:
                        self._move(key, **said)
        child.wait()
        return said

    def _end(self, key: str, status: int, said: dict[str, Any]) -> None:
        if status == 0:
            self._move(key, phase=Phase.DONE)
        elif status == REFUSED_BY_US:
            self._move(key, phase=Phase.FAILED, problem=said["text"])
        else:
            is_memory = status == OUT_OF_MEMORY or status < 0  # killed: the system does that for memory
            why = "it needs more memory than there is" if is_memory else "its process stopped"
            self._move(key, phase=Phase.FAILED, problem=str(TryOutStopped(why)))

    def _move(self, key: str, **values: Any) -> None:
        """Change where it is, unless it was cancelled."""
        with self._lock:
            standing = self._known[key]
            if standing.is_live:
                self._known[key] = replace(standing, **values)

    def _forget_old(self) -> None:
        with suppress(FileNotFoundError):  # another process forgets too
            results = sorted(self._folder.glob("*"), key=lambda path: path.stat().st_mtime, reverse=True)
            for path in results[KEPT:]:
                shutil.rmtree(path, ignore_errors=True)
