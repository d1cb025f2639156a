"""Verifying because somebody clicked: a child process works, one at a time and not for ever; a page asks how far it is.

What it finds the child records in the audit log, so nothing of it is kept here.
"""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final

from recon.workflows.child_process import environment, module_command

CHILD: Final = module_command("recon.workflows.verify_child")
LONGEST_SECONDS: Final = 1800.0
REFUSED: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyState:
    """How far it is, in parts of its stage (`logs`, `files`, `replay`); `problem`: why it was not carried out."""

    is_live: bool = False
    stage: str = "starting"
    done_count: int = 0
    total_count: int = 0
    problem: str | None = None


class VerifyOnDemand:
    """The one verification of this process."""

    def __init__(self, command: Sequence[str] = CHILD, *, longest_seconds: float = LONGEST_SECONDS) -> None:
        self._command = tuple(command)
        self._longest = longest_seconds
        self._lock = threading.Lock()
        self._state = VerifyState()
        self._child: subprocess.Popen[bytes] | None = None

    def start(self, *, actor: str) -> bool:
        """Begin; False when one is under way."""
        with self._lock:
            if self._state.is_live:
                return False
            self._state = VerifyState(is_live=True)
        # The thread lives as long as the child: on Linux a child dies with the thread that started it.
        threading.Thread(target=self._work, args=(actor,), name="verify", daemon=True).start()
        return True

    def state(self) -> VerifyState:
        with self._lock:
            return self._state

    def stop(self) -> None:
        """End it; asking twice is harmless."""
        with self._lock:
            if self._child is not None:
                self._state = replace(self._state, problem="Stopped. Nothing was recorded.")
                self._child.kill()  # it only reads

    def _work(self, actor: str) -> None:
        problem: str | None = None
        try:
            problem = self._run_child({"parent": os.getpid(), "actor": actor})
        except OSError as error:
            problem = f"The process that verifies could not be started: {error}."
        finally:
            with self._lock:
                self._child = None
                self._state = VerifyState(problem=self._state.problem or problem)

    def _run_child(self, request: dict[str, Any]) -> str | None:
        """Hear the child to its end; why it was not carried out, if so."""
        child = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment()
        )
        with self._lock:
            self._child = child
        limit = threading.Timer(self._longest, child.kill)
        limit.daemon = True
        limit.start()
        assert child.stdin
        assert child.stdout
        said: dict[str, Any] = {}
        try:
            with suppress(BrokenPipeError), child.stdin:
                child.stdin.write(json.dumps(request).encode())
            with child.stdout:
                for line in child.stdout:
                    with suppress(ValueError):  # what a library prints is not for us
                        said = self._hear(json.loads(line))
            child.wait()
        finally:
            limit.cancel()
        if child.returncode == 0:
            return None
        if child.returncode == REFUSED:
            return str(said.get("text"))
        return (
            "The process that verifies ended early: nothing was recorded. `python -m recon verify` has no time limit."
        )

    def _hear(self, said: dict[str, Any]) -> dict[str, Any]:
        if "stage" in said:
            with self._lock:
                self._state = replace(
                    self._state, stage=said["stage"], done_count=said["done"], total_count=said["total"]
                )
        return said
