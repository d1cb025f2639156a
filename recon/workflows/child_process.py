"""What a child process does first: tie its life to its parent's, and bound what a hostile file can make it take."""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

IS_LINUX: Final = platform.system() == "Linux"
_PR_SET_PDEATHSIG: Final = 1
_CONTAINER_LIMIT: Final = Path("/sys/fs/cgroup/memory.max")
_WATCH_SECONDS: Final = 1.0
_MEMORY_SHARE: Final = 0.9


def die_with_parent(parent: int) -> None:
    """End this process, however busy, when process `parent`, which started it, ends: nothing is left to work unseen."""
    if IS_LINUX:
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it ended before we asked
            os._exit(1)
        return
    threading.Thread(target=_watch, args=(parent,), name="parent-watch", daemon=True).start()


def limit_memory() -> None:
    """Take a `MemoryError` before the system's out-of-memory killer chooses some other process. Linux only."""
    if not IS_LINUX:
        return
    import resource  # POSIX only

    limit = int(_memory_bytes() * _MEMORY_SHARE)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _memory_bytes() -> int:
    """What the machine has, or what the container may use of it."""
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    with suppress(OSError, ValueError):  # no such file, or the word "max"
        return min(machine, int(_CONTAINER_LIMIT.read_text()))
    return machine


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_WATCH_SECONDS)
    os._exit(1)
