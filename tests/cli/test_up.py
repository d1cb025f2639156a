"""`python -m recon up`: all of Tieout starts, stays up and stops, on the real processes."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from recon.cli import up as command
from recon.cli.up import KeepsFalling, PortTaken
from recon.config import Settings
from recon.store.postgres import layout, postmaster
from tests.server import scratch

ROOT = Path(__file__).parents[2]


@pytest.fixture
def open_home() -> Iterator[Path]:
    """A home that any user may pass through, which pytest's own are not."""
    folder = Path(tempfile.mkdtemp(prefix="tieout-test-", dir=scratch()))
    folder.chmod(0o711)
    yield folder / "home"
    shutil.rmtree(folder, ignore_errors=True)  # a failed test may leave PostgreSQL on its way down


class Running:
    """A started `recon up`, read line by line."""

    def __init__(self, home: Path, **changes: str) -> None:
        self.port = _free_port()
        environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"} | changes
        self.process = subprocess.Popen(
            [sys.executable, "-m", "recon", "up"],
            cwd=ROOT,
            env={**environment, "RECON_HOME": str(home), "RECON_PORT": str(self.port)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def read_until(self, part: str) -> str:
        """The lines up to the first that contains this; fails with all of them when it never comes."""
        assert self.process.stdout
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            if part in line:
                return "".join(lines)
        raise AssertionError("".join(lines))

    def end(self, number: signal.Signals) -> str:
        """Signal it and read what else it says; it has ended."""
        self.process.send_signal(number)
        rest, _ = self.process.communicate(timeout=60)
        return rest


ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the kernel does not end orphans")


@ON_LINUX
@pytest.mark.crash
def test_all_starts_survives_a_death_and_stops_with_the_database_last(open_home: Path) -> None:
    running = Running(open_home)
    try:
        running.read_until(f"Tieout is ready: http://localhost:{running.port}")
        with urllib.request.urlopen(f"http://127.0.0.1:{running.port}/") as page:
            assert page.status == 200

        _kill_sidecar(running.process.pid)
        assert "starting again" in running.read_until("Tieout is ready")

        second = subprocess.run(
            [sys.executable, "-m", "recon", "up"],
            cwd=ROOT, env={**os.environ, "RECON_HOME": str(open_home), "RECON_PORT": str(_free_port())},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert second.returncode != 0
        assert f"process {running.process.pid}" in second.stdout + second.stderr
        assert "Traceback" not in second.stdout + second.stderr

        rest = running.end(signal.SIGINT)
    finally:
        running.process.kill()
        running.process.wait()
    assert rest.rstrip().endswith("Tieout is stopped.")
    assert running.process.returncode == 0
    assert postmaster.running_pid(layout.find(open_home)) is None
    assert _port_is_free(running.port)


@ON_LINUX
@pytest.mark.crash
def test_killed_outright_it_leaves_nothing_that_keeps_the_next_start_away(open_home: Path) -> None:
    for _start in range(2):
        running = Running(open_home)
        try:
            running.read_until("Tieout is ready")
        finally:
            running.process.kill()
            running.process.wait()
    _wait_until_stopped(open_home)


@pytest.mark.crash
def test_with_a_server_no_database_is_started_and_sigterm_stops_the_rest(home: Path, database_url: str) -> None:
    running = Running(home, DATABASE_URL=database_url)
    try:
        running.read_until("Tieout is ready")
        rest = running.end(signal.SIGTERM)
    finally:
        running.process.kill()
        running.process.wait()
    assert rest.rstrip().endswith("Tieout is stopped.")
    assert not (home / "postgres").exists()
    assert _port_is_free(running.port)


def test_a_taken_port_is_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(PortTaken, match="RECON_PORT="):
            command._refuse_taken(taken.getsockname()[1])


def test_a_part_that_always_falls_is_left_stopped_with_a_reason(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_signals: None
) -> None:
    (tmp_path / "Procfile").write_text("web: sleep 600\nsidecar: false\n")
    monkeypatch.setattr(command, "ROOT", tmp_path)
    monkeypatch.setattr(command, "BACK_OFF_SECONDS", (0, 0))
    with pytest.raises(KeepsFalling, match="3 times in a row"):
        command._keep_running(settings, threading.Event())


def test_a_lost_database_stops_the_rest(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_signals: None
) -> None:
    (tmp_path / "Procfile").write_text("web: sleep 600\nsidecar: sleep 600\n")
    monkeypatch.setattr(command, "ROOT", tmp_path)
    lost = threading.Event()
    threading.Timer(0.3, lost.set).start()
    command._keep_running(settings, lost)


@pytest.fixture
def own_signals() -> Iterator[None]:
    """Puts back the signal handlers that the supervised processes' manager sets."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def _kill_sidecar(owner: int) -> None:
    """The sidecar among the processes below `owner`."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(folder.name))
    below = [owner]
    for process in below:
        below += children.get(process, [])
    (sidecar,) = (
        process for process in below if b"sidecar.py" in Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
    )
    os.kill(sidecar, signal.SIGKILL)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def _wait_until_stopped(home: Path) -> None:
    until = time.monotonic() + 60
    while postmaster.running_pid(layout.find(home)) is not None:
        assert time.monotonic() < until, "PostgreSQL goes on"
        time.sleep(0.05)
