"""`python -m recon up`: everything on one machine, in one terminal.

PostgreSQL starts first and stops last; between, the processes of the Procfile. Ctrl-C or SIGTERM stops all.
One of them that dies takes the others with it, and all start again, a few times. If this process is killed outright,
Linux stops what it started.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shlex
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import Any

import typer
from honcho.environ import parse_procfile
from honcho.manager import Manager
from honcho.process import Process

import recon
from recon.config import Settings, settings
from recon.errors import TieoutError
from recon.store import roles
from recon.store.embedded import own
from recon.store.engine import connect
from recon.store.migrate import migrate
from recon.store.postgres.launch import LAUNCH, PR_SET_PDEATHSIG

ROOT = Path(recon.__file__).parent.parent
STOPPED_BY_SIGNAL = (130, 143)
BACK_OFF_SECONDS = (1, 2, 5, 10)
STEADY_SECONDS = 600
"""After so long without a fall, earlier ones no longer count."""


class PortTaken(TieoutError):
    code = "PORT_TAKEN"

    def __init__(self, port: int) -> None:
        super().__init__(
            f"Port {port} is in use, perhaps by another Tieout. Stop it, or choose another port: "
            f"RECON_PORT={port + 1} make run"
        )


class KeepsFalling(TieoutError):
    code = "PROCESS_KEEPS_FALLING"

    def __init__(self, count: int) -> None:
        super().__init__(
            f"The web server or the sidecar stopped {count} times in a row and is left stopped, with all the rest. "
            "What it said is above."
        )


class _Child(Process):  # type: ignore[misc]
    """honcho's helper process that holds one of ours; it ends when we do, even when we are killed."""

    def run(self, events: Any = None, ignore_signals: bool = False) -> None:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL.value)
        super().run(events, ignore_signals)


def up() -> None:
    """Start the database, the web server and the sidecar; return when all are stopped."""
    chosen = settings()
    signal.signal(signal.SIGTERM, _interrupt)
    with contextlib.suppress(KeyboardInterrupt):
        _refuse_taken(chosen.port)
        with _database(chosen) as problem:
            _migrate(chosen)
            _keep_running(chosen, problem)
    typer.echo("Tieout is stopped.")


@contextlib.contextmanager
def _database(chosen: Settings) -> Iterator[threading.Event]:
    """The database runs for the length of the block; the event is set should it be lost for good."""
    if chosen.database_url:
        yield threading.Event()
        return
    with own(chosen.home, say=typer.echo) as server:
        yield server.lost


def _migrate(chosen: Settings) -> None:
    engine = connect(chosen)
    if migrate(engine):
        typer.echo("The database is up to date.")
    if shortfall := roles.shortfall(engine):
        typer.echo(shortfall)
    engine.dispose()


def _keep_running(chosen: Settings, database_lost: threading.Event) -> None:
    falls = 0
    while not database_lost.is_set():
        began = time.monotonic()
        if _run_once(chosen, database_lost) in STOPPED_BY_SIGNAL or database_lost.is_set():
            return
        falls = falls + 1 if time.monotonic() - began < STEADY_SECONDS else 1
        if falls > len(BACK_OFF_SECONDS):
            raise KeepsFalling(falls)
        typer.echo("A part of Tieout stopped unexpectedly; starting again ...")
        signal.signal(signal.SIGTERM, _interrupt)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        time.sleep(BACK_OFF_SECONDS[falls - 1])


def _run_once(chosen: Settings, database_lost: threading.Event) -> int:
    """Run the Procfile until one of its processes ends or we are told to stop. The exit code."""
    manager = Manager()
    manager._process_ctor = _Child
    environment = _environment(chosen)
    for name, line in parse_procfile((ROOT / "Procfile").read_text()).processes.items():
        manager.add_process(name, _tied_to_parent(line), env=environment, cwd=str(ROOT))
    over = threading.Event()
    threading.Thread(target=_announce, args=(chosen.port, over), daemon=True).start()
    threading.Thread(target=_stop_when, args=(database_lost, manager, over), daemon=True).start()
    try:
        manager.loop()
    finally:
        over.set()
    return int(manager.returncode)


def _environment(chosen: Settings) -> Mapping[str, str]:
    return {
        **os.environ,
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath))),
        "PYTHONUNBUFFERED": "1",
        "RECON_HOME": str(chosen.home.absolute()),
        "RECON_PORT": str(chosen.port),
    }


def _tied_to_parent(line: str) -> str:
    """The shell command that runs a Procfile line so that it is told to stop when its parent dies."""
    wrapper = [sys.executable, "-I", "-S", LAUNCH]
    rest = [str(signal.SIGTERM.value), "-1", "-1", "/bin/sh", "-c", f"exec {line}"]
    return f"exec {shlex.join(wrapper)} $PPID {shlex.join(rest)}"


def _announce(port: int, over: threading.Event) -> None:
    """Print the address as soon as the web server answers."""
    health = f"http://127.0.0.1:{port}/_stcore/health"
    while not over.wait(0.2):
        with contextlib.suppress(OSError), urllib.request.urlopen(health, timeout=2) as answer:
            if answer.status == 200:
                typer.secho(f"\n  Tieout is ready: http://localhost:{port}   (Ctrl-C stops it)\n", bold=True)
                return


def _stop_when(lost: threading.Event, manager: Manager, over: threading.Event) -> None:
    while not over.wait(0.5):
        if lost.is_set():
            manager.terminate()
            return


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise PortTaken(port) from None


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
