"""A broker on a port of this machine: the sample broker behind real HTTP, and everything that goes wrong there.

    with FakeBroker(books) as broker:
        broker.faults.append(status(503, times=2))

A fault sees each call and answers in the broker's place, or returns None and leaves it to the next.
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from recon.connectors.brokers.sample import SampleBooks, answer

TOKEN = "s3cret"  # noqa: S105


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request: its path and cursor, and how often this very one was made before."""

    path: str
    cursor: str | None
    before: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=lambda: {"content-type": "application/json"})
    cut_at: int | None = None  # bytes sent before the connection is dropped


Fault = Callable[[Call], Reply | None]


def status(code: int, *, times: int = 10**6, at: str = "", headers: Mapping[str, str] | None = None) -> Fault:
    """The first calls of each path that contains `at` are answered with this status."""
    kind = {"content-type": "text/html"} | dict(headers or {})
    return lambda call: (
        Reply(status=code, body=b"<html>Oops</html>", headers=kind) if at in call.path and call.before < times else None
    )


def says(document: Any, *, at: str, cursor: str | None = None) -> Fault:
    """Paths that end in `at` are answered with this instead: a document, or bytes as they are."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return lambda call: Reply(body=body) if call.path.endswith(at) and call.cursor == cursor else None


def replies(reply: Reply, *, at: str = "") -> Fault:
    return lambda call: reply if at in call.path else None


def slow(seconds: float, *, at: str = "") -> Fault:
    """It answers, but late."""

    def wait(call: Call) -> None:
        if at in call.path:
            time.sleep(seconds)

    return wait


class FakeBroker:
    """Serves `books` for the length of a `with`; both they and `faults` may be changed meanwhile."""

    def __init__(self, books: SampleBooks, *, page_size: int = 100) -> None:
        self.books = books
        self.page_size = page_size
        self.faults: list[Fault] = []
        self.calls: list[Call] = []
        self.most_at_once = 0
        self._at_once = 0
        self._counts: Counter[tuple[str, str | None]] = Counter()
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def reply(self, path: str, cursor: str | None, authorization: str | None) -> Reply:
        if authorization != f"Bearer {TOKEN}":
            return Reply(status=401)
        with self._lock:
            call = Call(path=path, cursor=cursor, before=self._counts[path, cursor])
            self._counts[path, cursor] += 1
            self.calls.append(call)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            for fault in self.faults:
                if (reply := fault(call)) is not None:
                    return reply
            document = answer(self.books, path, cursor, page_size=self.page_size)
            return Reply(status=404) if document is None else Reply(body=json.dumps(document).encode())
        finally:
            with self._lock:
                self._at_once -= 1


def _handler(broker: FakeBroker) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet, or each answer waits for the other side's delayed ACK

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            cursor = parse_qs(parts.query).get("cursor", [None])[0]
            reply = broker.reply(parts.path, cursor, self.headers.get("authorization"))
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body[: reply.cut_at])
            self.close_connection = reply.cut_at is not None

        def log_message(self, *_: object) -> None:
            """Silent."""

    return Handler
