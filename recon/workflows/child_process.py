"""Child processes: how one is started, how its life is tied to its parent's, and how much memory it may take."""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

import recon

IS_LINUX: Final = platform.system() == "Linux"
MEMORY: Final = {
    "GLIBC_TUNABLES": ":".join(
        f"glibc.malloc.{name}"
        for name in (
            "hugetlb=1",
            "arena_max=1",
            "mmap_threshold=33554432",
            "trim_threshold=4294967296",
            "top_pad=67108864",
        )
    ),
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "OPENBLAS_NUM_THREADS": "1",
}
"""For short lives with large arrays: one heap for numpy and Arrow, in huge pages, which keeps what is freed to be used
again. Else the system clears every page many times over, which took up to a third of the time. Nothing here multiplies
matrices."""

_PR_SET_PDEATHSIG: Final = 1
_CONTAINER_LIMIT: Final = Path("/sys/fs/cgroup/memory.max")
_WATCH_SECONDS: Final = 1.0
_MEMORY_SHARE: Final = 0.9


def module_command(module: str) -> tuple[str, ...]:
    """The command that runs a module of ours in a process of its own."""
    return (sys.executable, "-m", module)


def environment() -> dict[str, str]:
    """This process's environment, in which a child finds our modules wherever this process was started."""
    root = str(Path(recon.__file__).parents[1])
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    return {**MEMORY, **os.environ, "PYTHONPATH": path}


def die_with_parent(parent: int) -> None:
    """End this process, however busy, when process `parent`, which started it, ends: nothing is left to work unseen."""
    if IS_LINUX:
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it ended before we asked
            os._exit(1)
        return
    threading.Thread(target=_watch, args=(parent,), name="parent-watch", daemon=True).start()


class _Absent:
    """An import finder that says a library is not installed."""

    def __init__(self, name: str) -> None:
        self._name = name

    def find_spec(self, fullname: str, path: object, target: object = None, /) -> None:
        if fullname == self._name:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)


def without_pandas() -> None:
    """Keep pyarrow from loading pandas, which it does to recognise its objects: we have none, and it takes its time."""
    sys.meta_path.insert(0, _Absent("pandas"))


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
