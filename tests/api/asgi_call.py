"""One request to an ASGI application, without a server and without a client library."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: str


def call(app: ASGIApp, path: str = "/", *, method: str = "GET", host: str = "localhost") -> Answer:
    """An HTTP request and its answer."""
    sent = asyncio.run(_exchange(app, {"type": "http", "method": method, **_address(path, host)}))
    start = next(message for message in sent if message["type"] == "http.response.start")
    body = b"".join(message.get("body", b"") for message in sent if message["type"] == "http.response.body")
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    return Answer(status=start["status"], headers=headers, body=body.decode())


def is_websocket_accepted(app: ASGIApp, path: str, *, host: str) -> bool:
    """Whether a websocket could be opened."""
    extensions: dict[str, Any] = {"websocket.http.response": {}}
    scope = {"type": "websocket", "extensions": extensions, "subprotocols": [], **_address(path, host)}
    return any(message["type"] == "websocket.accept" for message in asyncio.run(_exchange(app, scope)))


def _address(path: str, host: str) -> dict[str, Any]:
    return {
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "scheme": "http",
        "headers": [(b"host", host.encode())],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8501),
        "http_version": "1.1",
    }


async def _exchange(app: ASGIApp, scope: dict[str, Any]) -> list[Any]:
    sent: list[Any] = []
    received = iter([{"type": "websocket.connect"}] if scope["type"] == "websocket" else [])

    async def receive() -> Any:
        return next(received, {"type": "http.request", "body": b"", "more_body": False})

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent
