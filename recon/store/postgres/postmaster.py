"""The postmaster as a process: starting it, finding one that runs, telling whether it answers, stopping it.

It answers when a real connection reports our data folder; a process id alone proves nothing, it may be reused. No
process is signalled before its command line was seen to name our data folder.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg

from recon.store.postgres.account import Account
from recon.store.postgres.cluster import SUPERUSER
from recon.store.postgres.launch import LAUNCH
from recon.store.postgres.layout import PORT, Layout
from recon.store.postgres.problems import StopFailed
from recon.store.postgres.programs import Programs

PATIENCE_SECONDS = 30
"""For a fast shutdown (SIGINT), and once more for an immediate one (SIGQUIT)."""


def launch(layout: Layout, programs: Programs, account: Account) -> subprocess.Popen[bytes]:
    """Start it, in its own session, so that Ctrl-C in the terminal does not reach it before its clients.

    On Linux it shuts down cleanly when the calling *thread* ends, however that happens.
    """
    uid, gid = (account.uid, account.gid) if account.is_other else (-1, -1)
    wrapper = [sys.executable, "-I", "-S", LAUNCH, *map(str, (os.getpid(), signal.SIGINT.value, uid, gid))]
    command = [str(programs.postgres), "-D", str(layout.data), "-k", str(layout.run), "-p", str(PORT)]
    environment = {"LC_ALL": "C", "PATH": os.defpath}
    stale = recorded_pid(layout)
    if stale is not None and not is_ours(stale, layout):
        environment["PG_GRANDPARENT_PID"] = str(stale)  # a process id PostgreSQL then takes for dead, not for its rival
    with start_log(layout).open("wb") as log:
        return subprocess.Popen(  # noqa: S603 - our launcher and the wheel's program
            wrapper + command,
            cwd=layout.root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def start_log(layout: Layout) -> Path:
    """What it says before its own log files are open."""
    return layout.log / "start.log"


def last_words(layout: Layout, *, lines: int = 5) -> str:
    """The end of its start log and of its newest log file."""
    newest = max(layout.log.glob("pg-*.log"), key=lambda path: path.stat().st_mtime, default=None)
    found: list[str] = []
    for path in (start_log(layout), newest):
        if path is not None and path.exists():
            found += path.read_text(errors="replace").splitlines()[-lines:]
    return "\n".join(found)


def connection_string(layout: Layout, *, database: str = "postgres", user: str = SUPERUSER) -> str:
    """libpq's form, through the socket."""
    return psycopg.conninfo.make_conninfo(host=str(layout.run), port=PORT, dbname=database, user=user)


def answers(layout: Layout) -> bool:
    """Whether a postmaster on our socket accepts connections and serves our data folder."""
    try:
        with psycopg.connect(connection_string(layout), connect_timeout=5, autocommit=True) as connection:
            row = connection.execute("show data_directory").fetchone()
    except psycopg.Error:
        return False
    return row is not None and Path(row[0]).resolve() == layout.data


def recorded_pid(layout: Layout) -> int | None:
    """The process id in postmaster.pid; the file outlives a crash."""
    try:
        first, *_ = (layout.data / "postmaster.pid").read_text().splitlines() or [""]
    except OSError:
        return None
    return int(first) if first.isdecimal() else None


def is_ours(pid: int, layout: Layout) -> bool:
    """Whether this process is a postmaster on our data folder."""
    arguments = _command_line(pid)
    return "-D" in arguments and str(layout.data) in arguments and "postgres" in arguments


def running_pid(layout: Layout) -> int | None:
    """The process id of the postmaster on our data folder, whoever started it; None when none runs."""
    pid = recorded_pid(layout)
    return pid if pid is not None and is_ours(pid, layout) else None


def stop(pid: int, layout: Layout, child: subprocess.Popen[bytes] | None) -> None:
    """Stop it: sessions are ended, everything committed is on disk. SIGINT first, SIGQUIT after 30 s."""
    for number in (signal.SIGINT, signal.SIGQUIT):
        if not is_ours(pid, layout):
            return
        os.kill(pid, number)
        if _is_gone(pid, layout, child, seconds=PATIENCE_SECONDS):
            return
    raise StopFailed(pid, 2 * PATIENCE_SECONDS)


def _is_gone(pid: int, layout: Layout, child: subprocess.Popen[bytes] | None, *, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if (child.poll() is not None) if child else not is_ours(pid, layout):
            return True
        time.sleep(0.02)
    return False


def _command_line(pid: int) -> str:
    """The command line, one space between arguments; empty when there is no such process, or a zombie."""
    if Path("/proc/self/cmdline").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    listing = subprocess.run(["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, check=False)  # noqa: S603
    return listing.stdout.decode(errors="replace")
