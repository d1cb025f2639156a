"""The server as it is started, from outside."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    url: str
    status: int
    headers: Message
    body: bytes


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture(scope="module", params=["asgi.py", "app.py"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The script it was started from, and its address. No database: the server must stand without one."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", request.param, "--server.port", str(port)]
    environment = {**os.environ, "RECON_HOME": str(tmp_path_factory.mktemp("home"))}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(url)
        yield request.param, url
    finally:
        process.terminate()
        process.wait(20)


def _wait(url: str) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            if fetch(f"{url}/_stcore/health").body == b"ok":
                return
        except OSError:
            if time.monotonic() > until:
                raise
        time.sleep(0.1)


def test_pages_and_fonts_come_from_here_alone(server: tuple[str, str]) -> None:
    _, url = server
    page = fetch(url)
    assert page.status == 200
    assert not re.findall(rb'(?:src|href)="(?:https?:)?//', page.body)
    font = fetch(f"{url}/app/static/ibm-plex-sans-latin-wght-normal.woff2")
    assert font.status == 200
    assert font.body[:4] == b"wOF2"


def test_the_whole_server_has_the_gate_and_the_api(server: tuple[str, str]) -> None:
    script, url = server
    found = fetch(f"{url}/api/v1/health")
    if script == "app.py":  # the pages alone: no REST API, and nothing pretends to be one
        assert "application/json" not in (found.headers["content-type"] or "")
        return
    assert json.loads(found.body)["status"] == "ok"
    assert "frame-ancestors 'none'" in fetch(url).headers["content-security-policy"]
    assert fetch(url, host="evil.example").status == 400
    assert fetch(f"{url}/_stcore/metrics").status == 404


def test_the_start_page_has_a_name_too(server: tuple[str, str]) -> None:
    script, url = server
    if script == "asgi.py":
        assert fetch(f"{url}/overview?a=1").url == f"{url}/?a=1"


def fetch(url: str, *, host: str | None = None) -> Fetched:
    """The answer to a GET, whatever its status."""
    request = urllib.request.Request(url, headers={"Host": host} if host else {})  # noqa: S310 - our own server
    try:
        with urllib.request.urlopen(request, timeout=10) as found:  # noqa: S310 - the same
            return Fetched(url=found.url, status=found.status, headers=found.headers, body=found.read())
    except urllib.error.HTTPError as error:
        return Fetched(url=url, status=error.code, headers=error.headers, body=error.read())
