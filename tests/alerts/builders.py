"""Changes of a check's status, and a web server that behaves as badly as it is told to."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from recon.model.checks import Category, CheckBook, CheckStatus, StatusChange

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


def change(before: str | None, after: str, *, variance_count: int = 0) -> StatusChange:
    return StatusChange(
        run_id=7,
        check_name="account_totals",
        category=Category.DERIVATION,
        book=CheckBook.UAE,
        before=CheckStatus(before) if before else None,
        after=CheckStatus(after),
        summary="Account 12 of Ms Example is off by 1.00 AED.",
        variance_count=variance_count,
        at=AT,
    )


Behave = Callable[[socket.socket], None]


@dataclass
class Receiver:
    """Every request as it came, and the address to send to."""

    url: str
    requests: list[bytes] = field(default_factory=list)

    def headers(self, place: int) -> dict[str, str]:
        head = self.requests[place].split(b"\r\n\r\n")[0].decode("latin-1")
        return {name.lower(): value for name, _, value in (line.partition(": ") for line in head.splitlines()[1:])}

    def body(self, place: int) -> bytes:
        return self.requests[place].split(b"\r\n\r\n", 1)[1]


@contextmanager
def receiver(behave: Behave, *, tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A server on this machine that reads each request whole and then does `behave` with the connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        found = Receiver(url=f"http://127.0.0.1:{listener.getsockname()[1]}/hook?key=secret")

        def listen() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    threading.Thread(target=serve, args=(connection,), daemon=True).start()

        def serve(connection: socket.socket) -> None:
            with connection, suppress(OSError):
                spoken = tls.wrap_socket(connection, server_side=True) if tls else connection
                with spoken:
                    found.requests.append(_request(spoken))
                    behave(spoken)

        threading.Thread(target=listen, daemon=True).start()
        yield found


def answering(*heads: str) -> Behave:
    """Answer the first request with the first head (`429 Too Many\\r\\nRetry-After: 7`), and so on; the last stays."""
    left = list(heads)

    def behave(connection: socket.socket) -> None:
        head = left.pop(0) if len(left) > 1 else left[0]
        connection.sendall(f"HTTP/1.1 {head}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())

    return behave


def _request(connection: socket.socket) -> bytes:
    found = b""
    while b"\r\n\r\n" not in found:
        found += connection.recv(65_536)
    head, _, body = found.partition(b"\r\n\r\n")
    length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    while len(body) < length:
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body
