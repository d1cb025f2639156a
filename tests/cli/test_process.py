"""The commands as a shell starts them: exit status, streams apart, no traceback, no bars in a pipe."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from recon.demo import DemoFiles

ROOT = Path(__file__).parent.parent.parent


def _recon(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "recon", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


def test_json_is_all_there_is_on_stdout_and_nothing_on_stderr(sample: DemoFiles) -> None:
    ended = _recon("match", sample.gateway, sample.billing, "--json")
    assert ended.returncode == 0
    assert json.loads(ended.stdout)["counts"]["matched"] > 500
    assert ended.stderr == ""


def test_a_refusal_is_one_line_on_stderr() -> None:
    ended = _recon("match", "one.csv", "two.csv")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "one.csv is not there. Check the name and try again.\n"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
def test_bars_are_drawn_on_a_terminal_and_stdout_stays_clean(sample: DemoFiles) -> None:
    import pty

    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "recon", "match", str(sample.gateway), str(sample.billing), "--json"]
    with ThreadPoolExecutor(1) as pool:
        drawn = pool.submit(_read_all, leader)
        ended = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=follower, check=False, timeout=60)
        os.close(follower)
        assert "read source" in drawn.result()
    assert json.loads(ended.stdout)["counts"]["matched"] > 500


def _read_all(descriptor: int) -> str:
    """What is written to a terminal until its last writer closes it."""
    parts = []
    with suppress(OSError):
        while part := os.read(descriptor, 4096):
            parts.append(part)
    os.close(descriptor)
    return b"".join(parts).decode(errors="replace")


def test_help_names_every_command() -> None:
    ended = _recon("--help")
    assert ended.returncode == 0
    for command in ("parse", "match", "run", "up", "worker", "migrate", "demo", "bench"):
        assert f" {command} " in ended.stdout
