"""The lock that makes one process the owner of an embedded PostgreSQL, for as long as it lives."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from recon.store.postgres.problems import AlreadyOwned

_held: set[int] = set()
"""Locks this process holds. A fork gets copies of them, which would keep them locked after our death."""


def take(path: Path, home: Path) -> int:
    """The descriptor that holds the lock; our process id goes into the file, for the message to a second owner."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        owner = os.pread(descriptor, 20, 0).decode(errors="replace").strip()
        os.close(descriptor)
        raise AlreadyOwned(home, owner) from None
    os.truncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    _held.add(descriptor)
    return descriptor


def release(descriptor: int) -> None:
    """Let the next owner in."""
    _held.discard(descriptor)
    os.close(descriptor)


def _forget_in_child() -> None:
    for descriptor in _held:
        os.close(descriptor)
    _held.clear()


os.register_at_fork(after_in_child=_forget_in_child)
