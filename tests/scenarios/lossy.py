"""A way to the database that loses the one message nobody may lose: the COMMIT of a publication, or its answer."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import URL

COPY = b"copy discrepancy"
COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"  # as the protocol sends a simple query


@dataclass
class Lossy:
    """Listens on localhost and passes everything on to the server's socket, until it strikes, once.

    `keeps_commit`: whether the server hears of the COMMIT whose answer is lost.
    """

    server: str
    keeps_commit: bool
    has_struck: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def url(self, direct: URL) -> Iterator[URL]:
        """The address of the same database by this way."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
            yield direct.set(host="127.0.0.1", port=listener.getsockname()[1], query={"sslmode": "disable"})

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):  # closed: the test is over
            while True:
                client, _ = listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self.server)
                threading.Thread(target=self._to_server, args=(client, server), daemon=True).start()
                threading.Thread(target=_pump, args=(server, client), daemon=True).start()

    def _to_server(self, client: socket.socket, server: socket.socket) -> None:
        is_publishing = False
        with contextlib.suppress(OSError):
            while message := client.recv(1 << 16):
                is_publishing = is_publishing or COPY in message
                if is_publishing and message == COMMIT and not self.has_struck.is_set():
                    self.has_struck.set()
                    self._strike(client, server)
                    return
                server.sendall(message)
        _close(server)

    def _strike(self, client: socket.socket, server: socket.socket) -> None:
        client.shutdown(socket.SHUT_RDWR)  # the client hears nothing more
        if self.keeps_commit:
            server.sendall(COMMIT)
            server.shutdown(socket.SHUT_WR)
        else:
            _close(server)


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while message := source.recv(1 << 16):
            target.sendall(message)
    _close(target)


def _close(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
